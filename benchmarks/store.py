"""How long the store takes: loading beside a bare Arrow insert of the same rows, publishing, each view, a search.

Run as ``python -m benchmarks.store [DOCUMENTS]``; 100,000 (about 80 rows each) take some minutes and 10 GB of disk.
"""

from __future__ import annotations

import hashlib
import json
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb

from pipeline import store
from pipeline.outcome import Outcome
from pipeline.schema import RECORD_TABLES, TABLES, statements
from pipeline.search import search
from pipeline.sketch import sketch
from pipeline.store_files import StorePlace, prepare
from pipeline.store_publish import publish
from pipeline.views import VIEWS
from tests.records import NOW, loaded

_BATCH = 1000
_WORDS = [f"{a}{b}" for a in ("nông", "thôn", "kế", "hoạch", "báo", "cáo", "tỉnh", "huyện") for b in "abcdefghijklmnop"]


def outcomes(number: int) -> Iterator[list[Outcome]]:
    """Dispatches that differ in code, day, body and text, in batches."""
    rng = random.Random(7)
    template = loaded("/in/0.txt")
    record = json.loads(template.reads[0].record)
    for name, times in (("references", 8), ("quantities", 12), ("deadlines", 6), ("copies", 8), ("flags", 2)):
        record[name] = [dict(entry) for entry in (record[name] * times)[:times]]
    batch: list[Outcome] = []
    for n in range(number):
        text = template.reads[0].text + " ".join(rng.choices(_WORDS, k=450))
        sha256 = hashlib.sha256(f"{n}".encode()).hexdigest()
        own: dict[str, Any] = json.loads(json.dumps(record))
        day = datetime(2020, 1, 1) + timedelta(days=rng.randrange(2000))
        own["source"]["sha256"], own["source"]["path"] = sha256, f"/in/{n}.txt"
        own["number"], own["code"] = str(n % 4000 + 1), f"{n % 4000 + 1}/KH-UBND"
        own["issued_on"], own["issuing_body"]["name"] = f"{day:%Y-%m-%d}", f"Ủy ban nhân dân huyện {n % 700}"
        for k, reference in enumerate(own["references"]):
            reference["code"] = f"{rng.randrange(4000) + 1}/QĐ-UBND" if k % 2 else f"{rng.randrange(4000) + 1}/KH-UBND"
        read = replace(
            template.reads[0], path=f"/in/{n}.txt", record=json.dumps(own, ensure_ascii=False), text=text,
            sketch=tuple(sketch(text)), digest=sha256,
        )  # fmt: skip
        batch.append(replace(template, path=f"/in/{n}.txt", sha256=sha256, reads=(read,)))
        if len(batch) == _BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def insert_bare(folder: Path, full: Path) -> float:
    """Seconds to insert the rows of the record tables of ``full`` from Arrow into empty tables."""
    tables = [t for t in TABLES if t.name == "documents"] + list(RECORD_TABLES)
    seconds = 0.0
    with duckdb.connect(str(full), read_only=True) as con:
        arrow = {t.name: con.execute(f"FROM {t.name}").to_arrow_table() for t in tables}
    with duckdb.connect(str(folder / "bare.duckdb")) as con:
        for statement in statements(tables):
            con.execute(statement)
        for name, rows in arrow.items():
            con.register("incoming_rows", rows)
            began = time.perf_counter()
            con.execute(f"INSERT INTO {name} FROM incoming_rows")
            seconds += time.perf_counter() - began
            con.unregister("incoming_rows")
        began = time.perf_counter()
        con.execute("CHECKPOINT")
        seconds += time.perf_counter() - began
    return seconds


def main(number: int) -> None:
    """Load, publish, ask; print what each took."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        place = StorePlace(folder / "congvan.duckdb")
        place.folder.mkdir()
        prepare(place)
        store.start_run(place.writer, "r", NOW, {})
        loading = 0.0
        for batch in outcomes(number):
            began = time.perf_counter()
            store.load(place.writer, "r", batch)
            loading += time.perf_counter() - began
        began = time.perf_counter()
        store.finish_run(place.writer, "r", NOW, "finished")
        loading += time.perf_counter() - began
        rows = sum(n for table, n in store.row_counts(place.writer).items())
        bare = insert_bare(folder, place.writer)
        print(f"{number} dispatches, {rows} rows ({rows / number:.0f} each); {place.writer.stat().st_size >> 20} MB")
        print(f"loading {loading:.1f} s; bare Arrow insert {bare:.1f} s; {loading / bare:.1f} times")
        began = time.perf_counter()
        publish(place, datetime.now(UTC))
        print(f"publishing {time.perf_counter() - began:.1f} s; {place.published.stat().st_size >> 20} MB")
        with store.reading(place.published) as con:
            for asked in [f"FROM {v.name} LIMIT 100" for v in VIEWS] + ["FROM overdue('2031-12-01') LIMIT 100"]:
                print(f"{_median(con, asked):7.0f} ms  {asked}")
            for words in ("hoạcha", "nônga thônb", '"diễn tập chữa cháy"'):
                taken = []
                for _ in range(5):
                    began = time.perf_counter()
                    search(con, words, 10)
                    taken.append(time.perf_counter() - began)
                print(f"{statistics.median(taken) * 1000:7.0f} ms  search {words}")


def _median(con: duckdb.DuckDBPyConnection, sql: str) -> float:
    taken = []
    for _ in range(5):
        began = time.perf_counter()
        con.execute(sql).fetchall()
        taken.append(time.perf_counter() - began)
    return statistics.median(taken) * 1000


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
