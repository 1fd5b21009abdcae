"""PDF to record on one core: pages/s beside bare PyMuPDF and bare pdfplumber on the same files, ms for a signature.

Run as ``python -m benchmarks.pdf``. The files are generated dispatches printed as PDF; the signed ones carry three
signature fields each, two of them with the stamped number and day.
"""

from __future__ import annotations

import argparse
import io
import sys
import time
from collections.abc import Callable, Sequence

import pdfplumber
import pymupdf

from pipeline.extract import extract
from pipeline.pages.signatures import signatures_of
from pipeline.read import read_bytes
from tests.making import make
from tests.pdf_maker import draw
from tests.test_generated import paper_of, signed_pdf

Work = Callable[[bytes], object]


def seconds(work: Work, files: Sequence[bytes]) -> float:
    """Wall time of the work over all files."""
    start = time.perf_counter()
    for data in files:
        work(data)
    return time.perf_counter() - start


def bare_words(data: bytes) -> int:
    """PyMuPDF's words of every page."""
    with pymupdf.open(stream=data, filetype="pdf") as document:
        return sum(len(page.get_text("words")) for page in document)


def plumber_words(data: bytes) -> int:
    """pdfplumber's words of every page."""
    with pdfplumber.open(io.BytesIO(data)) as document:
        return sum(len(page.extract_words()) for page in document.pages)


def to_source(data: bytes) -> object:
    """Reading alone."""
    return read_bytes(data, "generated.pdf")


def to_record(data: bytes) -> object:
    """Reading and extraction."""
    ((source,), _) = read_bytes(data, "generated.pdf")
    return extract(source)


def pages_of(files: Sequence[bytes]) -> int:
    """Pages in all files."""
    total = 0
    for data in files:
        with pymupdf.open(stream=data, filetype="pdf") as document:
            total += document.page_count
    return total


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--dispatches", type=int, default=100)
    arguments = parser.parse_args()
    made = [make(seed, paragraphs=24) for seed in range(arguments.dispatches)]
    plain = [draw(paper_of(one)).pdf for one in made]
    signed = [signed_pdf(one) for one in made[: max(10, arguments.dispatches // 5)]]
    to_record(plain[0])
    for name, files in (("unsigned", plain), ("signed three times", signed)):
        pages = pages_of(files)
        base = seconds(bare_words, files)
        for label, work in (
            ("PyMuPDF words", bare_words),
            ("pdfplumber words", plumber_words),
            ("PDF to text and boxes", to_source),
            ("PDF to record", to_record),
        ):
            taken = seconds(work, files)
            print(
                f"{name}: {label}  {pages / taken:.0f} pages/s  {taken / base:.1f} times bare PyMuPDF  ({pages} pages)"
            )
    taken = seconds(lambda data: signatures_of(data, None), signed)
    print(f"signatures: {1000 * taken / (3 * len(signed)):.1f} ms each")
    return 0


if __name__ == "__main__":
    sys.exit(main())
