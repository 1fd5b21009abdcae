"""Which rules and word tables read a dispatch, as a digest: where it differs, a new reading may say more."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[1]
# What takes part in every reading, and what only in that of some files.
_ALWAYS = ("models", "extractors", "pipeline/extract.py", "pipeline/normalise.py", "pipeline/read.py")
_PAGES = ("pipeline/pages",)
_FILES = ("pipeline/files",)
_PICTURES = ("ocr", "handwriting", "pen")


@cache
def knowledge(media_type: str, text_origin: str) -> str:
    """The digest, in hex, of all that reads files of this kind: code, word tables and models.

    ``media_type`` and ``text_origin`` as in the record. A change in what reads pictures concerns only dispatches with
    text from pictures; one in the readers of Word files no PDF.
    """
    from_pages = media_type == "application/pdf" or media_type.startswith("image/")
    digest = hashlib.sha256()
    for part in (*_ALWAYS, *(_PAGES if from_pages else _FILES)):
        for path in _files(_ROOT / part):
            if text_origin == "ocr" or not path.name.startswith(_PICTURES):
                digest.update(f"{path.relative_to(_ROOT).as_posix()}\0{_digest(path)}\n".encode())
    return digest.hexdigest()[:16]


def _files(part: Path) -> list[Path]:
    if part.is_file():
        return [part]
    return sorted(p for p in part.rglob("*") if p.is_file() and "__pycache__" not in p.parts)


@cache
def _digest(path: Path) -> str:
    # Line ends differ between checkouts of one version on different systems.
    return hashlib.sha256(path.read_bytes().replace(b"\r\n", b"\n")).hexdigest()
