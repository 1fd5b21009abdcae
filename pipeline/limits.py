"""How much of a foreign file is read before it is set aside."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds on one file. Sizes in bytes, ``seconds`` of wall time."""

    file_bytes: int = 200_000_000
    text_bytes: int = 32_000_000
    pages: int = 2_000
    seconds: float = 300.0
    members: int = 1_000
    unpacked_bytes: int = 500_000_000
    depth: int = 3


DEFAULT = Limits()
