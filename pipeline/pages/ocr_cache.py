"""What OCR has read, kept by the hash of the picture and the settings, so that no page is read twice."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.page import RawWord

_FORM = 1


@dataclass(frozen=True, slots=True)
class Kept:
    """One page as read: its words, its size in points, and what was done to it."""

    width: float
    height: float
    words: tuple[RawWord, ...]
    note: str


def default_folder() -> Path:
    """The user's cache folder for this program, by the customs of the system."""
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches"
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return base / "congvan" / "ocr"


def key(picture: bytes | memoryview, settings: str) -> str:
    """The name of one reading: pixels and settings, engine and its data among the latter."""
    digest = hashlib.sha256(settings.encode("utf-8"))
    digest.update(b"\0")
    digest.update(picture)
    return digest.hexdigest()


def load(folder: Path, name: str) -> Kept | None:
    """What was kept under the name; None where there is nothing, or nothing that can be trusted."""
    try:
        entry = json.loads(_place(folder, name).read_text(encoding="utf-8"))
        if entry["form"] != _FORM or entry["name"] != name:
            return None
        words = tuple(_word(fields) for fields in entry["words"])
        return Kept(float(entry["width"]), float(entry["height"]), words, str(entry["note"]))
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None


def save(folder: Path, name: str, page: Kept) -> None:
    """Keep a page. A folder that cannot be written is passed over: the page is read again next time."""
    entry = {
        "form": _FORM,
        "name": name,
        "width": page.width,
        "height": page.height,
        "note": page.note,
        "words": [[w.text, *(round(x, 2) for x in w.bbox), w.size, w.line, w.confidence] for w in page.words],
    }
    place = _place(folder, name)
    temporary: str | None = None
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(prefix=".", suffix=".part", dir=place.parent)
        with open(handle, "w", encoding="utf-8", newline="\n") as file:
            json.dump(entry, file, ensure_ascii=False)
        os.replace(temporary, place)
    except OSError:
        if temporary is not None:
            with contextlib.suppress(OSError):
                os.unlink(temporary)


def _place(folder: Path, name: str) -> Path:
    return folder / name[:2] / f"{name[2:]}.json"


def _word(fields: list[Any]) -> RawWord:
    text, x0, y0, x1, y1, size, line, confidence = fields
    if not isinstance(text, str) or not text:
        raise ValueError("a word without text")
    box = (float(x0), float(y0), float(x1), float(y1))
    return RawWord(text, box, float(size), line=int(line), confidence=None if confidence is None else float(confidence))
