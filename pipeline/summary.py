"""What one run did: what the flow hands to the command that started it."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.outcome import Failure
from pipeline.store.access import Finding


@dataclass(frozen=True, slots=True)
class Summary:
    """Files by what came of them, and what the store gained by it.

    ``left`` counts the files set aside earlier that it was told to leave so, ``gone`` those that are there no more.
    """

    run_id: str
    loaded: int
    held: int
    aside: tuple[tuple[str, Failure], ...]
    finding: Finding
    seconds: float
    left: int = 0
    gone: int = 0
