"""The one way a file fails: set aside, with a reason a program can count and a sentence a person can act on."""

from __future__ import annotations

from typing import Literal

Stage = Literal["find", "read", "extract", "load"]


class SetAside(Exception):
    """A file that could not be made into a record.

    ``stage`` is where it stopped; ``reason`` a stable slug (``empty-file``, ``password-needed``); ``message`` one
    sentence that says what is wrong, with which file, and what to do about it.
    """

    def __init__(self, stage: Stage, reason: str, message: str) -> None:
        super().__init__(message)
        self.stage: Stage = stage
        self.reason = reason
        self.message = message

    def __reduce__(self) -> tuple[type[SetAside], tuple[Stage, str, str]]:
        # Exceptions cross process borders by pickle, which calls the class with what this names.
        return type(self), (self.stage, self.reason, self.message)
