"""Batches: dispatches a second, what Prefect adds, a second run over unchanged files, memory over many files.

``python -m benchmarks.batch speed|share|unchanged|memory`` (``-h`` for the sizes). Every run is the installed program,
or the same steps without Prefect, in a process of its own on a store of its own. Prints one line a figure, the
machine's load first and last. Figures of a busy machine say little: where it has other work, compare processor seconds.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from hashlib import sha256
from itertools import islice
from pathlib import Path

from pipeline.batch import BATCH_FILES, Pool, Settings, attempt
from pipeline.find import find, fingerprint
from pipeline.outcome import Outcome
from pipeline.store import access, publishing
from pipeline.store.place import StorePlace, lease, prepare
from pipeline.work import read_file
from tests.making import make
from tests.pdf_maker import draw
from tests.program import CONGVAN, ROOT, environment
from tests.scan_maker import DPI, as_it_is, scanned
from tests.test_generated import paper_of

FORMS = 500
_PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass
class Run:
    """One program: wall and processor seconds with its children's, and the memory of all its processes over time."""

    wall: float
    cpu: float
    samples: list[tuple[float, int, int]] = field(default_factory=list)
    """Seconds since its start, bytes of the program itself, bytes of the largest of its children."""
    said: str = ""


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    choice = parser.add_subparsers(dest="mode", required=True)
    speed = choice.add_parser("speed", help="dispatches a second of texts, born-digital PDF, scans")
    for kind, number in (("text", 1000), ("pdf", 100), ("scan", 8)):
        speed.add_argument(f"--{kind}", type=int, default=number, metavar="N", help=f"0 for none (default: {number})")
    speed.add_argument("--workers", type=int, nargs="+", default=[1, 2])
    for name, number, words in (
        ("share", 10_000, "processor time with Prefect and without, on texts"),
        ("unchanged", 100_000, "a second and a third run over files that the store knows"),
        ("memory", 50_000, "memory of the program and its largest child at each tenth of a run"),
    ):
        mode = choice.add_parser(name, help=words)
        mode.add_argument("--files", type=int, default=number, metavar="N", help=f"(default: {number:,})")
        mode.add_argument("--workers", type=int, default=2)
    alone = choice.add_parser("bare")
    alone.add_argument("inbox", type=Path)
    alone.add_argument("db", type=Path)
    alone.add_argument("workers", type=int)
    options = parser.parse_args()
    if options.mode == "bare":
        bare(options.inbox, options.db, options.workers)
        return 0
    _load()
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "prefect"
        home.mkdir()
        # The first server ever prepares its database; a person waits for that once.
        run([CONGVAN, "ingest", filled(Path(folder) / "one", "text", 1), "--db", Path(folder) / "one.duckdb"], home)
        if options.mode == "speed":
            compare("text", Path(folder) / "one", 1, 1, Path(folder), home)
            for kind in ("text", "pdf", "scan"):
                if files := getattr(options, kind):
                    inbox = filled(Path(folder) / kind, kind, files)
                    for workers in options.workers:
                        compare(kind, inbox, files, workers, Path(folder), home)
        elif options.mode == "share":
            inbox = filled(Path(folder) / "text", "text", options.files)
            compare("text", inbox, options.files, options.workers, Path(folder), home)
        elif options.mode == "unchanged":
            unchanged(options.files, Path(folder), home)
        else:
            flat(options.files, options.workers, Path(folder), home)
    _load()
    return 0


def _load() -> None:
    print(f"machine: {os.cpu_count()} processors, load {' '.join(f'{x:.1f}' for x in os.getloadavg())}", flush=True)


def filled(inbox: Path, kind: str, files: int) -> Path:
    """A folder of so many dispatches of one kind, all different."""
    inbox.mkdir()
    for number in range(files):
        made = make(number)
        if kind == "text":
            (inbox / f"{number:06}.txt").write_text(made.text, encoding="utf-8")
        else:
            printed = draw(paper_of(made)).pdf
            data = printed if kind == "pdf" else scanned(printed, as_it_is, DPI)
            (inbox / f"{number:06}.pdf").write_bytes(data)
    return inbox


def compare(kind: str, inbox: Path, files: int, workers: int, folder: Path, home: Path) -> None:
    """The same files with Prefect and without it, each on a new store with nothing kept from OCR."""
    name = f"{kind}-{files}-{workers}"
    bare_db = folder / f"{name}-bare.duckdb"
    without = run([sys.executable, "-m", "benchmarks.batch", "bare", inbox, bare_db, workers], home)
    with_it = run([CONGVAN, "ingest", inbox, "--db", folder / f"{name}.duckdb", "--workers", workers], home)
    added = with_it.cpu - without.cpu
    print(
        f"{files} {kind}, {workers} processes: {files / without.wall:.1f} dispatches/s without Prefect, "
        f"{files / with_it.wall:.1f} with it ({without.wall:.1f} s, {with_it.wall:.1f} s); processor time "
        f"{without.cpu:.1f} s and {with_it.cpu:.1f} s: it adds {added:.1f} s, {added / without.cpu:.1%}",
        flush=True,
    )


def bare(inbox: Path, db: Path, workers: int) -> None:
    """What ``flows.ingest`` does, in the same order and overlap, without Prefect."""
    place = StorePlace(db)
    now = datetime.now(UTC)
    with lease(place, "benchmark", now), ThreadPoolExecutor(1) as writer:
        prepare(place)
        found = list(find([inbox]))
        access.unchanged(place.writer, found)
        access.held(place.writer, [fingerprint(f.path)[0] for f in found])
        access.start_run(place.writer, "r", now, {})
        looks = {f.path: f for f in found}
        loading: Future[object] | None = None
        with Pool(Settings(), workers) as pool:
            paths = [f.path for f in found]
            for start in range(0, len(paths), BATCH_FILES):
                outcomes = [
                    replace(o, mtime_ns=looks[o.path].mtime_ns, inode=looks[o.path].inode)
                    for o in pool.run(paths[start : start + BATCH_FILES])
                ]
                if loading is not None:
                    loading.result()
                loading = writer.submit(access.load, place.writer, "r", outcomes)
        if loading is not None:
            loading.result()
        access.finish_run(place.writer, "r", datetime.now(UTC), "finished")
        publishing.publish(place, datetime.now(UTC))


def flat(files: int, workers: int, folder: Path, home: Path) -> None:
    """The memory of the program and of its largest child, at each tenth of a run."""
    inbox = filled(folder / "memory", "text", files)
    done = run([CONGVAN, "ingest", inbox, "--db", folder / "memory.duckdb", "--workers", workers], home)
    print(f"{files} text, {workers} processes: {done.wall:.0f} s, {files / done.wall:.1f} dispatches/s", flush=True)
    for tenth in range(1, 11):
        part = [s for s in done.samples if (tenth - 1) / 10 <= s[0] / done.wall < tenth / 10]
        own, child = max(s[1] for s in part), max(s[2] for s in part)
        print(f"  to {tenth * 10:3} %: program {own >> 20} MB, largest other process {child >> 20} MB", flush=True)


def unchanged(files: int, folder: Path, home: Path) -> None:
    """A second run over so many files that the store knows: the forms read once, the rest of them filled in."""
    inbox, place = folder / "unchanged", StorePlace(folder / "unchanged.duckdb")
    inbox.mkdir()
    started = time.monotonic()
    with lease(place, "benchmark", datetime.now(UTC)):
        prepare(place)
        access.start_run(place.writer, "r", datetime.now(UTC), {})
        known = _known(inbox, files)
        while portion := list(islice(known, FORMS)):
            access.load(place.writer, "r", portion)
        access.finish_run(place.writer, "r", datetime.now(UTC), "finished")
    size = place.writer.stat().st_size / files
    print(f"{files} files made and loaded in {time.monotonic() - started:.0f} s, {size:,.0f} bytes each", flush=True)
    for again in ("second", "third"):
        done = run([CONGVAN, "ingest", inbox, "--db", place.published], home)
        own, child = max(s[1] for s in done.samples), max(s[2] for s in done.samples)
        line = next((x for x in done.said.splitlines() if "held already" in x), "?")
        print(
            f"{again} run over {files} unchanged files: {done.wall:.1f} s, processor time {done.cpu:.1f} s, "
            f"{own >> 20} MB and {child >> 20} MB, published {place.published.stat().st_size >> 20} MB: {line}",
            flush=True,
        )


def _known(inbox: Path, files: int) -> Iterator[Outcome]:
    forms: list[tuple[bytes, Outcome]] = []
    for number in range(min(FORMS, files)):
        path = inbox / f"{number:06}.txt"
        path.write_text(make(number).text, encoding="utf-8")
        forms.append((path.read_bytes(), attempt(read_file, str(path), Settings())))
    long_ago = time.time_ns() - 3_600_000_000_000
    for number in range(files):
        text, form = forms[number % len(forms)]
        path = inbox / f"{number:06}.txt"
        data = text + b"\n" * (number // len(forms))
        path.write_bytes(data)
        os.utime(path, ns=(long_ago, long_ago))
        about = path.stat()
        digest = sha256(data).hexdigest()
        reads = tuple(
            replace(
                read,
                path=str(path),
                record=read.record.replace(form.sha256 or "", digest).replace(form.path, str(path)),
                rows=(read.rows or {}) | {"documents": [[digest], *(read.rows or {})["documents"][1:]]},
                digest=digest,
            )
            for read in form.reads
        )
        yield replace(
            form, path=str(path), sha256=digest, size=about.st_size, mtime_ns=about.st_mtime_ns, inode=about.st_ino,
            reads=reads, tried_at=datetime.now(UTC),
        )  # fmt: skip


def run(command: Sequence[object], home: Path) -> Run:
    """One program to its end, with nothing kept from OCR; ``home`` is Prefect's folder. Files may be set aside."""
    with tempfile.TemporaryDirectory() as kept:
        own = {"XDG_CACHE_HOME": kept, "LOCALAPPDATA": kept, "PYTHONPATH": str(ROOT)}
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        started = time.monotonic()
        done = Run(0.0, 0.0)
        with (Path(kept) / "said").open("w+", encoding="utf-8") as said:
            program = subprocess.Popen(
                [str(part) for part in command], env=environment(home, **own), cwd=ROOT, stdout=said, stderr=said
            )
            watch = threading.Thread(target=_watch, args=(program, done, started))
            watch.start()
            code = program.wait()
            done.wall = time.monotonic() - started
            watch.join()
            said.seek(0)
            done.said = said.read()
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        done.cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        if code not in (0, 1):
            raise SystemExit(done.said)
        return done


def _watch(program: subprocess.Popen[bytes], done: Run, started: float) -> None:
    while program.poll() is None:
        children = [size for pid in _below(program.pid) if (size := _held(pid))]
        done.samples.append((time.monotonic() - started, _held(program.pid), max(children, default=0)))
        time.sleep(0.5)


def _below(pid: int) -> list[int]:
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            for child in task.read_text(encoding="utf-8").split():
                found += [int(child), *_below(int(child))]
        except OSError:
            continue
    return found


def _held(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text(encoding="utf-8").split()[1]) * _PAGE
    except (OSError, IndexError):
        return 0


if __name__ == "__main__":
    sys.exit(main())
