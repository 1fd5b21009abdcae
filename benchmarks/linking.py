"""Families and links of a large store: seconds, memory, and how many copies and citations are found, how many wrongly.

Run as ``python -m benchmarks.linking``. Some hundred made dispatches go through the reader and the loader; SQL makes
the rest of them: the same forms filled in again with other numbers, days, places and figures (texts alike to about
four fifths), a tenth of them as OCR copies and drafts of others, and citations of which a third are of papers held.
The paths say which paper each is a copy of, so that what was found can be counted. Prints one line a figure.
"""

from __future__ import annotations

import argparse
import resource
import sys
import tempfile
import time
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import duckdb

from pipeline.derived import families, linking
from pipeline.derived.sketch import sketch
from pipeline.extract import extract
from pipeline.outcome import Outcome, Read
from pipeline.read import read_bytes
from pipeline.store import access
from pipeline.store.schema import quoted, statements
from tests.making import PROVINCES, make

FORMS = 400
NOW = datetime(2031, 1, 1, tzinfo=UTC)

# Each row is copy r of form b. The first nine tenths of a form's rows are papers; each of the others is a copy of one.
_PLAN = f"""
CREATE TEMP TABLE plan AS
SELECT *, p.document_id || '-' || paper AS paper_id, hash(p.document_id, paper) AS h,
    sha256(p.document_id || '-' || r) AS new_id, {PROVINCES}[1 + (hash(p.document_id, paper, 'place') % 10)::INT]
        AS province,
    make_date(2021 + (hash(p.document_id, paper, 'year') % 5)::INT, 1, 1)
        + (hash(p.document_id, paper, 'day') % 360)::INT AS day
FROM (
    SELECT document_id, r, r >= $1 * 0.9 AS is_copy, CASE WHEN r >= $1 * 0.9 THEN r % floor($1 * 0.9)::INT ELSE r END
        AS paper
    FROM documents, range($1) t(r)
) p
"""
# Of the papers, and of the copies, an eighth has no number, half of these no day.
_DOCUMENTS = """
SELECT d.* REPLACE (
    p.new_id AS document_id, p.paper_id || '/' || r AS path,
    if(blank, NULL, (1 + h % 4999)::VARCHAR) AS number,
    if(blank, NULL, (1 + h % 4999)::VARCHAR || '/' || notation) AS code,
    if(undated, NULL, p.day::VARCHAR) AS issued_on, if(undated, NULL, p.day) AS issued_date,
    if(issuing_body_province IS NULL, issuing_body,
        replace(issuing_body, issuing_body_province, p.province)) AS issuing_body,
    if(issuing_body_province IS NULL, NULL, p.province) AS issuing_body_province,
    if(is_copy AND r % 2 = 0, 'ocr', text_origin) AS text_origin
) FROM (SELECT *, hash(new_id, 'blank') % 8 = 0 AS blank, hash(new_id, 'blank') % 16 = 0 AS undated FROM plan) p
    JOIN documents d USING (document_id)
"""
_TEXTS = """
SELECT new_id AS document_id, text || chr(10) || 'Tổng số: '
    || array_to_string(list_transform(range(12), lambda i: 1000 + hash(h, i) % 90000), '; ')
    || if(is_copy, chr(10) || 'bản sao ' || r, '') AS text
FROM plan JOIN document_texts USING (document_id)
"""
# A paper shares nine tenths of its form, an OCR copy nearly nine tenths of its paper, every other copy nearly all.
_SKETCHES = """
SELECT new_id AS document_id, list_transform(sketch, lambda v, i: CASE
    WHEN i > 1 AND is_copy AND hash(new_id, i) % 100 < if(r % 2 = 0, 12, 3) THEN hash(new_id, i, 'copy') % 4294967296
    WHEN i > 1 AND hash(h, i) % 100 < 10 THEN hash(h, i, 'paper') % 4294967296 ELSE v END) AS sketch
FROM plan JOIN document_sketches USING (document_id)
"""
_ADDRESSEES = "SELECT a.* REPLACE (p.new_id AS document_id) FROM plan p JOIN addressees a USING (document_id)"
_FILES = "SELECT f.* REPLACE (p.new_id AS document_id, p.new_id AS path) FROM plan p JOIN files f USING (document_id)"
_REFERENCES = """
WITH numbered AS (
    SELECT code, issued_on, issued_date, issuing_body, subject, path,
        row_number() OVER (ORDER BY document_id) - 1 AS place
    FROM grown_documents
)
SELECT r.* EXCLUDE (document_id, code, issued_on, issued_date, issuing_body, title, held, pick, new_id),
    new_id AS document_id,
    CASE WHEN held THEN t.code ELSE (1 + pick % 4999)::VARCHAR || substr(r.code, strpos(r.code, '/')) END AS code,
    if(held, t.issued_on, r.issued_on) AS issued_on, if(held, t.issued_date, r.issued_date) AS issued_date,
    if(held, t.issuing_body, r.issuing_body) AS issuing_body, if(held, t.subject, r.title) AS title,
    CASE WHEN held THEN t.path END AS truth
FROM (
    SELECT p.new_id, hash(p.new_id, n, reference_no) AS pick, hash(p.new_id, n, reference_no, 'held') % 3 = 0 AS held,
        x.* EXCLUDE (truth) REPLACE (reference_no + 10 * n AS reference_no)
    FROM plan p JOIN document_references x USING (document_id), range(3) t(n)
) r LEFT JOIN numbered t ON t.place = pick % (SELECT count(*) FROM numbered)
WHERE NOT held OR t.code IS NOT NULL
"""
_GROWN = {
    "documents": _DOCUMENTS, "document_texts": _TEXTS, "document_sketches": _SKETCHES, "addressees": _ADDRESSEES,
    "files": _FILES, "document_references": _REFERENCES,
}  # fmt: skip

_LINKED = """SELECT count(*) FROM links JOIN document_references r USING (document_id, reference_no)
    JOIN told t ON t.document_id = held_document_id"""
_FIGURES = {
    "papers with several copies": "SELECT count(*) FROM (SELECT paper FROM told GROUP BY paper HAVING count(*) > 1)",
    "of these in one family": """SELECT count(*) FROM (
        SELECT paper FROM told GROUP BY paper HAVING count(*) > 1 AND min(family_id) = max(family_id))""",
    "families of several papers (wrong)": """SELECT count(*) FROM (
        SELECT family_id FROM told GROUP BY family_id HAVING min(paper) <> max(paper))""",
    "citations": "SELECT count(*) FROM document_references",
    "of papers held": "SELECT count(*) FROM document_references WHERE truth IS NOT NULL",
    "of these linked rightly": f"{_LINKED} WHERE t.paper = split_part(r.truth, '/', 1)",
    "linked otherwise": f"{_LINKED} WHERE t.paper IS DISTINCT FROM split_part(r.truth, '/', 1)",
    "suggestions": "SELECT count(*) FROM suggestions",
    "alarms": "SELECT count(*) FROM alarms",
}


def fill(path: Path, documents: int) -> None:
    """A store of about ``documents`` dispatches."""
    outcomes = []
    for seed in range(min(FORMS, documents)):
        content = make(seed).text.encode()
        ((source,), _) = read_bytes(content, f"{seed}.txt")
        read = Read(source.path, extract(source).model_dump_json(), source.text, tuple(sketch(source.text)))
        outcomes.append(Outcome(read.path, NOW, sha256(content).hexdigest(), reads=(read,)))
    access.start_run(path, "r1", NOW, {})
    access.load(path, "r1", outcomes)
    with access.writing(path) as con:
        con.execute(_PLAN, [max(10, documents // FORMS)])
        con.execute("ALTER TABLE document_references ADD COLUMN truth VARCHAR")
        for name, query in _GROWN.items():
            con.execute(f"CREATE TABLE {quoted('grown_' + name)} AS {query}")
        for name in reversed(_GROWN):
            con.execute(f"DELETE FROM {quoted(name)}")
        for name in _GROWN:
            con.execute(f"INSERT INTO {quoted(name)} BY NAME SELECT * FROM {quoted('grown_' + name)}")
            con.execute(f"DROP TABLE {quoted('grown_' + name)}")
        con.execute("CHECKPOINT")


def measure(con: duckdb.DuckDBPyConnection) -> None:
    """Build, and print what it took and what was found."""
    for module in (families, linking):
        for statement in statements(module.TABLES):
            con.execute(statement)
        start = time.perf_counter()
        module.build(con)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"{module.__name__}  {time.perf_counter() - start:.1f} s  peak memory {peak:.0f} MB")
    con.execute(
        "CREATE TEMP TABLE told AS SELECT f.*, split_part(path, '/', 1) AS paper FROM families f "
        "JOIN documents USING (document_id)"
    )
    for name, query in _FIGURES.items():
        print(f"{name}  {con.execute(query).fetchall()[0][0]}")


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--documents", type=int, default=100_000)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "store.duckdb"
        fill(path, arguments.documents)
        with access.writing(path) as con:
            measure(con)
    text = make(3, paragraphs=20).text
    start = time.perf_counter()
    for _ in range(200):
        sketch(text)
    print(f"sketch of {len(text)} characters  {(time.perf_counter() - start) * 5:.2f} ms")
    return 0


if __name__ == "__main__":
    sys.exit(main())
