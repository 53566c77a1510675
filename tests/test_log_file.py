"""The log file of a data folder: bounded, shared, and without anybody's words."""

import logging
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from mcp import Client
from mcp.client.stdio import StdioServerParameters

from memoryos_mcp.domain.errors import StoreUnavailableError
from memoryos_mcp.storage.log_file import KEPT, LONGEST_BYTES, log_path, log_to_file

from .stdio_wire import ROOT

WRITER = """
import logging, sys
from pathlib import Path
from memoryos_mcp.domain.errors import StoreUnavailableError
from memoryos_mcp.storage.log_file import log_to_file
log_to_file(Path(sys.argv[1]))
logger = logging.getLogger("memoryos_mcp.test")
logger.setLevel(logging.INFO)
for number in range(300):
    logger.info("%s %d %s", sys.argv[2], number, "x" * 4000)
"""


@pytest.fixture
def root_handlers() -> Iterator[None]:
    """Take away the handlers that a test adds."""
    root = logging.getLogger()
    before = list(root.handlers)
    yield
    for handler in set(root.handlers) - set(before):
        root.removeHandler(handler)
        handler.close()


def test_several_processes_write_one_log_that_turns_over(tmp_path: Path) -> None:
    """Ours: hosts start copies; 2.4 MB of records leave whole lines in files within the bound."""
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path), name], cwd=ROOT, stderr=subprocess.PIPE)
        for name in ("one", "two")
    ]
    errors = [writer.communicate(timeout=30)[1] for writer in writers]
    files = sorted(path for path in log_path(tmp_path).parent.iterdir() if path.name.startswith("memoryos-mcp.log"))
    lines = [line for path in files for line in path.read_text(encoding="utf-8").splitlines()]

    assert errors == [b"", b""]
    assert 2 <= len(files) <= KEPT + 1
    assert max(path.stat().st_size for path in files) <= LONGEST_BYTES + 10_000  # the record that reaches the bound
    assert all(line.endswith("x" * 4000) for line in lines)
    assert {"one 299", "two 299"} <= {line.split(": ")[1].rpartition(" ")[0] for line in lines}


@pytest.mark.usefixtures("root_handlers")
def test_what_foreign_exceptions_say_stays_out_of_the_log(tmp_path: Path) -> None:
    """Regression: the message of a library's error may quote what somebody said, and forgetting does not reach logs."""
    log_to_file(tmp_path)
    quoted = "private words"
    try:
        try:
            int(quoted)
        except ValueError as exc:
            raise KeyError(quoted) from exc
    except KeyError as exc:
        failed = exc
    logging.getLogger("memoryos_mcp.test").error("it failed", exc_info=failed)
    logging.getLogger("memoryos_mcp.test").error("no folder", exc_info=StoreUnavailableError("the disk is full"))
    text = log_path(tmp_path).read_text(encoding="utf-8")

    assert "test_log_file.py" in text
    assert "ValueError\nThen:" in text
    assert "\nKeyError\n" in text
    assert "the disk is full" in text
    assert "private" not in text


@pytest.mark.usefixtures("root_handlers")
def test_asking_twice_logs_once(tmp_path: Path) -> None:
    """Ours: a memory that could not be opened is opened again at the next call."""
    for _ in range(2):
        log_to_file(tmp_path)
    logging.getLogger("memoryos_mcp.test").warning("a warning")

    assert log_path(tmp_path).read_text(encoding="utf-8").count("a warning") == 1


@pytest.mark.usefixtures("root_handlers")
def test_a_folder_that_takes_no_log_is_said_and_no_reason_to_stop(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Ours: the log is a help, not a condition."""
    (tmp_path / "logs").write_text("a file where the folder should be", encoding="utf-8")
    log_to_file(tmp_path)

    assert "no log file" in caplog.text


@pytest.mark.anyio
async def test_a_server_logs_into_its_data_folder_without_memory_text(tmp_path: Path) -> None:
    """Ours: what went wrong can be read later; what was said cannot."""
    server = StdioServerParameters(
        command=sys.executable,
        args=["-m", "memoryos_mcp"],
        cwd=ROOT,
        env={"MEMORYOS_DATA_DIR": str(tmp_path), "MEMORYOS_EMBEDDER": "bundled"},
    )
    async with Client(server) as client:
        for number in range(12):
            said = {"user_input": f"My parrot Zebedee has {number} toys.", "agent_response": "Zebedee is lucky."}
            await client.call_tool("add_memory", said)
        await client.call_tool("consolidate_memory", {})
        await client.call_tool("retrieve_context", {"query": "Zebedee", "max_tokens": 3})

    log = log_path(tmp_path).read_text(encoding="utf-8")
    assert "serving" in log
    assert "Zebedee" not in log
