"""How a failed night says so to somebody: a command of the user's with the report, a webhook the user named.

Both are told through the environment: a flow's parameters are kept by Prefect, where a webhook's address would be read
and a command be changed by whoever may open its pages.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import urllib.request
from datetime import datetime
from pathlib import Path

from pipeline import messages
from pipeline.commands import say
from pipeline.exits import Trouble, WrongUse
from pipeline.report import COUNTRY

WEBHOOK = "CONGVAN_WEBHOOK"
ON_FAILURE = "CONGVAN_ON_FAILURE"
REPORT = "CONGVAN_REPORT"

_COMMAND_SECONDS = 120.0
_WEBHOOK_SECONDS = 20.0


def set_alarm(webhook: str | None, command: str | None) -> None:
    """Have this process, and those it starts, say so when a night fails; ``None`` leaves what is set.

    Raises :class:`WrongUse` for an address that is not http or https.
    """
    if webhook is not None:
        if not webhook.lower().startswith(("http://", "https://")):
            raise WrongUse(messages.no_web_address(webhook))
        os.environ[WEBHOOK] = webhook
    if command is not None:
        os.environ[ON_FAILURE] = command


class NightFailed(Trouble):
    """A night failed; ``exit_code`` is that of its first failure."""

    def __init__(self, message: str, exit_code: int) -> None:
        super().__init__(message)
        self.exit_code = exit_code

    def __reduce__(self) -> tuple[type[NightFailed], tuple[str, int]]:  # Prefect keeps it as a pickle
        return type(self), (str(self), self.exit_code)


def failed(said: str, report: Path | None, exit_code: int) -> NightFailed:
    """Sound the alarm for a night that failed as ``said``; the error to raise."""
    message = messages.night_failed(said, report)
    for trouble in sound(f"{datetime.now(COUNTRY):%Y-%m-%d}", message, report):
        say(trouble)
    return NightFailed(message, exit_code)


def sound(day: str, message: str, report: Path | None) -> list[str]:
    """Say that the night failed in the ways that are set; what went wrong with these, as sentences.

    The command is run by the shell, with the report on standard input and its path in ``$CONGVAN_REPORT``. The webhook
    gets JSON: ``night``, ``outcome``, ``message`` and the ``report``'s path, nothing of its contents.
    """
    troubles = []
    if command := os.environ.get(ON_FAILURE):
        try:
            code = _run(command, report)
            if code:
                troubles.append(messages.alarm_failed(command, f"exit code {code}"))
        except (OSError, subprocess.TimeoutExpired) as error:
            troubles.append(messages.alarm_failed(command, str(error)))
    if address := os.environ.get(WEBHOOK):
        told = {"night": day, "outcome": "failed", "message": message, "report": str(report) if report else None}
        try:
            _post(address, json.dumps(told, ensure_ascii=False).encode())
        except (OSError, ValueError) as error:
            troubles.append(messages.alarm_failed("webhook", str(error)))
    return troubles


def _run(command: str, report: Path | None) -> int:
    environment = {**os.environ, REPORT: str(report or "")}
    with open(report or os.devnull, "rb") as text, subprocess.Popen(
        command, shell=True, stdin=text, env=environment, start_new_session=os.name != "nt"
    ) as process:  # fmt: skip
        try:
            return process.wait(_COMMAND_SECONDS)
        except BaseException:
            if os.name == "nt":
                process.kill()
            else:  # what the shell started, too
                os.killpg(process.pid, signal.SIGKILL)
            raise


def _post(address: str, body: bytes) -> None:
    if not address.lower().startswith(("http://", "https://")):
        raise ValueError(messages.no_web_address(address))
    request = urllib.request.Request(address, body, {"Content-Type": "application/json"}, method="POST")
    with urllib.request.urlopen(request, timeout=_WEBHOOK_SECONDS) as answer:
        answer.read(1 << 16)
