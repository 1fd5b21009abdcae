"""How much of a foreign file is read before it is set aside."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds on one file. Sizes in bytes, ``seconds`` of wall time, ``cpu_seconds`` of all its reader's threads."""

    file_bytes: int = 200_000_000
    text_bytes: int = 32_000_000
    pages: int = 2_000
    seconds: float = 300.0
    cpu_seconds: float | None = None
    members: int = 1_000
    unpacked_bytes: int = 500_000_000
    depth: int = 3

    @property
    def processor_seconds(self) -> float:
        """Processor time for one file: what was named, or two processors for as long as it may take."""
        return 2 * self.seconds if self.cpu_seconds is None else self.cpu_seconds


DEFAULT = Limits()
