"""The broker on files hands out whole messages or none."""

import threading
from pathlib import Path
from queue import Empty

import pytest
from kombu import Connection

from exchange.local import files_broker


@pytest.fixture
def connection(tmp_path: Path) -> Connection:
    files_broker.register()
    for name in ("messages", "control"):
        (tmp_path / name).mkdir()
    return Connection(
        "files://localhost",
        transport_options={
            "data_folder_in": str(tmp_path / "messages"),
            "data_folder_out": str(tmp_path / "messages"),
            "control_folder": str(tmp_path / "control"),
        },
    )


def test_a_message_that_is_still_being_written_is_not_seen(
    connection: Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    half, go_on = threading.Event(), threading.Event()
    replace = Path.replace

    def slowly(source: Path, target: Path) -> Path:
        half.set()
        assert go_on.wait(10)
        return replace(source, target)

    monkeypatch.setattr(Path, "replace", slowly)
    with connection:
        queue = connection.SimpleQueue("slow")
        writer = threading.Thread(target=queue.put, args=({"n": 1},))
        writer.start()
        assert half.wait(10)
        with pytest.raises(Empty):
            queue.get(block=False)
        go_on.set()
        writer.join()
        assert queue.get(block=False).payload == {"n": 1}


def test_a_message_that_a_killed_writer_left_torn_is_dropped(
    connection: Connection, tmp_path: Path
) -> None:
    (tmp_path / "messages" / "1_first.torn.msg").write_bytes(b"")
    with connection:
        queue = connection.SimpleQueue("torn")
        with pytest.raises(Empty):
            queue.get(block=False)
        queue.put({"n": 2})
        assert queue.get(block=False).payload == {"n": 2}
