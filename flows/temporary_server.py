"""The Prefect server of one run, where no other is named: deaf to Ctrl-C, and gone as soon as its program is.

Prefect's own way of starting it leaves it in the program's process group, where Ctrl-C ends it first and the flow then
waits for its answers; and where the program is killed it stays for ever.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from typing import Any

from prefect.settings import PREFECT_API_URL
from prefect.settings.context import get_current_settings

_LOOK_SECONDS = 1.0
# Nothing is scheduled, triggered or cleaned up in the life of one run, and what it says at its end nobody can use.
_LEFT_OUT = {
    f"PREFECT_SERVER_SERVICES_{name}_ENABLED": "false"
    for name in (
        "SCHEDULER", "LATE_RUNS", "TRIGGERS", "FOREMAN", "REPOSSESSOR", "PAUSE_EXPIRATIONS", "CANCELLATION_CLEANUP",
        "CLEANUP_RECONCILER", "EVENT_LOGGER",
    )
} | {"PREFECT_SERVER_LOGGING_LEVEL": "CRITICAL"}  # fmt: skip


def ready() -> None:
    """Have a server, if none is named; it ends with this process. Call it before anything asks for one.

    Raises ``RuntimeError`` where it does not start.
    """
    if PREFECT_API_URL.value() is not None:
        return
    from prefect.server.api.server import SubprocessASGIServer  # takes a second to import

    class OwnServer(SubprocessASGIServer):
        def _run_uvicorn_command(self) -> subprocess.Popen[Any]:
            return _start(self.port or 0)

    # Prefect keeps one instance for all who ask: whoever asks next gets this one.
    OwnServer().start()


def _start(port: int) -> subprocess.Popen[bytes]:
    told = get_current_settings().to_environment_variables(exclude_unset=True)
    # The names that Prefect itself starts it with: no pages to look at, and no second server below this one.
    ours = {"PREFECT_UI_ENABLED": "0", "PREFECT__SERVER_EPHEMERAL": "1", "PREFECT__SERVER_FINAL": "1"}
    own: dict[str, Any] = {"start_new_session": True}
    if sys.platform == "win32":
        own = {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}
    command = [sys.executable, "-P", "-m", "flows.temporary_server", str(os.getpid()), str(port)]
    return subprocess.Popen(command, env={**_LEFT_OUT, **os.environ, **ours, **told}, **own)


def _serve(parent: int, port: int) -> None:
    import uvicorn

    if os.name != "nt":  # there a parent's number stays when it is gone
        threading.Thread(target=_leave_with, args=(parent,), daemon=True).start()
    application = "prefect.server.api.server:create_app"
    uvicorn.run(application, factory=True, host="127.0.0.1", port=port, log_level="critical", lifespan="on")


def _leave_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_LOOK_SECONDS)
    os._exit(1)


if __name__ == "__main__":
    _serve(int(sys.argv[1]), int(sys.argv[2]))
