"""uvicorn's HTTP protocol, with `http.response.zerocopysend` of ASGI: the kernel sends the file.

Used as `uvicorn --http exchange.local.zero_copy:ZeroCopyProtocol`. It has the patience of
`exchange.local.slow_requests`; everything else is uvicorn's own;
over TLS of its own uvicorn's loop falls back to reading.
"""

import asyncio
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import RequestResponseCycle

from exchange.local.slow_requests import PatientProtocol

EXTENSION = "http.response.zerocopysend"
# A reader who does not take one slice in this time has gone without saying so.
SLICE_SECONDS = 600


class _Stretch(bytes):
    """Stands for bytes that the kernel will send: h11 counts them and never looks at them."""

    span: int

    @classmethod
    def of(cls, count: int) -> "_Stretch":
        stretch = cls()
        stretch.span = count
        return stretch

    def __len__(self) -> int:
        return self.span

    def __bool__(self) -> bool:
        return bool(self.span)


class ZeroCopyProtocol(PatientProtocol):
    """One connection. The application finds the extension in its scope."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        inner = self.app

        async def offering(scope: Any, receive: Any, send: Any) -> None:
            cycle: RequestResponseCycle = send.__self__

            async def send_either(message: Any) -> None:
                if message["type"] == EXTENSION:
                    await self._send_file(cycle, message)
                else:
                    await send(message)

            extensions = {**(scope.get("extensions") or {}), EXTENSION: {}}
            await inner({**scope, "extensions": extensions}, receive, send_either)

        self.app = offering

    async def _send_file(self, cycle: RequestResponseCycle, message: Any) -> None:
        """Send `count` bytes of `file` from `offset` on. Raises OSError when the reader has gone."""
        if cycle.disconnected or self.transport.is_closing():
            raise ConnectionResetError("The reader has gone.")
        stretch = _Stretch.of(message["count"])
        try:
            for piece in self.conn.send_with_data_passthrough(h11.Data(data=stretch)) or []:
                if piece is stretch:
                    async with asyncio.timeout(SLICE_SECONDS):
                        await self.loop.sendfile(
                            self.transport, message["file"], message["offset"], message["count"]
                        )
                else:
                    self.transport.write(piece)
        except (OSError, TimeoutError, RuntimeError):
            cycle.disconnected = True
            self.transport.abort()
            raise ConnectionResetError("The reader has gone.") from None
