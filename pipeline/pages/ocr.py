"""Pictures of pages to words (the only door to Tesseract)."""

from __future__ import annotations

import os

# Before Tesseract is loaded: its threads only get in each other's way, one process a core is faster.
os.environ.setdefault("OMP_THREAD_LIMIT", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import hashlib
import math
import shutil
import sys
import time
import unicodedata
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache as once
from pathlib import Path
from typing import Any

import numpy as np
import pymupdf
from PIL import Image

from models.page import RawPage, RawWord
from models.source import Source
from pipeline.errors import SetAside
from pipeline.limits import Limits
from pipeline.pages import ocr_cache
from pipeline.pages.layout import lay_out
from pipeline.pages.ocr_image import Pixels, is_blank, prepare
from pipeline.pages.ocr_sheet import Line, read_sheet
from pipeline.pages.ocr_words import Area, Seen, can_be_word, from_tsv, is_text, type_size, worth

LANGUAGE = "vie"
DPI = 250
"""Measured on the scans at hand: 250 reads best, 200 and 300 lose accents."""
_SETTINGS = "7"
_MOST_PIXELS = 60_000_000
_A4_WIDTH = 595.0
_NARROWEST_PAGE, _WIDEST_PAGE = 300.0, 900.0
_MOST_PICTURE = 178_000_000
"""Pixels of a picture file: no more than Pillow opens; A4 at 1,200 dpi has 139 million."""
_FORMATS = ("PNG", "JPEG", "TIFF")
_MARGIN = 20
_SURE_OF_UP = 1.0
_LEAST_WORTH = 3.0

Reader = Callable[[Any, int, str], RawPage]


def reader_or_none(cache: Path | None = None) -> Reader | None:
    """What reads a page from its picture: (PyMuPDF page, number from 1, why) → the page; None without Tesseract.

    ``cache``: the folder that keeps what was read (default: the user's cache folder for this program).
    """
    engine = _engine(find_tessdata())
    if engine is None:
        return None
    folder = ocr_cache.default_folder() if cache is None else cache

    def read(page: Any, number: int, reason: str) -> RawPage:
        return read_page(engine, folder, page, number, reason)

    return read


def why_not() -> str | None:
    """The sentence that says what is missing and how to install it; None where OCR works."""
    if _tesserocr() is None:
        return f"Scans cannot be read: the Python package tesserocr is missing (pip install tesserocr); {_HOW}"
    if _engine(find_tessdata()) is None:
        return f"Scans cannot be read: Tesseract's Vietnamese data ({LANGUAGE}.traineddata) was not found; {_HOW}"
    return None


_HOW = (
    "install Tesseract with Vietnamese (Debian, Ubuntu: apt install tesseract-ocr tesseract-ocr-vie; Windows: the "
    "UB Mannheim installer with Vietnamese ticked; macOS: brew install tesseract tesseract-lang), or name the folder "
    "that holds vie.traineddata in TESSDATA_PREFIX."
)


def find_tessdata() -> Path | None:
    """The folder with Tesseract's Vietnamese data. ``TESSDATA_PREFIX``, where set, is the only one looked at."""
    named = os.environ.get("TESSDATA_PREFIX")
    folders = [Path(named), Path(named) / "tessdata"] if named else list(_known_folders())
    return next((folder for folder in folders if (folder / f"{LANGUAGE}.traineddata").is_file()), None)


def _known_folders() -> Iterable[Path]:
    program = shutil.which("tesseract")
    if program is not None:
        yield Path(program).resolve().parent / "tessdata"
    yield Path(sys.prefix) / "share" / "tessdata"
    if sys.platform == "win32":
        for variable in ("ProgramFiles", "ProgramFiles(x86)", "LOCALAPPDATA"):
            base = os.environ.get(variable)
            if base:
                yield Path(base) / "Tesseract-OCR" / "tessdata"
                yield Path(base) / "Programs" / "Tesseract-OCR" / "tessdata"
        return
    for base in ("/usr/share", "/usr/local/share", "/opt/homebrew/share", "/opt/local/share"):
        yield Path(base) / "tessdata"
        # Newest first: tesseract-ocr/5/tessdata before tesseract-ocr/4.00/tessdata.
        yield from sorted(Path(base).glob("tesseract-ocr/*/tessdata"), reverse=True)


def read_picture(path: Path, sha256: str, limits: Limits, cache: Path | None = None) -> Source:
    """A PNG, JPEG or TIFF file (each page of it) as a Source.

    Raises SetAside: ``too-big``, ``damaged-picture``, ``too-many-pages``, ``time-limit``, ``scan-needs-ocr``.
    """
    reader = reader_or_none(cache)
    if reader is None:
        raise SetAside("read", "scan-needs-ocr", f"{path.name} is a picture. {why_not()}")
    media_type = _check_picture(path, limits)
    deadline = time.monotonic() + limits.seconds
    pages: list[RawPage] = []
    try:
        with pymupdf.open(stream=path.read_bytes(), filetype=media_type.removeprefix("image/")) as document:
            for number, page in enumerate(document, start=1):
                if time.monotonic() > deadline:
                    message = f"{path.name} took longer than {limits.seconds:g} s to read, at page {number}."
                    raise SetAside("read", "time-limit", message)
                pages.append(reader(page, number, "picture"))
    except (RuntimeError, ValueError) as error:
        raise _damaged(path) from error
    laid = lay_out(pages)
    return Source(
        path=str(path),
        sha256=sha256,
        media_type=media_type,
        text_origin="ocr",
        text=laid.text,
        page_count=len(pages),
        pages=laid.pages,
        words=laid.words,
        regions=laid.regions,
    )


def _check_picture(path: Path, limits: Limits) -> str:
    """The picture's media type, once its header promises no more than can be held."""
    if path.stat().st_size > limits.file_bytes:
        message = f"{path.name} is larger than {limits.file_bytes:,} bytes; raise the limit to read it."
        raise SetAside("read", "too-big", message)
    try:
        with _without_warnings(), Image.open(path, formats=_FORMATS) as image:
            media_type = {"PNG": "image/png", "JPEG": "image/jpeg"}.get(image.format or "", "image/tiff")
            frames = getattr(image, "n_frames", 1) if media_type == "image/tiff" else 1
            if frames > limits.pages:
                message = f"{path.name} has {frames:,} pages, the limit is {limits.pages:,}; split it or raise it."
                raise SetAside("read", "too-many-pages", message)
            for frame in range(frames):
                image.seek(frame)
                if image.width * image.height > _MOST_PICTURE:
                    raise Image.DecompressionBombError
    except Image.DecompressionBombError as error:
        message = f"{path.name} is a picture of more than {_MOST_PICTURE:,} pixels; scan it again at 300 dpi."
        raise SetAside("read", "too-big", message) from error
    except (OSError, ValueError, SyntaxError) as error:
        raise _damaged(path) from error
    return media_type


@contextmanager
def _without_warnings() -> Iterator[None]:
    """Pillow warns of pictures half as large as those it refuses; 600 dpi and A2 are no fault."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        yield


def _damaged(path: Path) -> SetAside:
    message = f"{path.name} is damaged and cannot be read as a picture; ask the sender for the file again."
    return SetAside("read", "damaged-picture", message)


def read_page(engine: _Engine, cache: Path, page: Any, number: int, reason: str) -> RawPage:
    """One page from its picture. Boxes count on the page as straightened, in points.

    Signature fields and annotations are not drawn: what they print is text already, and read elsewhere.
    """
    pixels, scale = _rendered(page)
    name = ocr_cache.key(pixels.data, f"{_SETTINGS} {DPI} {pixels.shape} {scale:.4f} {engine.version}")
    kept = ocr_cache.load(cache, name)
    if kept is None:
        kept = _recognised(engine, pixels, scale)
        ocr_cache.save(cache, name, kept)
    return RawPage(number, kept.width, kept.height, kept.words, "ocr", f"{reason}; {kept.note}")


def _rendered(page: Any) -> tuple[Pixels, float]:
    """(the page's pixels, points a pixel). Grey where the page has no colour.

    A page as large as its scan has pixels, or a photograph, is taken for A4.
    """
    wide, high = page.rect.width, page.rect.height
    narrow = min(wide, high)
    shrink = _A4_WIDTH / narrow if narrow > _WIDEST_PAGE or narrow < _NARROWEST_PAGE else 1.0
    zoom = DPI / 72 * shrink
    zoom = min(zoom, (_MOST_PIXELS / max(1.0, wide * high)) ** 0.5)
    pixmap = page.get_pixmap(matrix=pymupdf.Matrix(zoom, zoom), colorspace=pymupdf.csRGB, alpha=False, annots=False)
    drawn = np.frombuffer(pixmap.samples_mv, np.uint8).reshape(pixmap.height, pixmap.stride)[:, : 3 * pixmap.width]
    drawn = drawn.reshape(pixmap.height, pixmap.width, 3)
    # A copy in any case: the pixmap takes its memory with it. Every other row tells whether there is colour.
    is_grey = all(np.array_equal(drawn[::2, :, 0], drawn[::2, :, other]) for other in (1, 2))
    pixels = drawn[:, :, 0].copy() if is_grey else drawn.copy()
    return pixels, shrink / zoom


def _recognised(engine: _Engine, pixels: Pixels, scale: float) -> ocr_cache.Kept:
    dpi = 72 / scale
    sheet = prepare(pixels, dpi)
    if is_blank(sheet.black) and (sheet.colour is None or is_blank(sheet.colour)):
        return _kept(sheet.black.shape, scale, (), "blank")
    lines = read_sheet(engine, sheet)
    note = f"read by {engine.version}"
    if _is_doubtful(lines):
        quarter = engine.quarter_turns(sheet.black, dpi)
        if quarter:
            other = prepare(np.ascontiguousarray(np.rot90(pixels, quarter)), dpi)
            turned = read_sheet(engine, other)
            if sum(map(worth, turned)) > sum(map(worth, lines)):
                sheet, lines, note = other, turned, f"{note}, turned by {90 * quarter}°"
    if _is_doubtful(lines):
        # Ink that shines through, a drawing, a photograph: whatever it is, it is not text that can be read.
        lines = [line for line in lines if is_text(line) and worth(line) > _LEAST_WORTH]
    angle = sheet.turned + sheet.tilt
    note += f", straightened by {angle:g}°" if angle else ""
    note += "" if lines else "; nothing readable"
    return _kept(sheet.black.shape, scale, lines, note, sheet.tilt)


def _is_doubtful(lines: Sequence[Line]) -> bool:
    """Whether less than half of what was read can be text."""
    letters = sum(len(w.text) for line in lines for w in line)
    sound = sum(len(w.text) for line in lines for w in line if w.confidence >= 0.5 and can_be_word(w.text))
    return 2 * sound < letters or not lines


def _kept(shape: tuple[int, ...], scale: float, lines: Sequence[Line], note: str, tilt: float = 0.0) -> ocr_cache.Kept:
    high, wide = shape[0] * scale, shape[1] * scale
    sine, cosine = math.sin(math.radians(tilt)), math.cos(math.radians(tilt))
    words: list[RawWord] = []
    for number, line in enumerate(lines):
        size = round(type_size(line) * scale, 1)
        for word in line:
            x0, y0, x1, y1 = (edge * scale for edge in word.box)
            # The box as it stands once the page is turned about its middle; it keeps its size.
            x, y = (x0 + x1 - wide) / 2, (y0 + y1 - high) / 2
            dx, dy = x * cosine + y * sine - x, y * cosine - x * sine - y
            box = (round(x0 + dx, 2), round(y0 + dy, 2), round(x1 + dx, 2), round(y1 + dy, 2))
            words.append(RawWord(word.text, box, size, line=number, confidence=round(word.confidence, 2)))
    return ocr_cache.Kept(round(wide, 2), round(high, 2), tuple(words), note)


@once
def _tesserocr() -> Any:
    try:
        import tesserocr
    except ImportError:
        return None
    return tesserocr


@once
def _engine(tessdata: Path | None) -> _Engine | None:
    tesserocr = _tesserocr()
    if tesserocr is None or tessdata is None:
        return None
    try:
        api = tesserocr.PyTessBaseAPI(path=str(tessdata), lang=LANGUAGE, oem=tesserocr.OEM.LSTM_ONLY)
    except RuntimeError:
        return None
    # White on black is not what offices print; trying every word both ways costs a third of the time.
    api.SetVariable("invert_threshold", "0")
    data = hashlib.sha256((tessdata / f"{LANGUAGE}.traineddata").read_bytes()).hexdigest()[:12]
    version = tesserocr.tesseract_version().split()[1]
    return _Engine(api, tessdata, f"Tesseract {version}, {LANGUAGE} {data}")


@dataclass(frozen=True, slots=True)
class _Engine:
    """Tesseract with its Vietnamese data; ``version`` names both."""

    api: Any
    tessdata: Path
    version: str

    def words(self, pixels: Pixels, dpi: float, mode: int, area: Area | None = None, first_line: int = 0) -> list[Seen]:
        """The words on the picture, or in one area of it; boxes count on the whole picture."""
        left = top = 0
        if area is not None:
            left, top = max(0, int(area[0])), max(0, int(area[1]))
            right, foot = min(pixels.shape[1], int(area[2])), min(pixels.shape[0], int(area[3]))
            if right - left < 30 or foot - top < 15:
                return []
            pixels = np.pad(pixels[top:foot, left:right], _MARGIN, constant_values=255)
            left, top = left - _MARGIN, top - _MARGIN
        self.api.SetPageSegMode(mode)
        high, wide = pixels.shape
        self.api.SetImageBytes(pixels.tobytes(), wide, high, 1, wide)
        self.api.SetSourceResolution(round(dpi))
        try:
            return from_tsv(unicodedata.normalize("NFC", self.api.GetTSVText(0)), (left, top), first_line)
        finally:
            self.api.Clear()

    def quarter_turns(self, pixels: Pixels, dpi: float) -> int:
        """How many quarters counter-clockwise set the page upright; 0 where that cannot be told."""
        tesserocr = _tesserocr()
        if not (self.tessdata / "osd.traineddata").is_file():
            return 0
        with tesserocr.PyTessBaseAPI(path=str(self.tessdata), lang="osd", psm=tesserocr.PSM.OSD_ONLY) as api:
            api.SetImage(Image.fromarray(pixels))
            api.SetSourceResolution(round(dpi))
            found = api.DetectOrientationScript()
        if not found or found["orient_conf"] < _SURE_OF_UP:
            return 0
        return int(found["orient_deg"]) // 90 % 4
