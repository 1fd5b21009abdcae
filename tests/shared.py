"""The labelled dispatches beside the project. They name real people, so they are read where they lie, never copied."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

SHARED = Path(__file__).resolve().parents[2] / "shared"


def shared(*parts: str) -> Path:
    """A path under ../shared; the test is skipped, saying so, where the folder is absent (in CI it is there)."""
    path = SHARED.joinpath(*parts)
    if not SHARED.is_dir():
        pytest.skip(f"{SHARED} is absent: the labelled dispatches are not part of the project")
    assert path.exists(), f"{path} is missing"
    return path


def gold(stem: str, folder: str = "gold") -> dict[str, Any]:
    """The labels of one document."""
    loaded: dict[str, Any] = json.loads(shared(folder, f"{stem}.json").read_text(encoding="utf-8"))
    return loaded
