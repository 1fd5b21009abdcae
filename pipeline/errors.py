"""The one way a file fails: set aside, with a reason a program can count and a sentence a person can act on."""

from __future__ import annotations

import re
from typing import Literal

Stage = Literal["find", "read", "extract", "load"]
# How libraries in C say it, where what they raise is no MemoryError.
_STARVED = re.compile(r"\b[cm]?(?:re)?alloc\b.*failed|bad_alloc|(?:out of|not enough|cannot allocate) memory", re.I)


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


def is_starved(error: BaseException | None) -> bool:
    """Whether what looks like damage began where memory was asked for and refused."""
    while error is not None:
        if isinstance(error, MemoryError) or (is_from_c(error) and _STARVED.search(str(error))):
            return True
        error = error.__cause__ or error.__context__
    return False


def is_from_c(error: BaseException) -> bool:
    """MuPDF's own errors derive from ``Exception`` alone; those that it translates are ``RuntimeError``."""
    return isinstance(error, RuntimeError) or type(error).__module__.partition(".")[0] == "pymupdf"


def pass_on_starvation(error: Exception) -> None:
    """For handlers that take whatever a parser raises for damage: a want of memory goes on as MemoryError."""
    if is_starved(error):
        raise MemoryError(str(error)) from error
