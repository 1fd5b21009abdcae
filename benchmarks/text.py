"""Text to record on one core: MB/s over generated dispatches, growth with the length of one text, peak memory.

Run as ``python -m benchmarks.text``. The yardstick, in the same run on the same texts: a bare loop of three plain
regular expressions (dates, notations, money). Prints one line a figure.
"""

from __future__ import annotations

import argparse
import re
import sys
import time
import tracemalloc

from pipeline.extract import extract
from pipeline.read import read_bytes
from tests.making import make

YARDSTICK = (
    re.compile(r"\d{1,2}/\d{1,2}/\d{4}"),
    re.compile(r"\d+/[A-ZĐ]+-[A-ZĐ]+"),
    re.compile(r"\d+(?:[.,]\d+)?\s(?:triệu|tỷ) đồng"),
)
GROWTH = (10_000, 100_000, 1_000_000, 10_000_000)


def record_all(texts: list[bytes]) -> float:
    """Seconds to read and extract every text."""
    start = time.perf_counter()
    for text in texts:
        ((source,), _) = read_bytes(text, "generated.txt")
        extract(source)
    return time.perf_counter() - start


def scan_all(texts: list[bytes]) -> float:
    """Seconds the yardstick takes for the same texts."""
    start = time.perf_counter()
    for text in texts:
        decoded = text.decode("utf-8")
        for pattern in YARDSTICK:
            for _ in pattern.finditer(decoded):
                pass
    return time.perf_counter() - start


def long_text(size: int) -> bytes:
    """One dispatch of about ``size`` bytes, with a body as long as that takes."""
    sample = len(make(1, paragraphs=400).text.encode("utf-8"))
    return make(1, paragraphs=max(4, 400 * size // sample)).text.encode("utf-8")


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--dispatches", type=int, default=2000)
    parser.add_argument("--largest", type=int, default=GROWTH[-1], help="bytes of the longest single text")
    arguments = parser.parse_args()
    texts = [make(seed).text.encode("utf-8") for seed in range(arguments.dispatches)]
    size = sum(map(len, texts)) / 1e6
    record_all(texts[:20])
    seconds, bare = record_all(texts), scan_all(texts)
    print(f"dispatches {len(texts)}  megabytes {size:.2f}")
    print(
        f"text to record  {seconds:.2f} s  {size / seconds:.2f} MB/s  {1000 * seconds / len(texts):.2f} ms a dispatch"
    )
    print(f"yardstick (3 regular expressions)  {bare:.3f} s  {size / bare:.1f} MB/s  ratio {seconds / bare:.0f}")
    previous: tuple[int, float] | None = None
    for wanted in GROWTH:
        if wanted > arguments.largest:
            break
        text = long_text(wanted)
        taken = min(record_all([text]) for _ in range(3 if wanted < 1_000_000 else 1))
        growth = ""
        if previous is not None:
            growth = f"  {taken / previous[1]:.1f} times the cost of {len(text) / previous[0]:.1f} times less text"
        print(f"one text of {len(text) / 1e3:.0f} kB  {taken:.3f} s  {len(text) / 1e6 / taken:.2f} MB/s{growth}")
        previous = (len(text), taken)
        sys.stdout.flush()
    tracemalloc.start()
    record_all([long_text(1_000_000)])
    print(f"peak memory for 1 MB of one text  {tracemalloc.get_traced_memory()[1] / 1e6:.0f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
