"""Full-text search at size: time to build the index, what it takes on the disk, milliseconds for each kind of question.

Run as ``python -m benchmarks.search``. Texts are drawn from 30,000 words of one to three syllables, the n-th as often
as 1/n, as in any language; 6,800 syllables without accents, about as many as Vietnamese has with them. The yardstick,
in the same run on the same texts: one scan of all folded texts for the words.
"""

from __future__ import annotations

import argparse
import tempfile
import time
import unicodedata
from pathlib import Path

import duckdb
import numpy as np

from pipeline.derived import search
from pipeline.store.schema import statements

ONSETS = "b c ch d đ g gh gi h k kh l m n ng ngh nh p ph qu r s t th tr v x"
RHYMES = (
    "a ac ach ai am an ang anh ao ap at au ay e en em eo et i ia iem ien iet ieu im in inh it o oa oai oan oc oi om on "
    "ong op ot u ua uan uat uc ui um un ung uoc uoi uon uong ut uy uyen y yen ê êm ên êt ô ôc ôi ôn ông ôt ơ ơi ơn ư "
    "ưa ưc ưng ươc ương ươi"
)
TONES = ("", "\u0300", "\u0301", "\u0309", "\u0303", "\u0323")
SYLLABLES, WORDS, BATCH = 6_000, 30_000, 10_000


def words(random: np.random.Generator) -> list[str]:
    """Words in the order of how often they come, of one to three syllables, the common syllables in many."""
    syllables = [
        unicodedata.normalize("NFC", onset + rhyme + tone) for onset in ONSETS.split()
        for rhyme in RHYMES.split() for tone in TONES
    ]
    chosen = list(random.permutation(np.array(syllables, dtype=object))[:SYLLABLES])
    lengths = random.choice([1, 2, 3], WORDS, p=[0.3, 0.62, 0.08])
    drawn = random.integers(0, SYLLABLES, int(lengths.sum()))
    ends = np.cumsum(lengths)
    return [" ".join(chosen[i] for i in drawn[end - n : end]) for end, n in zip(ends, lengths, strict=True)]


def fill(con: duckdb.DuckDBPyConnection, documents: int, size: int) -> list[str]:
    """Documents with texts of about ``size`` bytes; the words, most frequent first."""
    con.execute("CREATE TABLE documents (document_id VARCHAR, path VARCHAR, code VARCHAR, issued_on VARCHAR, "
                "subject VARCHAR, is_current BOOLEAN)")  # fmt: skip
    con.execute("CREATE TABLE document_texts (document_id VARCHAR, text VARCHAR)")
    for statement in statements(search.TABLES):
        con.execute(statement)
    random = np.random.default_rng(5)
    known = words(random)
    share = np.cumsum(1 / (np.arange(WORDS) + 3.7))
    share /= share[-1]
    for low in range(0, documents, BATCH):
        rows: list[tuple[str, str, str]] = []
        for number in range(low, min(low + BATCH, documents)):
            length = max(30, int(random.lognormal(np.log(size / 12.1), 0.4)))
            drawn = [known[i] for i in np.searchsorted(share, random.random(length))]
            code = f"{number % 5_000 + 1:02}/QĐ-UBND"
            lines = (" ".join(drawn[i : i + 15]) for i in range(0, length, 15))
            rows.append((code, " ".join(drawn[:12]), f"Số: {code}\n\n" + ",\n".join(lines) + ".\n"))
        codes, subjects, texts = (np.array(c, dtype=object) for c in zip(*rows, strict=True))
        batch = {"no": np.arange(low, low + len(rows)), "code": codes, "subject": subjects, "text": texts}
        con.register("batch", batch)
        con.execute("INSERT INTO documents SELECT sha256(no::VARCHAR), 'data/' || no || '.txt', code, "
                    "(DATE '2020-01-01' + (no % 2000)::INTEGER)::VARCHAR, subject, true FROM batch")  # fmt: skip
        con.execute("INSERT INTO document_texts SELECT sha256(no::VARCHAR), text FROM batch")
        con.unregister("batch")
    con.execute("CHECKPOINT")
    return known


def milliseconds(con: duckdb.DuckDBPyConnection, question: str, times: int = 7) -> tuple[float, float, float, int]:
    """Median and slowest of so many searches after a first one, the median of all processors' time, and the hits.

    On a machine that others load, the processors' time tells more than the clock.
    """
    hits = search.search(con, question)
    taken, worked = [], []
    for _ in range(times):
        start, cores = time.perf_counter(), time.process_time()
        search.search(con, question)
        taken.append(1000 * (time.perf_counter() - start))
        worked.append(1000 * (time.process_time() - cores))
    return float(np.median(taken)), max(taken), float(np.median(worked)), len(hits)


def main() -> None:
    """Build, measure, print one line a figure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=int, default=100_000)
    parser.add_argument("--bytes", type=int, default=3_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.duckdb"
        with duckdb.connect(str(path)) as con:
            known = fill(con, options.documents, options.bytes)
            ((size,),) = con.execute("SELECT sum(strlen(text)) FROM document_texts").fetchall()
            start, cores = time.perf_counter(), time.process_time()
            search.build(con)
            con.execute("CHECKPOINT")
            took, cores = time.perf_counter() - start, time.process_time() - cores
            ((blocks, rows),) = con.execute(
                "SELECT count(DISTINCT block_id) * 262144, (SELECT count(*) FROM search_words) "
                "FROM pragma_storage_info('search_words') WHERE persistent"
            ).fetchall()
        print(f"{options.documents} dispatches, {size / 1e6:.0f} MB of text, {size / options.documents:.0f} bytes each")
        print(f"build: {took:.1f} s, {cores:.1f} s of processors, {size / 1e6 / took:.1f} MB/s")
        print(f"index: {blocks / 1e6:.0f} MB, {rows / 1e6:.1f} million rows")
        with duckdb.connect(str(path), read_only=True) as con:
            common = [w for w in known if " " not in w][:3]
            usual = [w for w in known[500:] if " " not in w][:3]
            two = next(w for w in known[200:] if w.count(" ") == 1)
            asked = {
                "one usual word": usual[0], "two usual words": " ".join(usual[:2]),
                "three usual words": " ".join(usual),
                "a phrase": f'"{two}"', "the same two words, no quotes": two, "a number": "12/qd-ubnd",
                "the most common word": common[0], "the two most common": " ".join(common[:2]),
                "the three most common": " ".join(common), "phrase of the two most common": f'"{" ".join(common[:2])}"',
                "a word that is not there": "zzz",
            }  # fmt: skip
            for name, question in asked.items():
                median, slowest, worked, hits = milliseconds(con, question)
                said = f"{median:6.0f} ms median, {slowest:6.0f} slowest, {worked:6.0f} of processors, {hits:3} hits"
                print(f"{name:32} {said}")
            start = time.perf_counter()
            con.execute("SELECT count(*) FROM document_texts WHERE contains(fold(text), $1)", [usual[0]]).fetchall()
            print(f"{'yardstick: scan of folded texts':32} {1000 * (time.perf_counter() - start):6.0f} ms")


if __name__ == "__main__":
    main()
