"""Families: which files are copies of one paper, and which copy is the best; worked out at publishing.

The same paper as scan, signed PDF, Word draft and re-sent copy is one family. Numbers and days decide: what bears
different ones never joins, however alike the texts are (notices of two months, one letter to ten addressees). A copy
without a number joins only where exactly one paper fits.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import duckdb

from pipeline.derived.likeness import bare, body_words, notation_key, title_words, titles_alike
from pipeline.derived.sketch import HASHES
from pipeline.store.schema import Table, must

TABLES = (
    Table(
        "families",
        "One row for each current dispatch: which of them are copies of one paper, and which copy is the best "
        "(các bản của cùng một văn bản). Nothing is taken away: every copy stays in documents",
        (
            must("document_id", "VARCHAR", "The copy; see documents (bản)"),
            must("family_id", "VARCHAR", "Shared by the copies of a paper: document_id of the best"),
            must("is_best", "BOOLEAN", "Whether it is the copy to read (bản tốt nhất)"),
            must("member_count", "INTEGER", "How many copies there are, itself included"),
            must(
                "member_kind",
                "VARCHAR",
                "alone, best, exact (the text of the best), near (nearly its text) or draft (without number: dự thảo)"),
            must(
                "grade",
                "VARCHAR",
                "What copy it is, best first: signed-intact (ký số toàn vẹn), signed, born-digital, text, ocr (quét)"),
            must("similarity", "DOUBLE", "Share of text in common with the best copy, estimated"),
            must("why", "VARCHAR", "Why it is there, in a sentence"),
        ),
        ("document_id",),
        {"document_id": "documents"},
    ),
)

# What people read in the column why.
_GRADE_WORDS = {
    "signed-intact": "digitally signed and unchanged since",
    "signed": "digitally signed",
    "born-digital": "PDF with its own text",
    "text": "Word or plain text",
    "ocr": "read by OCR",
}
_WHY = {
    "alone": "No other copy of it is held.",
    "torn": "Nearly the text of several others, whose numbers or days differ: it is a copy of one of them at most.",
    "best": "The best of {} copies: {}.",
    "exact": "The same text as the best copy.",
    "near": "{}% of its text is that of the best copy, and number and day agree.",
    "near-blank": "{}% of its text is that of the best copy, with the same figures; neither has a number.",
    "draft": "It has no number; {}% of its text is that of the best copy, with the same figures, and no other fits.",
}

_BANDS, _ROWS = 32, HASHES // 32
"""Texts that share 60% of their runs of words meet in a band with 99%, such that share 30% with 23%."""
_CROWD = 40
"""So many texts in one band are a form filled in again and again: without a number only the day tells them apart."""
_SHORTEST = 200
"""Characters a text must have before likeness alone says something."""

_KIN = f"""
CREATE TEMP TABLE kin AS
WITH signed AS (
    SELECT document_id, bool_and(intact) FILTER (kind = 'cryptographic') AS whole,
        bool_or(intact IS false) FILTER (kind = 'cryptographic') AS altered
    FROM signatures GROUP BY document_id
), found AS (
    SELECT document_id, min(found_at) AS found_at FROM files GROUP BY document_id
), addressed AS (
    SELECT document_id, list_sort(list(DISTINCT {bare("name")})) AS addressees FROM addressees GROUP BY document_id
)
SELECT (row_number() OVER (ORDER BY d.document_id))::INTEGER AS n, d.document_id, d.path,
    ltrim(lower(d.number), '0') AS number, {notation_key("d.notation")} AS notation,
    d.issued_on AS day, length(d.issued_on) = 10 AS whole_day,
    {body_words("d.issuing_body")} AS body, {bare("d.issuing_body_province")} AS province,
    d.document_type, d.subject, a.addressees, coalesce(d.page_count, 0) AS pages,
    d.text_origin = 'ocr' AS ocr, length(t.text) AS size, hash(t.text) AS text_hash, k.sketch,
    CASE WHEN s.whole AND NOT s.altered THEN 'signed-intact' WHEN s.altered IS false THEN 'signed'
        WHEN d.text_origin = 'ocr' THEN 'ocr'
        WHEN d.media_type = 'application/pdf' THEN 'born-digital' ELSE 'text' END AS grade,
    coalesce(s.altered, false) AS altered,
    (d.number IS NOT NULL)::INT + (d.notation IS NOT NULL)::INT + (d.subject IS NOT NULL)::INT
        + (d.issued_on IS NOT NULL)::INT + (d.issued_date IS NOT NULL)::INT + (d.issuing_body IS NOT NULL)::INT
        + (d.signer_name IS NOT NULL)::INT AS filled,
    f.found_at
FROM documents d LEFT JOIN document_texts t USING (document_id) LEFT JOIN document_sketches k USING (document_id)
    LEFT JOIN signed s USING (document_id) LEFT JOIN found f USING (document_id)
    LEFT JOIN addressed a USING (document_id)
WHERE d.is_current
"""
# One of those that say word for word the same stands for them all.
_TWINS = f"""
CREATE TEMP TABLE twins AS
SELECT n, min(n) OVER (PARTITION BY text_hash, size, number, notation, day, body, province) AS first_n
FROM kin WHERE size >= {_SHORTEST} AND sketch IS NOT NULL
"""
_FIRSTS = "CREATE TEMP TABLE firsts AS SELECT kin.* FROM kin JOIN twins USING (n) WHERE n = first_n"
_BUCKETS = f"""
CREATE TEMP TABLE buckets AS
WITH bands AS (
    SELECT n, day, whole_day, number IS NULL AS blank, unnest(list_transform(range({_BANDS}),
        lambda i: hash(i, sketch[1], list_slice(sketch, i * {_ROWS} + 2, i * {_ROWS} + {_ROWS + 1})))) AS band
    FROM firsts
)
SELECT *, count(*) OVER (PARTITION BY band) AS crowd, count(*) OVER (PARTITION BY band, day) AS day_crowd
FROM bands SEMI JOIN (SELECT DISTINCT band FROM bands WHERE blank) USING (band)
"""
_MAY_MEET = "x.blank AND x.n <> y.n AND (x.n < y.n OR NOT y.blank)"
_PAIRS = f"""
CREATE TEMP TABLE pairs AS
SELECT x.n AS a, y.n AS b FROM firsts x JOIN firsts y ON x.number = y.number AND x.day = y.day AND x.n < y.n
WHERE x.whole_day
UNION
SELECT x.n, y.n FROM firsts x JOIN firsts y ON x.number = y.number AND x.notation = y.notation AND x.n <> y.n
WHERE x.whole_day IS NOT true AND (y.whole_day OR x.n < y.n)
    AND coalesce(starts_with(y.day, x.day) OR starts_with(x.day, y.day), true)
UNION
SELECT DISTINCT x.n, y.n FROM buckets x JOIN buckets y USING (band)
WHERE {_MAY_MEET} AND x.crowd <= {_CROWD}
    AND coalesce(starts_with(y.day, x.day) OR starts_with(x.day, y.day), true)
UNION
SELECT DISTINCT x.n, y.n FROM buckets x JOIN buckets y USING (band, day)
WHERE {_MAY_MEET} AND x.whole_day AND x.crowd > {_CROWD} AND x.day_crowd <= {_CROWD}
"""


def _alike(left: str, right: str) -> str:
    """Share of equal values of two sketches; 0 where they were made by different methods."""
    # As a condition of a join the method, the same nearly everywhere, would make it a cross product.
    same = f"len(list_filter(list_zip({left}[2:], {right}[2:]), lambda t: t[1] = t[2]))"
    return f"CASE WHEN {left}[1] = {right}[1] THEN {same} / {HASHES} ELSE 0.0 END"


# Shared: the runs of words of the shorter text that the longer has. An annex that one copy lacks does not count.
_SHARED = "least(1.0, alike * (x_size + y_size) / ((1 + alike) * least(x_size, y_size)))"
_MEASURED = f"""
CREATE TEMP TABLE measured AS
SELECT *, {_SHARED} AS shared FROM (
    SELECT a, b, {_alike("x.sketch", "y.sketch")} AS alike, x.size AS x_size, y.size AS y_size,
        x.ocr OR y.ocr AS ocr, x.number IS NULL OR y.number IS NULL AS blank,
        x.subject AS x_subject, y.subject AS y_subject, x.addressees AS x_to, y.addressees AS y_to
    FROM pairs JOIN firsts x ON x.n = a JOIN firsts y ON y.n = b
    WHERE coalesce(levenshtein(x.notation, y.notation) <= (x.ocr OR y.ocr)::INT, true)
        AND coalesce(x.document_type = y.document_type, true)
        AND coalesce(x.province = y.province, true)
        AND coalesce(x.body = y.body OR starts_with(x.body, y.body || ' ') OR starts_with(y.body, x.body || ' ')
            OR ((x.ocr OR y.ocr) AND levenshtein(x.body, y.body) <= 3), true)
) WHERE alike >= 0.25
"""
_SAME_PEOPLE = """(x_to IS NULL OR y_to IS NULL
        OR len(list_intersect(x_to, y_to)) >= least(len(x_to), len(y_to)) / 2.0
        OR (ocr AND jaro_winkler_similarity(array_to_string(x_to, ' '), array_to_string(y_to, ' ')) > 0.9))"""
_LIKELY = f"""
CREATE TEMP TABLE likely AS
SELECT a, b, alike, ocr, blank FROM (
    SELECT *, {title_words("x_subject")} AS x_title, {title_words("y_subject")} AS y_title FROM measured
    WHERE CASE WHEN blank THEN alike >= if(ocr, 0.45, 0.65) AND shared >= if(ocr, 0.55, 0.85) AND {_SAME_PEOPLE}
        ELSE shared >= if(ocr, 0.45, 0.7) END
) WHERE coalesce({titles_alike("x_title", "y_title")} >= if(ocr, 0.4, 0.6), true)
"""
# The figures of a text; its own number, day and page numbers are not what it reports.
_FIGURES = rf"""
CREATE TEMP TABLE figures AS
WITH plain AS (
    SELECT n, number, day, pages, regexp_replace(regexp_replace(regexp_replace(
        {bare("text")}, '\b0+([0-9])', '\1', 'g'),
        'ngay\s+([0-9]+)\s+thang\s+([0-9]+)\s+nam\s+([0-9]+)', '\1/\2/\3', 'g'),
        'thang\s+([0-9]+)\s+nam\s+([0-9]+)', '\1/\2', 'g') AS text
    FROM firsts JOIN document_texts USING (document_id)
    WHERE n IN (SELECT unnest([a, b]) FROM likely WHERE blank)
)
SELECT n, list_filter(list_distinct(regexp_extract_all(text,
    '(?:(?:thang|quy|tuan)\s+)?[0-9]+(?:[.,/-][0-9]+)*')), lambda f:
        f IS DISTINCT FROM number
        AND f IS DISTINCT FROM regexp_replace(day, '^([0-9]+)-0?([0-9]+)-0?([0-9]+)$', '\3/\2/\1')
        AND f IS DISTINCT FROM regexp_replace(day, '^([0-9]+)-0?([0-9]+)$', '\2/\1')
        AND (length(f) > 2 OR coalesce(try_cast(f AS INTEGER), 99) > pages)) AS figures
FROM plain
"""
_EDGES = """
CREATE TEMP TABLE edges AS
SELECT a, b FROM likely WHERE NOT blank
UNION ALL
SELECT a, b FROM (
    SELECT a, b, ocr, least(len(x.figures), len(y.figures)) AS fewer,
        len(list_intersect(x.figures, y.figures)) AS common
    FROM likely JOIN figures x ON x.n = a JOIN figures y ON y.n = b WHERE blank
) WHERE fewer - common <= floor(fewer * if(ocr, 0.2, 0.03))
UNION ALL
SELECT first_n, n FROM twins WHERE n <> first_n
"""
_NODES = """
SELECT n, number, day, body IS NOT NULL FROM kin WHERE n IN (SELECT a FROM edges UNION SELECT b FROM edges) ORDER BY n
"""


@dataclass(frozen=True, slots=True)
class Node:
    """What decides of one document where it may belong."""

    number: str | None
    day: str | None
    has_body: bool

    @property
    def rank(self) -> tuple[int, int, int]:
        """Those that say most come first."""
        return (self.number is None, -len(self.day or ""), not self.has_body)


def build(con: duckdb.DuckDBPyConnection) -> None:
    """Fill ``families`` from the source tables of current documents."""
    for statement in (_KIN, _TWINS, _FIRSTS, _BUCKETS, _PAIRS, _MEASURED, _LIKELY, _FIGURES, _EDGES):
        con.execute(statement)
    edges = con.execute("SELECT a, b FROM edges ORDER BY ALL").fetchall()
    nodes = {n: Node(*said) for n, *said in con.execute(_NODES).fetchall()}
    placed, torn = place(nodes, edges)
    rows = [{"n": n, "first_n": first, "torn": n in torn} for n, first in placed.items()]
    con.execute(_PLACED, [json.dumps(rows)])
    con.execute(_INSERT)
    for name in ("kin", "twins", "firsts", "buckets", "pairs", "measured", "likely", "figures", "edges", "placed"):
        con.execute(f"DROP TABLE {name}")


def place(nodes: dict[int, Node], edges: Sequence[tuple[int, int]]) -> tuple[dict[int, int], set[int]]:
    """For each node the number of its family, and those that would fit into several and so stay apart.

    Families grow from the documents that say most: number, whole day, body. What says less joins the family that its
    neighbours are of, if they are of one only and nothing there contradicts it.
    """
    near: dict[int, list[int]] = defaultdict(list)
    for a, b in edges:
        near[a].append(b)
        near[b].append(a)
    family: dict[int, int] = {}
    said: dict[int, tuple[str | None, str]] = {}
    torn: set[int] = set()
    levels: dict[tuple[int, int, int], list[int]] = defaultdict(list)
    for n in sorted(nodes):
        levels[nodes[n].rank].append(n)
    for rank in sorted(levels):
        for cluster in _clusters(levels[rank], nodes, near):
            number, day = nodes[cluster[0]].number, nodes[cluster[0]].day or ""
            fitting = {family[m] for n in cluster for m in near[n] if m in family}
            fitting = {f for f in fitting if _agree(number, day, said[f])}
            if len(fitting) == 1:
                (own,) = fitting
                known_number, known_day = said[own]
                said[own] = (known_number or number, max(known_day, day, key=len))
            else:
                own = cluster[0]
                said[own] = (number, day)
                torn |= set(cluster) if fitting else set()
            family |= dict.fromkeys(cluster, own)
    return family, torn


def _agree(number: str | None, day: str, said: tuple[str | None, str]) -> bool:
    return (None in (number, said[0]) or number == said[0]) and (day.startswith(said[1]) or said[1].startswith(day))


def _clusters(level: Iterable[int], nodes: dict[int, Node], near: dict[int, list[int]]) -> list[list[int]]:
    """The documents of one level, those together that are alike and bear the same number and day."""
    left = set(level)
    made: list[list[int]] = []
    for start in sorted(left):
        if start not in left:
            continue
        left.discard(start)
        cluster, at = [start], 0
        while at < len(cluster):
            for m in near[cluster[at]]:
                if m in left and (nodes[m].number, nodes[m].day) == (nodes[start].number, nodes[start].day):
                    left.discard(m)
                    cluster.append(m)
            at += 1
        made.append(sorted(cluster))
    return made


_PLACED = """
CREATE TEMP TABLE placed AS
SELECT unnest(from_json($1::JSON, '[{"n": "INTEGER", "first_n": "INTEGER", "torn": "BOOLEAN"}]'), max_depth := 2)
"""
_GRADES = tuple(_GRADE_WORDS)


def _text(name: str, *values: str) -> str:
    return f"format({', '.join((repr(_WHY[name]), *values))})"


_PERCENT = "floor(similarity * 100)::INTEGER"
_INSERT = f"""
INSERT INTO families BY NAME
WITH grown AS (
    SELECT k.*, coalesce(p.first_n, k.n) AS first_n, coalesce(p.torn, false) AS torn,
        coalesce(t.first_n, k.n) AS text_n
    FROM kin k LEFT JOIN placed p USING (n) LEFT JOIN twins t USING (n)
), ranked AS (
    SELECT *, count(*) OVER (PARTITION BY first_n) AS member_count,
        row_number() OVER (PARTITION BY first_n ORDER BY list_position({list(_GRADES)}, grade), altered, filled DESC,
            floor(ln(greatest(size, 1)) / ln(1.1)) DESC, found_at, path, document_id) = 1 AS is_best
    FROM grown
), compared AS (
    SELECT r.document_id, b.document_id AS family_id, r.is_best, r.member_count::INTEGER AS member_count, r.grade,
        r.torn, r.number IS NULL AS blank, b.number IS NULL AS blank_best,
        CASE WHEN r.text_n = b.text_n THEN 1.0 ELSE {_alike("r.sketch", "b.sketch")} END AS similarity,
        r.text_n = b.text_n AS same
    FROM ranked r JOIN ranked b ON b.first_n = r.first_n AND b.is_best
), kinds AS (
    SELECT *, CASE WHEN member_count = 1 THEN 'alone' WHEN is_best THEN 'best' WHEN same THEN 'exact'
        WHEN blank AND NOT blank_best THEN 'draft' ELSE 'near' END AS member_kind
    FROM compared
)
SELECT document_id, family_id, is_best, member_count, member_kind, grade, similarity,
    CASE WHEN torn AND member_count = 1 THEN {_WHY["torn"]!r} WHEN member_kind = 'alone' THEN {_WHY["alone"]!r}
        WHEN member_kind = 'best' THEN {_text("best", "member_count", f"map {_GRADE_WORDS}[grade]")}
        WHEN member_kind = 'exact' THEN {_WHY["exact"]!r}
        WHEN member_kind = 'draft' THEN {_text("draft", _PERCENT)}
        WHEN blank THEN {_text("near-blank", _PERCENT)}
        ELSE {_text("near", _PERCENT)} END AS why
FROM kinds ORDER BY document_id
"""
