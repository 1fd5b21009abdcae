"""Scan to record: pages/s on two processes beside bare Tesseract, what each damage costs, memory over many pages.

Run as ``python -m benchmarks.ocr [--memory]``. The pages are generated dispatches, printed, photographed by the
renderer and damaged. The yardstick, in the same run on the same pages: Tesseract alone through tesserocr, with the same
data, resolution and settings, one thread a process. What OCR keeps is thrown away before every measurement.
"""

from __future__ import annotations

# First of all: it keeps Tesseract to one thread a process.
from pipeline.pages import ocr  # isort: skip

import argparse
import json
import os
import re
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from statistics import median
from typing import Any

import pymupdf
from PIL import Image

from models.source import Source
from pipeline import extract as extraction
from pipeline.normalise import normalise
from pipeline.pages.ocr_cache import default_folder
from pipeline.read import read_bytes
from pipeline.score import HEADER, Tally, score
from tests.making import make
from tests.pdf_maker import draw
from tests.scan_maker import (
    Damage,
    all_of,
    as_it_is,
    bled_through,
    blurred,
    noisy,
    photocopied,
    rubber,
    scanned,
    sealed_by,
    tilted,
)
from tests.test_generated import paper_of

PROCESSES = 2
DAMAGES: Mapping[str, Damage] = {
    "as it is": as_it_is,
    "tilted 1.2°": tilted(1.2),
    "tilted 3°": tilted(-3.0),
    "blurred": blurred(1.3),
    "noisy": noisy,
    "photocopied": photocopied,
    "sealed": as_it_is,
    "rubber stamp": as_it_is,
    "shone through": bled_through,
    "all of these": all_of(bled_through, tilted(1.2), blurred(0.8), noisy),
}
STAMPED, SEALED = {"rubber stamp", "all of these"}, {"sealed", "all of these"}
URGENCY = "hỏa tốc"
Work = Callable[[bytes], int]
PARTS = (("header", HEADER), ("references", "references"), ("deadlines", "deadlines"), ("quantities", "quantities"))


@contextmanager
def own_cache() -> Iterator[Path]:
    """A folder of this run's own for what OCR keeps, here and in worker processes."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ.update(XDG_CACHE_HOME=folder, LOCALAPPDATA=folder, HOME=folder)
        yield default_folder()


@dataclass(frozen=True)
class Printed:
    """A dispatch on paper, and whose name the seal touches."""

    pdf: bytes
    signer: str

    def scan(self, kind: str) -> bytes:
        """Stamped and sealed as that kind of damage has it, and scanned."""
        rubbed = rubber(URGENCY.upper(), 0.30, 0.25) if kind in STAMPED else None
        seal = sealed_by(self.pdf, self.signer) if kind in SEALED else None
        return scanned(self.pdf, DAMAGES[kind], first=rubbed, last=seal)


def printed(seed: int) -> Printed:
    """The generated dispatch of that seed, two pages of it."""
    made = make(seed, paragraphs=8)
    return Printed(draw(paper_of(made)).pdf, made.signature[-1])


def to_record(pdf: bytes) -> int:
    """congvan from the file to the record; the pages in it."""
    (source,), _ = read_bytes(pdf, "generated.pdf")
    extraction.extract(source)
    return source.page_count or 0


def bare(pdf: bytes) -> int:
    """Every page drawn in grey and read by Tesseract, nothing else; the pages in the file."""
    with pymupdf.open(stream=pdf, filetype="pdf") as document:
        for page in document:
            pixmap = page.get_pixmap(dpi=ocr.DPI, colorspace=pymupdf.csGRAY, alpha=False)
            api = _tesseract()
            api.SetImage(Image.frombytes("L", (pixmap.width, pixmap.height), pixmap.samples))
            api.SetSourceResolution(ocr.DPI)
            api.GetTSVText(0)
        return int(document.page_count)


@cache
def _tesseract() -> Any:
    import tesserocr

    api = tesserocr.PyTessBaseAPI(path=str(ocr.find_tessdata()), lang=ocr.LANGUAGE, oem=tesserocr.OEM.LSTM_ONLY)
    api.SetVariable("invert_threshold", "0")
    api.SetPageSegMode(tesserocr.PSM.AUTO)
    return api


def timed(work: Work, pdf: bytes) -> tuple[int, float]:
    """(pages, seconds of processor time) of one file."""
    start = time.process_time()
    return work(pdf), time.process_time() - start


def speed(folder: Path, files: Sequence[bytes], rounds: int) -> None:
    """Both readers take turns on the same files; printed is the middle of the rounds."""
    wall: dict[Work, list[float]] = {bare: [], to_record: []}
    busy: dict[Work, list[float]] = {bare: [], to_record: []}
    pages = 0
    with ProcessPoolExecutor(PROCESSES) as pool:
        for work in wall:
            list(pool.map(work, [files[0]] * 2 * PROCESSES))
        for _ in range(rounds):
            for work in wall:
                shutil.rmtree(folder, ignore_errors=True)
                start = time.perf_counter()
                done = list(pool.map(partial(timed, work), files))
                wall[work].append(time.perf_counter() - start)
                busy[work].append(sum(seconds for _, seconds in done))
                pages = sum(count for count, _ in done)
    print(f"{os.cpu_count()} processors, {PROCESSES} processes, {pages} pages, the middle of {rounds} rounds")
    print(f"{'':16}{'pages/s':>10}{'seconds':>10}{'processor':>11}")
    for label, work in (("bare Tesseract", bare), ("scan to record", to_record)):
        print(f"{label:16}{pages / median(wall[work]):>10.2f}{median(wall[work]):>10.1f}{median(busy[work]):>11.1f}")
    print(f"{'times':16}{'':>10}{_times(wall):>10.2f}{_times(busy):>11.2f}", flush=True)


def _times(taken: Mapping[Work, Sequence[float]]) -> float:
    return median(ours / base for base, ours in zip(taken[bare], taken[to_record], strict=True))


def source_of(pdf: bytes) -> Source:
    """The one dispatch in the file."""
    (source,), failures = read_bytes(pdf, "generated.pdf")
    assert not failures
    return source


def damages(papers: Sequence[Printed]) -> None:
    """Character errors as read and as repaired, and F1 against the record of the page before it was scanned."""
    clean = [source_of(paper.pdf) for paper in papers]
    wanted = [flat(normalise(source.text).clean) for source in clean]
    gold = {str(k): record_of(source) for k, source in enumerate(clean)}
    print(f"{len(papers)} dispatches, {sum(len(source.pages) for source in clean)} pages, of each kind of damage")
    print(f"{'':16}{'character errors':>20}   F1 of the record against that of the printed page")
    print(f"{'damage':16}{'read':>10}{'repaired':>10}" + "".join(f"{name:>12}" for name, _ in PARTS) + f"{'all':>12}")
    for name in DAMAGES:
        sources = [source_of(paper.scan(name)) for paper in papers]
        labels = {k: v | {"urgency": URGENCY if name in STAMPED else None} for k, v in gold.items()}
        size = sum(map(len, wanted))
        read = sum(errors(w, flat(normalise(s.text).clean)) for w, s in zip(wanted, sources, strict=True)) / size
        mended = (
            sum(errors(w, flat(extraction.read(s).text.clean)) for w, s in zip(wanted, sources, strict=True)) / size
        )
        tallies = score(labels, {str(k): record_of(source) for k, source in enumerate(sources)}).tallies
        parts = [tallies[key] if key in tallies else tallies[f"{key} exact"] for _, key in PARTS]
        figures = [*parts, sum(parts, Tally())]
        print(f"{name:16}{read:>10.2%}{mended:>10.2%}" + "".join(f"{t.f1 or 0:>12.3f}" for t in figures), flush=True)


def record_of(source: Source) -> dict[str, Any]:
    """The record as the scorer takes it."""
    record: dict[str, Any] = json.loads(extraction.extract(source).model_dump_json())
    return record


def flat(text: str) -> str:
    """The text on one line."""
    return re.sub(r"\s+", " ", text).strip()


def errors(want: str, got: str) -> int:
    """Characters to put in, leave out or change (Hyyrö 2003: a column of the table is two long integers)."""
    places: dict[str, int] = {}
    for index, letter in enumerate(want):
        places[letter] = places.get(letter, 0) | 1 << index
    full, last = (1 << len(want)) - 1, 1 << len(want) - 1
    up, down, distance = full, 0, len(want)
    for letter in got:
        match = places.get(letter, 0)
        diagonal = (((match & up) + up) ^ up) | match | down
        rise, fall = down | ~(diagonal | up) & full, up & diagonal
        distance += bool(rise & last) - bool(fall & last)
        rise, fall = (rise << 1 | 1) & full, fall << 1 & full
        up, down = fall | ~(diagonal | rise) & full, rise & diagonal
    return distance


def memory(folder: Path, files: Sequence[bytes], pages: int) -> None:
    """Resident memory of one process while it reads ``pages`` pages, a file at a time, none of them kept."""
    done, next_line = 0, 0
    while True:
        for pdf in files:
            if done >= next_line:
                print(f"  {done:>5} pages  {resident():>6.0f} MB", flush=True)
                next_line += 100
            if done >= pages:
                return
            shutil.rmtree(folder, ignore_errors=True)
            done += to_record(pdf)


def resident() -> float:
    """Megabytes of memory this process holds (Linux; elsewhere 0)."""
    status = Path("/proc/self/status")
    if not status.exists():
        return 0.0
    return next(int(line.split()[1]) for line in status.read_text().splitlines() if line.startswith("VmRSS")) / 1024


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--dispatches", type=int, default=8, help="for the table of damages")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--memory", action="store_true", help="only memory, over 500 pages (takes ten minutes)")
    parser.add_argument("--only", choices=("speed", "damages"))
    arguments = parser.parse_args()
    if ocr.reader_or_none() is None:
        print(ocr.why_not(), file=sys.stderr)
        return 1
    papers = [printed(seed) for seed in range(max(2 * len(DAMAGES), arguments.dispatches))]
    files = [paper.scan(kind) for paper, kind in zip(papers, [*DAMAGES, *DAMAGES], strict=False)]
    with own_cache() as folder:
        if arguments.memory:
            memory(folder, files, 500)
            return 0
        if arguments.only != "damages":
            speed(folder, files, arguments.rounds)
        if arguments.only != "speed":
            damages(papers[: arguments.dispatches])
    return 0


if __name__ == "__main__":
    sys.exit(main())
