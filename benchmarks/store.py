"""How long the store takes: loading beside a bare Arrow insert of the same rows, publishing, each view, a search.

Run as ``python -m benchmarks.store [DOCUMENTS]``; 100,000 (about 80 rows each) take some minutes and 10 GB of disk.
Loading is what the one writer of a run does with what its workers read: from outcomes in memory to rows that would
outlive a power cut, with keys, versions and history. Beside it stand the same rows, bare: out of Arrow into tables
without keys, one transaction a table.

Run as ``python -m benchmarks.store --readers MINUTES`` it publishes all the time while readers open the database at
random moments, and counts their errors and empty reads.
"""

from __future__ import annotations

import hashlib
import json
import random
import resource
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import duckdb

from benchmarks import kills
from models.record import Dispatch
from pipeline.derived.search import search
from pipeline.derived.sketch import sketch
from pipeline.outcome import Outcome, Read
from pipeline.store import access, publishing
from pipeline.store.place import StorePlace, prepare
from pipeline.store.publishing import publish
from pipeline.store.rows import DOCUMENT, rows_of
from pipeline.store.schema import statements
from pipeline.store.tables import RECORD_TABLES, TABLES
from pipeline.store.views import VIEWS
from tests.records import NOW, loaded

_BATCH = 1000
_AT_ONCE = 50_000
"""Rows in one Arrow table of the bare insert."""
_READERS = 3
_WORDS = [f"{a}{b}" for a in ("nông", "thôn", "kế", "hoạch", "báo", "cáo", "tỉnh", "huyện") for b in "abcdefghijklmnop"]


def outcomes(number: int) -> Iterator[list[Outcome]]:
    """Dispatches that differ in code, day, body and text, in batches, as workers hand them to the writer."""
    rng = random.Random(7)
    template = loaded("/in/0.txt")
    record = json.loads(template.reads[0].record)
    for name, times in (("references", 9), ("quantities", 16), ("deadlines", 10), ("copies", 10), ("flags", 3)):
        record[name] = [dict(entry) for entry in (record[name] * times)[:times]]
    rows = rows_of(Dispatch.model_validate(record))
    header, cited = dict(zip(DOCUMENT, rows["documents"], strict=True)), rows["document_references"]
    code_at = [c.name for t in RECORD_TABLES if t.name == "document_references" for c in t.columns].index("code") - 1
    batch: list[Outcome] = []
    for n in range(number):
        text = template.reads[0].text + " ".join(rng.choices(_WORDS, k=450))
        sha256 = hashlib.sha256(f"{n}".encode()).hexdigest()
        day = f"{datetime(2020, 1, 1) + timedelta(days=rng.randrange(2000)):%Y-%m-%d}"
        own = header | {
            "document_id": [sha256], "number": [str(n % 4000 + 1)], "code": [f"{n % 4000 + 1}/KH-UBND"],
            "issued_on": [day], "issued_date": [day], "issuing_body": [f"Ủy ban nhân dân huyện {n % 700}"],
        }  # fmt: skip
        codes = [f"{rng.randrange(4000) + 1}/{'QĐ' if k % 2 else 'KH'}-UBND" for k in range(len(cited[0]))]
        mine = {
            "documents": list(own.values()),
            "document_references": [*cited[:code_at], codes, *cited[code_at + 1 :]],
        }
        read = Read(f"/in/{n}.txt", "", text, tuple(sketch(text)), "k", rows | mine, sha256)
        batch.append(replace(template, path=f"/in/{n}.txt", sha256=sha256, reads=(read,)))
        if len(batch) == _BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


@dataclass(slots=True)
class Clock:
    """Seconds spent inside ``with`` blocks: on the wall, and of processors, all threads together."""

    wall: float = 0.0
    cpu: float = 0.0

    def __enter__(self) -> None:
        self.wall -= time.perf_counter()
        self.cpu -= time.process_time()

    def __exit__(self, *_: object) -> None:
        self.wall += time.perf_counter()
        self.cpu += time.process_time()


def insert_bare(folder: Path, full: Path) -> Clock:
    """What it takes to insert the rows of the record tables of ``full`` from Arrow into empty tables without keys."""
    tables = [replace(t, indexed=False) for t in TABLES if t.name == "documents" or t in RECORD_TABLES]
    clock = Clock()
    with duckdb.connect(str(folder / "bare.duckdb")) as con, duckdb.connect(str(full), read_only=True) as source:
        for statement in statements(tables):
            con.execute(statement)
        for table in tables:
            rows = source.execute(f"FROM {table.name}").to_arrow_reader(_AT_ONCE)
            con.begin()
            for some in rows:
                con.register("given", some)
                with clock:
                    con.execute(f"INSERT INTO {table.name} FROM given")
                con.unregister("given")
            with clock:
                con.commit()
        with clock:
            con.execute("CHECKPOINT")
    return clock


def load_all(place: StorePlace, number: int) -> Clock:
    """What it takes to load so many dispatches as a run does: a transaction for each batch, folded in at last."""
    access.start_run(place.writer, "r", NOW, {})
    clock = Clock()
    with access.kept_open(place.writer):
        for batch in outcomes(number):
            with clock:
                access.load(place.writer, "r", batch)
        with clock:
            access.finish_run(place.writer, "r", NOW, "finished")
    return clock


def main(number: int) -> None:
    """Load, publish, ask; print what each took."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        place = StorePlace(folder / "congvan.duckdb")
        place.folder.mkdir()
        prepare(place)
        loading = load_all(place, number)
        rows = sum(access.row_counts(place.writer).values())
        bare = insert_bare(folder, place.writer)
        (folder / "bare.duckdb").unlink()
        size = place.writer.stat().st_size >> 20
        print(f"{number} dispatches, {rows} rows ({rows / number:.0f} each), {size} MB")
        _line("loading", loading.wall, f"{loading.wall / bare.wall:.1f} times the bare insert")
        _line("bare Arrow insert", bare.wall)
        _line("loading, of processors", loading.cpu, f"{loading.cpu / bare.cpu:.1f} times; other programs count less")
        _line("bare Arrow insert, of processors", bare.cpu)
        with _steps() as steps:
            began = time.perf_counter()
            publish(place, datetime.now(UTC))
            _line("publishing", time.perf_counter() - began, f"{place.published.stat().st_size >> 20} MB")
        for step, taken in steps.items():
            _line(f"  of it {step}", taken)
        began = time.perf_counter()
        publish(place, datetime.now(UTC))
        _line("publishing again, nothing new", time.perf_counter() - began)
        access.load(place.writer, "r", [loaded("/in/one-more.txt")])
        began = time.perf_counter()
        publish(place, datetime.now(UTC))
        _line("publishing again, one dispatch more", time.perf_counter() - began)
        with access.reading(place.published) as con:
            for asked in [f"FROM {v.name} LIMIT 100" for v in VIEWS] + ["FROM overdue('2031-12-01') LIMIT 100"]:
                _line(asked, _median(partial(_asked, con, asked)))
            for words in ("hoạcha", "nônga thônb", '"diễn tập chữa cháy"'):
                _line(f"search {words}", _median(partial(search, con, words, 10)))
    print(f"most memory held: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10} MB")


@contextmanager
def _steps() -> Iterator[dict[str, float]]:
    """What the steps of publishing take, by name, as long as the block lasts."""
    seconds: defaultdict[str, float] = defaultdict(float)

    def timed(name: str, do: Callable[..., Any]) -> Callable[..., Any]:
        def step(*given: Any) -> Any:
            began = time.perf_counter()
            try:
                return do(*given)
            finally:
                seconds[name] += time.perf_counter() - began

        return step

    steps = [(d, "build", d.__name__.rpartition(".")[2]) for d in publishing.DERIVERS]
    steps += [(publishing, "_check", "checks"), (publishing, "_written", "Parquet")]
    steps += [(publishing, "_fingerprint", "hashes"), (publishing, "_put_in_place", "putting in place")]
    was = [(owner, name, getattr(owner, name)) for owner, name, _ in steps]
    for owner, name, said in steps:
        setattr(owner, name, timed(said, getattr(owner, name)))
    try:
        yield seconds
    finally:
        for owner, name, do in was:
            setattr(owner, name, do)


def _line(what: str, seconds: float, more: str = "") -> None:
    took = f"{seconds:9.1f} s " if seconds >= 2 else f"{seconds * 1000:8.0f} ms"
    print(f"{took}  {what}{': ' if more else ''}{more}", flush=True)


def _asked(con: duckdb.DuckDBPyConnection, sql: str) -> list[tuple[Any, ...]]:
    return con.execute(sql).fetchall()


def _median(do: Callable[[], object]) -> float:
    taken = []
    for _ in range(5):
        began = time.perf_counter()
        do()
        taken.append(time.perf_counter() - began)
    return statistics.median(taken)


def watch(minutes: float) -> None:
    """Publish for so long while readers look; print what they saw. Leaves with 1 where a look went wrong."""
    with tempfile.TemporaryDirectory() as name:
        place = StorePlace(Path(name) / "congvan.duckdb")
        place.folder.mkdir()
        prepare(place)
        access.start_run(place.writer, "r", NOW, {})
        for batch in outcomes(500):
            access.load(place.writer, "r", batch)
        publish(place, datetime.now(UTC))
        until, published = time.monotonic() + minutes * 60, 1
        with ExitStack() as stack:
            heard = [stack.enter_context(Path(name, f"{n}.txt").open("w+")) for n in range(_READERS)]
            readers = [stack.enter_context(kills.reading(place.published, file)) for file in heard]
            while time.monotonic() < until:
                if published % 3:  # every third time there is nothing new
                    access.load(place.writer, "r", [loaded(f"/in/new-{published}.txt", f"{published}")])
                publish(place, datetime.now(UTC))
                published += 1
            for reader in readers:
                reader.kill()
                reader.wait()
            looks = [line for n in range(_READERS) for line in Path(name, f"{n}.txt").read_text().splitlines()]
    wrong = [line for line in looks if line != "ok"]
    print(f"{published} times published, {len(looks)} looks of {_READERS} readers: {len(wrong)} wrong {wrong[:3]}")
    sys.exit(1 if wrong or not looks else 0)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--readers"]:
        watch(float(sys.argv[2]))
    else:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
