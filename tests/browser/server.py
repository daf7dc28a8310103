"""The server that the product runs on, over the database of the tests."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from django.contrib.staticfiles.handlers import ASGIStaticFilesHandler
from django.core.asgi import get_asgi_application

from exchange.core.sending import offering_zero_copy
from exchange.local.zero_copy import ZeroCopyProtocol
from exchange.web.live.router import LiveRouter

QUEUE_MAX = 64
STOP_SECONDS = 1  # for the streams that pages keep open


@contextmanager
def serving() -> Iterator[str]:
    """Uvicorn in a thread, with streams and files sent by the kernel; its address."""
    django = ASGIStaticFilesHandler(get_asgi_application())
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        door.listen(QUEUE_MAX)  # who comes before the server is up waits here
        config = uvicorn.Config(
            LiveRouter(offering_zero_copy(django)),
            http=ZeroCopyProtocol,
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            timeout_graceful_shutdown=STOP_SECONDS,
        )
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [door]})
        thread.start()
        try:
            yield f"http://localhost:{door.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()
