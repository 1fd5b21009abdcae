"""Kills ingests at random moments and says whether anything was lost, doubled or unreadable.

Run as ``python -m benchmarks.kills [KILLS]`` (100 unless told: some ten minutes). Each round ingests the five seeds and
500 generated dispatches, is killed (-9) a few times on the way, then run to its end, and its database is compared with
that of a run never killed. A reader opens the published file all the time.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import IO

from pipeline.store import access
from pipeline.store.place import StorePlace
from tests.making import make
from tests.program import CONGVAN, congvan, environment, prefect_server
from tests.shared import shared
from tests.test_flow import contents

_PER_ROUND = 5
_READER = """
import random, sys, time, duckdb
asked = "SELECT count(*), (SELECT count(*) FROM document_texts), (SELECT count(*) FROM families) FROM documents"
had = 0
while True:
    try:
        with duckdb.connect(sys.argv[1], read_only=True) as con:
            documents, texts, families = con.execute(asked).fetchall()[0]
        whole = documents == texts == families >= had and documents > 0
        had = documents
        print("ok" if whole else f"empty {documents} {texts} {families}", flush=True)
    except Exception as error:
        print(f"failed {error}".splitlines()[0], flush=True)
    time.sleep(random.uniform(0, 0.05))
"""


def main(kills: int) -> None:
    """Kill, end, compare; print what came of it. Leaves with 1 where anything differs."""
    rng = random.Random(11)
    with tempfile.TemporaryDirectory() as name, prefect_server(Path(name)) as api:
        folder = Path(name)
        papers = folder / "in"
        papers.mkdir()
        for n in range(500):
            (papers / f"{n:04}.txt").write_text(make(n).text, encoding="utf-8")
        for seed in shared("seeds").glob("*.txt"):
            (papers / f"seed-{seed.stem[:3]}.txt").write_bytes(seed.read_bytes())
        whole = folder / "whole.duckdb"
        began = time.monotonic()
        assert congvan("ingest", papers, "--db", whole, home=folder, PREFECT_API_URL=api).returncode == 0
        undisturbed = time.monotonic() - began
        expected, wrong, done, looks = contents(whole), 0, 0, 0
        while done < kills:
            db = folder / f"cut-{done}" / "congvan.duckdb"
            with reading(db) as reader:
                for _ in range(min(_PER_ROUND, kills - done)):
                    _killed(papers, db, folder, api, rng.uniform(0.5, undisturbed))
                    done += 1
                last = congvan("ingest", papers, "--db", db, home=folder, PREFECT_API_URL=api)
                time.sleep(0.5)
                reader.kill()
                said = reader.communicate()[0].splitlines()
            published = said.index("ok") if "ok" in said else len(said)
            bad = [line for line in said[published:] if line != "ok"]
            looks += len(said) - published
            same = last.returncode == 0 and contents(db) == expected
            whole_keys = not access.broken_keys(db) and not access.broken_keys(StorePlace(db).writer)
            wrong += not (same and whole_keys and not bad)
            print(f"{done} kills: same {same}, keys {whole_keys}, {len(said)} looks, bad {bad[:1]}", flush=True)
        print(f"{kills} kills within {undisturbed:.1f} s each, {looks} looks of readers: {wrong} rounds went wrong")
    sys.exit(1 if wrong else 0)


def reading(db: Path, out: int | IO[str] = subprocess.PIPE) -> subprocess.Popen[str]:
    """A program that opens the published file again and again; it prints ``ok``, or what was wrong, for each time."""
    return subprocess.Popen([sys.executable, "-c", _READER, str(db)], stdout=out, text=True)


def _killed(papers: Path, db: Path, home: Path, api: str, after: float) -> None:
    """One ingest, killed with its workers after so many seconds, if it has not ended by then."""
    run = subprocess.Popen(
        [CONGVAN, "ingest", papers, "--db", db], env=environment(home, PREFECT_API_URL=api), stderr=subprocess.DEVNULL,
        start_new_session=True,
    )  # fmt: skip
    try:
        run.wait(after)
    except subprocess.TimeoutExpired:
        os.killpg(run.pid, signal.SIGKILL)
        run.wait()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100)
