"""Which documents are cited, how often, and where citations contradict each other; worked out at publishing."""

from __future__ import annotations

import duckdb

from pipeline.store.current import CURRENT, HEAD, HEAD_COMMENTS, PLACE_COMMENTS, TAIL_COMMENTS, Comments
from pipeline.store.schema import Column, Table, View, must

TABLES = (
    Table(
        "cited_documents",
        "Each document that current dispatches cite, once (văn bản được viện dẫn): citations that agree on code, day "
        "and body name the same one; of a code with its year in it (156/2018/NĐ-CP) the day is not needed",
        (
            must("cited_no", "INTEGER", "From 1, the most cited first"),
            Column("code", "VARCHAR", "Its code (số, ký hiệu)"),
            Column("name", "VARCHAR", "Its name, where it has no code: Luật Đầu tư công năm 2019"),
            Column("document_type", "VARCHAR", "Its kind (tên loại)"),
            Column("issued_on", "VARCHAR", "Its day as most citations print it, possibly partial or impossible"),
            Column("issuing_body", "VARCHAR", "Who issued it, as the citations say"),
            Column("title", "VARCHAR", "What it is about, as the citation says that says most (trích yếu)"),
            must("cited_by", "INTEGER", "How many dispatches cite it"),
            must("mention_count", "INTEGER", "How often they name it, all together"),
            Column("held_document_id", "VARCHAR", "The document, where it is held here; see links"),
            must("citing_document_id", "VARCHAR", "The earliest dispatch that cites it"),
            Column("citing_code", "VARCHAR", "Its code"),
            Column("citing_issuing_body", "VARCHAR", "Who issued it"),
        ),
        ("cited_no",),
    ),
    Table(
        "citation_conflicts",
        "Citations that can hardly all be right (viện dẫn mâu thuẫn); conflicting_citations shows what they say",
        (
            must("conflict_no", "INTEGER", "Shared by the citations that differ, from 1"),
            must("differs", "VARCHAR", "In what: day (same body and year), body or title (same day)"),
            must("document_id", "VARCHAR", "The dispatch that cites; see documents"),
            must("reference_no", "INTEGER", "The citation; see document_references"),
        ),
        ("conflict_no", "document_id", "reference_no"),
        {"document_id": "documents"},
    ),
)

_CITING = f"""
CREATE TEMP TABLE citing AS
SELECT row_number() OVER (ORDER BY issued_on, path) AS seq, document_id, code, issuing_body FROM ({CURRENT.query})
"""
# A code with a year of its own is one document of one body, whatever day is printed beside it. Citations that leave
# the body out are of the one body that others name with the same code and day, where only one is named.
_SAID = """
CREATE TEMP TABLE said AS
WITH spoken AS (
    SELECT d.seq, r.document_id, r.reference_no, r.code, r.name, r.document_type, r.issued_on, r.issuing_body, r.title,
        r.mention_count, l.held_document_id, lower(coalesce(r.code, r.name)) AS cited,
        CASE WHEN r.code IS NULL THEN left(r.issued_on, 4)
            ELSE coalesce(nullif(regexp_extract(r.code, '/((?:19|20)\\d\\d)/', 1), ''), r.issued_on) END AS fixed_on,
        lower(r.issuing_body) AS body
    FROM document_references r JOIN citing d USING (document_id) LEFT JOIN links l USING (document_id, reference_no)
), bodies AS (
    SELECT cited, fixed_on, min(body) AS sole_body FROM spoken WHERE body IS NOT NULL
    GROUP BY ALL HAVING min(body) = max(body)
)
SELECT s.*, coalesce(body, sole_body) AS of_body
FROM spoken s LEFT JOIN bodies b ON b.cited = s.cited AND b.fixed_on = s.fixed_on
"""
_COUNTED = """
INSERT INTO cited_documents BY NAME
WITH by_day AS (
    SELECT cited, fixed_on, of_body, issued_on, min(code) AS code, min(name) AS name,
        min(document_type) AS document_type, min(issuing_body) AS issuing_body,
        max(lpad(length(title)::VARCHAR, 6, '0') || title) AS title,
        count(*) AS n, sum(mention_count) AS mentions, min(held_document_id) AS held_document_id, min(seq) AS seq
    FROM said GROUP BY ALL
), chosen AS (
    SELECT min(code) AS code, min(name) AS name, min(document_type) AS document_type,
        max_by(issued_on, lpad(n::VARCHAR, 9, '0') || issued_on) AS issued_on, min(issuing_body) AS issuing_body,
        substr(max(title), 7) AS title, sum(n)::INTEGER AS cited_by, sum(mentions)::INTEGER AS mention_count,
        min(held_document_id) AS held_document_id, min(seq) AS seq
    FROM by_day GROUP BY cited, fixed_on, of_body
)
SELECT row_number() OVER (ORDER BY cited_by DESC, coalesce(c.code, name), c.issued_on, c.issuing_body) AS cited_no,
    c.* EXCLUDE (seq), d.document_id AS citing_document_id, d.code AS citing_code,
    d.issuing_body AS citing_issuing_body
FROM chosen c JOIN citing d USING (seq)
"""
# The groups whose citations differ. Of bodies and titles only those count of which none is part of another: a citation
# may shorten them. A body may number two kinds alike in two years, so days are compared within one.
_CONFLICTS = r"""
INSERT INTO citation_conflicts BY NAME
WITH coded AS (
    SELECT *, left(fixed_on, 4) AS year, length(issued_on) = 10 AS whole,
        regexp_replace(lower(title), '[^\p{L}\p{N}]+', ' ', 'g') AS folded
    FROM said WHERE code IS NOT NULL AND issued_on IS NOT NULL
), days AS (
    SELECT 'day' AS differs, cited, of_body, year, NULL AS issued_on FROM coded
    WHERE whole AND (of_body IS NOT NULL OR fixed_on = year)
    GROUP BY ALL HAVING min(coded.issued_on) <> max(coded.issued_on)
), bodies AS (
    SELECT 'body' AS differs, cited, NULL AS of_body, NULL AS year, issued_on FROM coded
    WHERE whole AND body IS NOT NULL
    GROUP BY ALL HAVING min(body) <> max(body) AND list_bool_and(list_transform(list(DISTINCT body),
        lambda x: contains(x, min_by(body, (length(body), body))))) = false
), titles AS (
    SELECT 'title' AS differs, cited, of_body, NULL AS year, issued_on FROM coded
    WHERE whole AND folded IS NOT NULL
    GROUP BY ALL HAVING min(folded) <> max(folded) AND list_bool_and(list_transform(list(DISTINCT folded),
        lambda x: contains(x, min_by(folded, (length(folded), folded))))) = false
), groups AS (
    SELECT *, row_number() OVER (ORDER BY cited, differs, of_body, year, issued_on) AS conflict_no
    FROM (FROM days UNION ALL FROM bodies UNION ALL FROM titles)
)
SELECT g.conflict_no, g.differs, c.document_id, c.reference_no
FROM groups g JOIN coded c ON c.cited = g.cited AND c.whole
    AND CASE g.differs
        WHEN 'day' THEN c.of_body IS NOT DISTINCT FROM g.of_body AND c.year = g.year
        WHEN 'body' THEN c.issued_on = g.issued_on AND c.body IS NOT NULL
        ELSE c.issued_on = g.issued_on AND c.of_body IS NOT DISTINCT FROM g.of_body AND c.folded IS NOT NULL END
ORDER BY ALL
"""


def build(con: duckdb.DuckDBPyConnection) -> None:
    """Fill the tables from ``documents``, ``document_references``, ``families`` and ``links``."""
    con.execute(_CITING)
    con.execute(_SAID)
    con.execute(_COUNTED)
    con.execute(_CONFLICTS)
    con.execute("DROP TABLE said")
    con.execute("DROP TABLE citing")


_CITED_COMMENTS: Comments = (
    ("cited_code", "Code of the document cited (số, ký hiệu); null where it is cited by name alone"),
    ("cited_name", "Its name, where it has no code: Luật Đầu tư công năm 2019"),
    ("cited_document_type", "Its kind (tên loại)"),
    ("cited_issued_on", "Its day as the citation prints it, possibly partial or impossible"),
    ("cited_issuing_body", "Who issued it, as the citation says"),
)
_CITED = """r.code AS cited_code, r.name AS cited_name, r.document_type AS cited_document_type,
        r.issued_on AS cited_issued_on, r.issuing_body AS cited_issuing_body"""

_CITATIONS = View(
    "citations",
    "Who cites whom (viện dẫn): one row for each document that a dispatch names, with the copy held of it",
    f"""
    SELECT {HEAD}, r.relation, {_CITED}, r.title AS cited_title, r.mention_count,
        l.held_document_id IS NOT NULL AS held, l.why AS held_why, h.code AS held_code, h.issued_on AS held_issued_on,
        h.issuing_body AS held_issuing_body, h.path AS held_path, l.held_document_id,
        r.part, r.text, r.page, d.path, d.document_id, r.reference_no
    FROM document_references r JOIN current_documents d USING (document_id)
        LEFT JOIN links l USING (document_id, reference_no)
        LEFT JOIN documents h ON h.document_id = l.held_document_id
    """,
    (
        *HEAD_COMMENTS,
        ("relation", "amends, replaces, repeals, replies_to, basis (căn cứ), implements or cites"),
        *_CITED_COMMENTS,
        ("cited_title", "What it is about, as the citation says (trích yếu)"),
        ("mention_count", "How often this dispatch names it"),
        ("held", "Whether the document cited is held here"),
        ("held_why", "By what it was recognised: code, day, body, title"),
        ("held_code", "Code of the document held, as it says itself"),
        ("held_issued_on", "Its day, as it says itself"),
        ("held_issuing_body", "Who issued it, as it says itself"),
        ("held_path", "Its file"),
        ("held_document_id", "The document held; see documents"),
        *PLACE_COMMENTS,
        *TAIL_COMMENTS,
        ("reference_no", "Its place in document_references"),
    ),
)

_NOT_HELD = View(
    "cited_not_held",
    "Documents that dispatches cite and that are not held here (văn bản viện dẫn chưa có), with how many cite each",
    """
    SELECT c.code AS cited_code, c.name AS cited_name, c.document_type AS cited_document_type,
        c.issued_on AS cited_issued_on, c.issuing_body AS cited_issuing_body, c.title AS cited_title,
        cited_by, mention_count, citing_code, citing_issuing_body, d.path AS citing_path, citing_document_id
    FROM cited_documents c JOIN documents d ON d.document_id = citing_document_id
    WHERE held_document_id IS NULL
    """,
    (
        *_CITED_COMMENTS,
        ("cited_title", "What it is about, as the citation says that says most (trích yếu)"),
        ("cited_by", "How many dispatches cite it"),
        ("mention_count", "How often they name it, all together"),
        ("citing_code", "Code of one of those that cite it, the earliest; citations has all"),
        ("citing_issuing_body", "Who issued that one"),
        ("citing_path", "Its file"),
        ("citing_document_id", "That dispatch; see documents"),
    ),
)

_CONFLICTING = View(
    "conflicting_citations",
    "Citations that can hardly all be right: one code with different days, bodies or titles (viện dẫn mâu thuẫn). "
    "One row for each citation; those of one conflict share conflict_no",
    f"""
    SELECT k.conflict_no, k.differs, {_CITED}, r.title AS cited_title, {HEAD}, r.text, r.page,
        d.path, d.document_id, r.reference_no
    FROM citation_conflicts k JOIN document_references r USING (document_id, reference_no)
        JOIN documents d USING (document_id)
    """,
    (
        ("conflict_no", "Shared by the citations that differ"),
        ("differs", "In what: day (same body and year), body or title (same day)"),
        *_CITED_COMMENTS,
        ("cited_title", "What it is about, as this citation says (trích yếu)"),
        *HEAD_COMMENTS,
        *PLACE_COMMENTS[1:],
        *TAIL_COMMENTS,
        ("reference_no", "Its place in document_references"),
    ),
)

_SUGGESTED = View(
    "suggested_values",
    "What citations suggest for dispatches that do not say it themselves, such as a blank number (gợi ý). Nobody has "
    "confirmed it, and no record holds it",
    f"""
    SELECT s.field, s.value, s.why, {HEAD}, d.subject, s.text AS citing_text, s.page AS citing_page,
        c.code AS citing_code, c.issuing_body AS citing_issuing_body, c.path AS citing_path, d.path, d.document_id,
        s.from_document_id AS citing_document_id, s.reference_no AS citing_reference_no
    FROM suggestions s JOIN current_documents d USING (document_id)
        JOIN current_documents c ON c.document_id = s.from_document_id
    """,
    (
        ("field", "What is suggested: number (số) or issued_on (ngày ban hành)"),
        ("value", "The value suggested, as the citation has it"),
        ("why", "What agrees of citation and dispatch: code, notation, day, body, title"),
        ("code", "Number and notation of the dispatch it is suggested for (số, ký hiệu)"),
        *HEAD_COMMENTS[1:],
        ("subject", "What that dispatch is about (trích yếu nội dung)"),
        ("citing_text", "The words of the citation"),
        ("citing_page", "Page of the citing dispatch they stand on, from 1 (trang)"),
        ("citing_code", "Code of the dispatch that cites it"),
        ("citing_issuing_body", "Who issued that one"),
        ("citing_path", "Its file"),
        *TAIL_COMMENTS,
        ("citing_document_id", "The dispatch that cites it; see documents"),
        ("citing_reference_no", "The citation's place in document_references"),
    ),
)

_ALARMS = View(
    "alarms_raised",
    "Pairs of dispatches that cannot both be right (cảnh báo): one number on two papers, a citation with another day",
    f"""
    SELECT a.alarm_no, a.kind, a.message, {HEAD}, o.code AS other_code, o.issued_on AS other_issued_on,
        o.issuing_body AS other_issuing_body, o.path AS other_path, d.path, d.document_id, a.other_document_id
    FROM alarms a JOIN documents d USING (document_id) JOIN documents o ON o.document_id = a.other_document_id
    """,
    (
        ("alarm_no", "Its number in alarms"),
        ("kind", "same-code (trùng số) or conflicting-day"),
        ("message", "What is wrong, in a sentence"),
        *HEAD_COMMENTS,
        ("other_code", "Code of the other dispatch"),
        ("other_issued_on", "Its day of issue"),
        ("other_issuing_body", "Who issued it"),
        ("other_path", "Its file"),
        *TAIL_COMMENTS,
        ("other_document_id", "The other dispatch; see documents"),
    ),
)

VIEWS = (_CITATIONS, _NOT_HELD, _CONFLICTING, _SUGGESTED, _ALARMS)
