"""Links: which held dispatch a citation means, what citations suggest, and what cannot all be true.

Worked out at publishing, after the families. A number starts anew every year in every office (NĐ 30/2020/NĐ-CP,
Phụ lục I.II.3): a code alone says little, so that day, body or title must agree too, and what fits several papers is
not linked.
"""

from __future__ import annotations

import duckdb

from pipeline.derived.likeness import body_words, code_key, loose_key, notation_key, title_words, titles_alike, words_of
from pipeline.store.schema import Column, Table, must

_CITING = must("document_id", "VARCHAR", "The dispatch that cites; see documents")
_CITATION = must("reference_no", "INTEGER", "The citation; see document_references")

TABLES = (
    Table(
        "links",
        "Citations whose document is held, one row each (liên kết viện dẫn); those not held, or that could mean "
        "several, have none",
        (
            _CITING,
            _CITATION,
            must("held_document_id", "VARCHAR", "The document cited: the best copy of it"),
            must(
                "why",
                "VARCHAR[]",
                "What agrees: code (số, ký hiệu), day (ngày), body (cơ quan ban hành), title (trích yếu)"),
        ),
        ("document_id", "reference_no"),
        {"document_id": "documents"},
    ),
    Table(
        "suggestions",
        "What a citation says of a dispatch that does not say it itself, such as a number left blank (gợi ý). "
        "Nobody has confirmed it and no record holds it: congvan correct makes it one",
        (
            must("document_id", "VARCHAR", "The dispatch it is suggested for; see documents"),
            must("field", "VARCHAR", "number (số) or issued_on (ngày ban hành)"),
            must("value", "VARCHAR", "The value suggested, as the citation has it"),
            must("from_document_id", "VARCHAR", "The dispatch that cites it so"),
            must("reference_no", "INTEGER", "The citation in it; see document_references"),
            must(
                "why",
                "VARCHAR[]",
                "What agrees of citation and dispatch: code, notation (ký hiệu), day, body, title"),
            Column("text", "VARCHAR", "The words of the citation"),
            Column("page", "INTEGER", "Page of the citing dispatch they stand on, from 1 (trang)"),
        ),
        ("document_id", "field", "from_document_id", "reference_no"),
        {"document_id": "documents"},
    ),
    Table(
        "alarms",
        "What cannot all be right, found by comparing dispatches (cảnh báo)",
        (
            must("alarm_no", "INTEGER", "From 1"),
            must(
                "kind",
                "VARCHAR",
                "same-code (two papers with one number: trùng số) or conflicting-day (a citation has another day)"),
            must("document_id", "VARCHAR", "The dispatch; see documents"),
            must("other_document_id", "VARCHAR", "The one with the same code, or that cites it so"),
            must("message", "VARCHAR", "What is wrong, in a sentence"),
        ),
        ("alarm_no",),
        {"document_id": "documents"},
    ),
)

# What people read in the column message.
_MESSAGES = {
    "same-code": "{} of {} in {} stands on two dispatches with different contents, of {} ({}) and of {} ({}); "
    "one number may be wrong.",
    "conflicting-day": "{} cites {} as of {}, but the dispatch itself is of {}.",
}
_NO_SUBJECT, _NO_CODE = "no subject", "A dispatch without number"

# Every current copy, with the best copy of its paper: a citation may fit what only one of the copies says.
_HEADS = f"""
CREATE TEMP TABLE heads AS
SELECT d.document_id, f.family_id, d.code, {code_key("d.code")} AS strict, {loose_key("d.code")} AS loose,
    d.number, {notation_key("d.notation")} AS notation, d.document_type, d.subject, d.issued_on AS day,
    d.issuing_body, d.issuing_body_level AS level, d.issuing_body_superior AS superior,
    {body_words("d.issuing_body")} AS body, {words_of("d.issuing_body_province")} AS province
FROM documents d JOIN families f USING (document_id) WHERE d.is_current
"""
_CITED = f"""
CREATE TEMP TABLE cited AS
SELECT r.document_id, r.reference_no, r.code, r.name, r.document_type, r.issued_on AS day,
    r.issued_date IS NOT NULL AS whole_day, r.issuing_body, r.title AS said_title, r.text, r.page,
    {code_key("r.code")} AS strict, {loose_key("r.code")} AS loose,
    {body_words("r.issuing_body")} AS body, string_split({body_words("r.issuing_body")}, ' ') AS body_words,
    regexp_matches({words_of("r.issuing_body")}, '\\btinh\\b') AS says_province, {title_words("r.title")} AS title,
    h.family_id, h.province, h.day AS citing_day, h.code AS citing_code
FROM document_references r JOIN heads h USING (document_id)
"""

_CITED_HEADS = f"""
CREATE TEMP TABLE cited_heads AS
SELECT *, list_distinct(name_words || province_words || superior_words) AS all_words,
    list_filter(name_words, lambda w: NOT list_contains(province_words, w)) AS own_words
FROM (
    SELECT *, string_split(body, ' ') AS name_words, coalesce(string_split(province, ' '), []) AS province_words,
        coalesce(string_split({body_words("superior")}, ' '), []) AS superior_words, {title_words("subject")} AS title
    FROM heads SEMI JOIN cited USING (loose)
)
"""

# Is the body cited the one that issued it? Null where the citation leaves it open.
_SAME_BODY = """
CASE WHEN c.body IS NULL OR h.body IS NULL THEN
        CASE WHEN elsewhere THEN false END
    WHEN list_has_all(h.all_words, c.body_words) AND list_has_all(c.body_words, h.own_words) AND (
        h.level = 'central' OR list_has_all(c.body_words, h.province_words)
        OR (h.level IN ('district', 'commune', 'other') AND list_has_all(c.body_words, h.name_words))
        OR here) THEN true
    WHEN list_has_all(h.name_words, c.body_words) AND NOT elsewhere
        AND NOT (c.says_province AND h.level <> 'province') THEN NULL
    ELSE false END
"""
_TITLE = f"""CASE WHEN h.title IS NOT NULL AND c.title IS NOT NULL
    THEN least(len(h.title), len(c.title)) >= 3 AND {titles_alike("h.title", "c.title")} >= 0.6 END"""
# The year inside a code (156/2018/NĐ-CP) is the year whatever day is printed beside it.
_MET = f"""
CREATE TEMP TABLE met AS
SELECT *, CASE
        WHEN day_fits = 'same' AND same_body THEN 1
        WHEN day_fits = 'same' AND same_body IS NULL THEN 2
        WHEN day_fits = 'part' AND same_body THEN 3
        WHEN year_inside AND (same_body OR (same_body IS NULL AND central)) AND day_fits IS NULL THEN 3
        WHEN day_fits IS NULL AND same_body AND same_title THEN 3
        WHEN day_fits = 'year' AND same_body AND coalesce(same_title, true) THEN 4
        WHEN day_fits = 'same' AND same_title THEN 5
    END AS tier
FROM (
    SELECT *, c_strict = h_strict AS same_code,
        CASE WHEN h_day IS NULL OR c_day IS NULL THEN NULL
            WHEN h_day = c_day AND whole_day THEN 'same'
            WHEN starts_with(h_day, c_day) OR starts_with(c_day, h_day) THEN 'part'
            WHEN left(h_day, 4) = left(c_day, 4) OR year_inside THEN 'year' ELSE 'other' END AS day_fits
    FROM (
        SELECT c.document_id, c.reference_no, h.document_id AS met_id, h.family_id,
            c.strict AS c_strict, h.strict AS h_strict, h.day AS h_day, c.day AS c_day, c.whole_day,
            regexp_matches(h.strict, '/(19|20)[0-9][0-9]/') AS year_inside, h.level = 'central' AS central,
            {_SAME_BODY} AS same_body, {_TITLE} AS same_title
        FROM (SELECT c.*, h.document_id AS held_id, coalesce(c.province = h.province, false) AS here,
                    coalesce(c.province <> h.province, false) AND h.level <> 'central' AS elsewhere
                FROM cited c JOIN cited_heads h USING (loose) WHERE h.family_id <> c.family_id) c
            JOIN cited_heads h ON h.document_id = c.held_id
        WHERE h.strict = c.strict OR h.document_type = c.document_type
    )
)
"""
_LINKS = """
CREATE TEMP TABLE chosen AS
WITH fitting AS (
    SELECT document_id, reference_no, family_id, min(tier) AS tier, bool_or(same_title) AS same_title,
        bool_or(same_body) AS same_body, bool_or(same_code) AS same_code, bool_or(day_fits = 'same') AS same_day,
        bool_or(day_fits IN ('same', 'part')) AS fits_day
    FROM met WHERE tier IS NOT NULL GROUP BY ALL
), ranked AS (
    SELECT *, rank() OVER (PARTITION BY document_id, reference_no
        ORDER BY same_code DESC, tier, coalesce(same_title, false) DESC) AS place
    FROM fitting
)
SELECT * FROM ranked WHERE place = 1
QUALIFY count(*) OVER (PARTITION BY document_id, reference_no) = 1
"""
_INSERT_LINKS = """
INSERT INTO links BY NAME
SELECT document_id, reference_no, family_id AS held_document_id,
    list_filter(['code', CASE WHEN same_day THEN 'day' END, CASE WHEN same_body THEN 'body' END,
        CASE WHEN same_title THEN 'title' END], lambda w: w IS NOT NULL) AS why
FROM chosen ORDER BY ALL
"""
# What is cited by name alone, such as a law: kind and title are the name, and the year must be said.
_INSERT_NAMED = f"""
INSERT INTO links BY NAME
WITH named AS (
    SELECT document_id, reference_no, family_id, day, whole_day,
        regexp_replace({words_of("name")}, ' nam (19|20)[0-9][0-9]$', '') AS name,
        coalesce(nullif(regexp_extract({words_of("name")}, ' nam ((19|20)[0-9][0-9])$', 1), ''), left(day, 4)) AS year
    FROM cited WHERE code IS NULL AND name IS NOT NULL
)
SELECT n.document_id, n.reference_no, h.family_id AS held_document_id,
    list_filter([CASE WHEN bool_or(n.whole_day AND n.day = h.day) THEN 'day' END, 'title'],
        lambda w: w IS NOT NULL) AS why
FROM named n JOIN heads h ON {words_of("h.document_type || ' ' || h.subject")} = n.name AND left(h.day, 4) = n.year
WHERE h.family_id <> n.family_id AND coalesce(starts_with(h.day, n.day) OR starts_with(n.day, h.day), true)
GROUP BY n.document_id, n.reference_no, h.family_id
QUALIFY count(*) OVER (PARTITION BY n.document_id, n.reference_no) = 1
ORDER BY ALL
"""

# Papers of which no copy has a number, under each way to name who issued them.
_BLANKS = f"""
CREATE TEMP TABLE blanks AS
SELECT document_id, family_id, notation, document_type, day, level, province, {title_words("subject")} AS title,
    unnest(list_distinct([body, trim(body || ' ' || coalesce(province, ''))])) AS body_key
FROM heads
WHERE document_id = family_id AND notation IS NOT NULL AND body IS NOT NULL AND subject IS NOT NULL
    AND family_id NOT IN (SELECT family_id FROM heads WHERE number IS NOT NULL)
"""
_UNHELD = f"""
CREATE TEMP TABLE unheld AS
SELECT *, regexp_extract(code, '^[0-9.]+[A-Za-zĐđ]?') AS number,
    {notation_key("regexp_replace(code, '^[0-9.]+[A-Za-zĐđ]?[/-]', '')")} AS notation, left(day, 4) AS year
FROM cited c
WHERE whole_day AND title IS NOT NULL AND body IS NOT NULL AND code IS NOT NULL
    AND NOT EXISTS (FROM met m WHERE m.document_id = c.document_id AND m.reference_no = c.reference_no
        AND (m.tier IS NOT NULL OR (m.same_body IS NOT false AND m.day_fits IS DISTINCT FROM 'other')))
"""
# Undated papers are compared more strictly. A rival of less likeness is still a rival.
_GUESSED = f"""
CREATE TEMP TABLE guessed AS
WITH pairs AS (
    SELECT b.document_id, b.day AS own_day, c.document_id AS from_document_id, c.reference_no, b.title AS own_title,
        c.title AS said_title
    FROM blanks b JOIN unheld c ON c.notation = b.notation AND c.body = b.body_key AND c.year = left(b.day, 4)
    WHERE starts_with(c.day, b.day) AND {{fits}}
    UNION ALL
    SELECT b.document_id, NULL, c.document_id, c.reference_no, b.title, c.title
    FROM blanks b JOIN unheld c ON c.notation = b.notation AND c.body = b.body_key
    WHERE b.day IS NULL AND {{fits}}
), likely AS (
    SELECT * EXCLUDE (own_title, said_title), {titles_alike("own_title", "said_title")} - if(own_day IS NULL, 0.2, 0.0)
        AS alike
    FROM pairs WHERE least(len(own_title), len(said_title)) >= 4
)
SELECT l.*, c.number, c.loose, c.day, c.body, c.text, c.page
FROM likely l JOIN unheld c ON c.document_id = from_document_id AND c.reference_no = l.reference_no
WHERE alike >= 0.45
QUALIFY min(loose || c.day) OVER (PARTITION BY l.document_id) = max(loose || c.day) OVER (PARTITION BY l.document_id)
    AND min(l.document_id) OVER (PARTITION BY loose, c.day, body)
        = max(l.document_id) OVER (PARTITION BY loose, c.day, body)
    AND max(alike) OVER (PARTITION BY l.document_id) >= 0.6
""".replace(
    "{fits}",
    "b.family_id <> c.family_id AND b.document_type = c.document_type "
    "AND coalesce(c.citing_day >= left(c.day, length(c.citing_day)), true) "
    "AND (b.level = 'central' OR contains(c.body, b.province) OR c.province = b.province "
    "OR b.level IN ('district', 'commune', 'other'))",
)
_INSERT_NUMBERS = """
INSERT INTO suggestions BY NAME
SELECT document_id, field, value, from_document_id, reference_no,
    list_filter(['notation', CASE WHEN own_day IS NOT NULL THEN 'day' END, 'body',
        CASE WHEN alike >= 0.6 THEN 'title' END], lambda w: w IS NOT NULL) AS why, text, page
FROM (
    SELECT *, 'number' AS field, number AS value FROM guessed
    UNION ALL
    SELECT *, 'issued_on', day FROM guessed WHERE own_day IS NULL OR length(own_day) < 10
)
ORDER BY ALL
"""
_INSERT_DAYS = """
INSERT INTO suggestions BY NAME
WITH undated AS (
    SELECT family_id FROM heads GROUP BY ALL HAVING max(coalesce(length(day), 0)) < 10
)
SELECT l.held_document_id AS document_id, 'issued_on' AS field, c.day AS value, c.document_id AS from_document_id,
    c.reference_no, l.why, c.text, c.page
FROM links l JOIN cited c USING (document_id, reference_no)
WHERE c.whole_day AND l.held_document_id IN (FROM undated) AND list_contains(l.why, 'code')
QUALIFY min(c.day) OVER (PARTITION BY l.held_document_id) = max(c.day) OVER (PARTITION BY l.held_document_id)
ORDER BY ALL
"""
_INSERT_ALARMS = f"""
INSERT INTO alarms BY NAME
WITH numbered AS (
    SELECT DISTINCT ON (loose, body, province, left(day, 4), family_id) family_id, code, loose, body, province,
        issuing_body, day, subject
    FROM heads WHERE number IS NOT NULL AND notation IS NOT NULL AND body IS NOT NULL AND day IS NOT NULL
    ORDER BY document_id <> family_id, document_id
), beside AS (
    SELECT *, first_value(family_id) OVER same AS first_id, first_value(day) OVER same AS first_day,
        first_value(subject) OVER same AS first_subject
    FROM numbered WINDOW same AS (PARTITION BY loose, body, province, left(day, 4) ORDER BY day, family_id)
), conflicts AS (
    SELECT DISTINCT ON (c.document_id, h.family_id, c.day) c.document_id, c.reference_no, c.day, c.code, c.citing_code,
        h.family_id, h.day AS own_day
    FROM chosen x JOIN cited c USING (document_id, reference_no)
        JOIN heads h ON h.document_id = x.family_id
    WHERE NOT x.fits_day AND c.day IS NOT NULL AND h.day IS NOT NULL
    ORDER BY c.reference_no
), found AS (
    SELECT 'same-code' AS kind, first_id AS document_id, family_id AS other_document_id,
        format({_MESSAGES["same-code"]!r}, code, issuing_body, left(day, 4), first_day,
            coalesce(first_subject, {_NO_SUBJECT!r}), day, coalesce(subject, {_NO_SUBJECT!r})) AS message
    FROM beside WHERE family_id <> first_id
    UNION ALL
    SELECT 'conflicting-day', family_id, document_id,
        format({_MESSAGES["conflicting-day"]!r}, coalesce(citing_code, {_NO_CODE!r}), code, day, own_day)
    FROM conflicts
)
SELECT (row_number() OVER (ORDER BY kind DESC, document_id, other_document_id, message))::INTEGER AS alarm_no, *
FROM found ORDER BY alarm_no
"""


def build(con: duckdb.DuckDBPyConnection) -> None:
    """Fill ``links``, ``suggestions`` and ``alarms`` from the source tables and ``families``."""
    for statement in (
        _HEADS, _CITED, _CITED_HEADS, _MET, _LINKS, _INSERT_LINKS, _INSERT_NAMED, _BLANKS, _UNHELD, _GUESSED,
        _INSERT_NUMBERS, _INSERT_DAYS, _INSERT_ALARMS,
    ):  # fmt: skip
        con.execute(statement)
    for name in ("heads", "cited", "cited_heads", "met", "chosen", "blanks", "unheld", "guessed"):
        con.execute(f"DROP TABLE {name}")
