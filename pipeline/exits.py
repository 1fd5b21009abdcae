"""What a command ends with: its exit codes, and the error that names one of them."""

from __future__ import annotations

ALL_WELL, SET_ASIDE, WRONG_USE, NO_STORE, CANNOT_RUN = 0, 1, 2, 3, 4


class Trouble(Exception):
    """Keeps a command from doing its work. The message is one sentence a person can act on."""

    exit_code = CANNOT_RUN


class WrongUse(Trouble):
    """The person asked for what cannot be."""

    exit_code = WRONG_USE
