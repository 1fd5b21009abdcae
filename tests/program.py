"""Runs the installed program as a person does, and a Prefect server for those tests that need one."""

from __future__ import annotations

import io
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path

ROOT = Path(__file__).parents[1]
CONGVAN = Path(sys.executable).parent / "congvan"
# With the rights of root every file can be read; without these two even root is held to the mode bits.
UNPRIVILEGED = ["setpriv", "--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-dac_override,-dac_read_search"]


def environment(home: Path, **more: str) -> dict[str, str]:
    """The environment of a person who set nothing, with Prefect's files in ``home``."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("PREFECT_", "CONGVAN_"))}
    return {**kept, "PREFECT_HOME": str(home), **more}


def congvan(
    *arguments: object,
    home: Path,
    before: Sequence[str] = (),
    timeout: float = 180,
    cwd: Path | None = None,
    **more: str,
) -> subprocess.CompletedProcess[str]:
    """One command; ``before`` is put in front of it, ``more`` into its environment."""
    command = [*before, str(CONGVAN), *map(str, arguments)]
    return subprocess.run(
        command, env=environment(home, **more), cwd=cwd, capture_output=True, text=True, timeout=timeout, check=False
    )


def congvan_here(*arguments: object, api: str | None = None, stdin: bytes = b"") -> subprocess.CompletedProcess[str]:
    """One command in this process, which saves the start of another and of Prefect: where these are not the matter.

    ``api`` is the address of the server that it uses; commands without a flow need none.
    """
    from prefect.settings import PREFECT_API_URL, temporary_settings

    from pipeline.cli import main

    command = [str(a) for a in arguments]
    written, before = io.BytesIO(), sys.stdin
    out, err = io.TextIOWrapper(written, encoding="utf-8"), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err), temporary_settings({PREFECT_API_URL: api} if api else {}):
        sys.stdin = io.TextIOWrapper(io.BytesIO(stdin))
        try:
            code = main(command)
        finally:
            sys.stdin = before
        out.flush()
    return subprocess.CompletedProcess(command, code, written.getvalue().decode(), err.getvalue())


@contextmanager
def prefect_server(home: Path) -> Iterator[str]:
    """A Prefect server on a free port; its API's address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    env = environment(home, PREFECT_SERVER_ANALYTICS_ENABLED="false", DO_NOT_TRACK="1", PREFECT_UI_ENABLED="false")
    command = [str(CONGVAN.with_name("prefect")), "server", "start", "--host", "127.0.0.1", "--port", str(port)]
    with (home / "server.log").open("wb") as log:
        server = subprocess.Popen(command, env=env, stdout=log, stderr=log, start_new_session=True)
    address = f"http://127.0.0.1:{port}/api"
    try:
        deadline = time.monotonic() + 120
        while not _answers(f"{address}/health"):
            assert server.poll() is None and time.monotonic() < deadline, (home / "server.log").read_text("utf-8")
            time.sleep(0.25)
        yield address
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait(30)


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def wait_for(true: Callable[[], object], seconds: float = 60) -> None:
    """Until it is true, or so many seconds have passed, which is an error."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.1)


@contextmanager
def running(command: list[str], env: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    """A command as a terminal starts it, in a process group of its own; gone at the end, whatever happens."""
    with subprocess.Popen(command, env=env, stderr=subprocess.PIPE, text=True, start_new_session=True) as process:
        try:
            yield process
        finally:
            if process.poll() is None:
                process.kill()


def alive_with(word: str) -> list[str]:
    """Processes with these characters in their environment: what a run with this PREFECT_HOME started."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if word.encode() in (folder / "environ").read_bytes():
                found.append((folder / "cmdline").read_bytes().replace(b"\0", b" ").decode())
        except OSError:
            continue
    return found
