"""Scores of every labelled set beside the project, the scans among them: ``python -m benchmarks.sets [--misses]``.

The sets lie in ``../shared`` and name real people; they are read there and never copied. Reading the scans takes some
minutes the first time; OCR keeps what it has read.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any

from pipeline.errors import SetAside
from pipeline.extract import extract
from pipeline.read import read
from pipeline.score import as_line, as_table, score

SHARED = Path(__file__).resolve().parents[2] / "shared"


def sets() -> dict[str, dict[str, dict[str, Any]]]:
    """Labels by set and document: plain texts, files with a text layer, scans, scans with labelled heads only."""
    found: dict[str, dict[str, dict[str, Any]]] = {"five": {}, "texts": {}, "with text": {}, "scans": {}, "headers": {}}
    for path in sorted((SHARED / "gold").glob("*.json")):
        source = input_of(path.stem)
        if source.parent.name == "seeds":
            name = "five"
        elif source.suffix == ".txt":
            name = "texts"
        else:
            name = "scans" if read(source)[0].text_origin == "ocr" else "with text"
        found[name][path.stem] = json.loads(path.read_text(encoding="utf-8"))
    for path in sorted((SHARED / "gold-headers").glob("*.json")):
        found["headers"][path.stem] = json.loads(path.read_text(encoding="utf-8"))
    return found


def input_of(stem: str) -> Path:
    """The file that the labels are of."""
    return next(p for folder in ("seeds", "corpus") for p in (SHARED / folder).iterdir() if p.stem == stem)


def main() -> int:
    """Score and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--misses", action="store_true", help="every difference, one a line")
    arguments = parser.parse_args()
    if not SHARED.is_dir():
        print(f"{SHARED} is absent: the labelled sets are not part of the project", file=sys.stderr)
        return 1
    for name, labels in sets().items():
        start = time.perf_counter()
        records: dict[str, dict[str, Any]] = {}
        for stem in labels:
            try:
                records[stem] = json.loads(extract(read(input_of(stem))[0]).model_dump_json())
            except SetAside as problem:
                print(problem.message, file=sys.stderr)
        result = score(labels, records)
        print(f"== {name}: {len(labels)} documents, {time.perf_counter() - start:.0f} s")
        print(as_table(result, len(labels)))
        if arguments.misses:
            for miss in result.misses:
                print(as_line(miss))
    return 0


if __name__ == "__main__":
    sys.exit(main())
