"""Full-text search over the dispatches, without accents and case: an index in plain tables, asked by one SQL macro.

DuckDB's own fts extension would do, but an analyst's client then needs it too and offices are offline, and SQLite's
FTS5 would be a second database that can fall out of step with the snapshot; so the index is two tables of it.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline import messages
from pipeline.exits import WrongUse
from pipeline.store.schema import Table, literal, must, qualified, quoted
from pipeline.store.views import Macro

if TYPE_CHECKING:
    import duckdb


@dataclass(frozen=True, slots=True)
class Hit:
    """One dispatch found. ``passage`` is ``document_texts.text[start:end]``, as written; all three are ``None`` where
    only the number or the subject, corrected by a person, holds the words."""

    document_id: str
    path: str
    code: str | None
    issued_on: str | None
    subject: str | None
    score: float
    passage: str | None
    start: int | None
    end: int | None


class NoWords(WrongUse):
    """What is to be searched for holds no letter and no digit."""


TABLES = (
    Table(
        "search_documents",
        "The dispatches that can be searched for: current ones, the best copy of each (tìm kiếm)",
        (
            must("document_no", "INTEGER", "Short name of the dispatch in the index; the newest is 1"),
            must("document_id", "VARCHAR", "The dispatch; see documents"),
            must("characters", "INTEGER", "Length of its text: of two with a word as often, the shorter ranks first"),
        ),
        ("document_no",),
        {"document_id": "documents"},
    ),
    Table(
        "search_words",
        "Where each word stands; ask it through search('nong thon moi')",
        (
            must("term", "VARCHAR", "The word as fold() writes it: lower case, no accents, đ as d"),
            must("document_no", "INTEGER", "The dispatch; see search_documents"),
            must("weight", "INTEGER", "How often it stands there; one in the subject is 4, in the code 8"),
            must("places", "INTEGER[]", "Where: words from 0 on in the code, 64 in the subject, 1024 in the text"),
        ),
        ("term", "document_no"),
        {"document_no": "search_documents"},
    ),
)  # fmt: skip

# Letters to their base letters, what parts words to a blank: one character for one, so that places in folded text are
# places in the text. U+0130 is there because its lower case would be two. Each call of translate reads the whole list.
_VIETNAMESE = (*range(0xC0, 0x100), 0x102, 0x103, 0x128, 0x129, 0x130, 0x168, 0x169, 0x1A0, 0x1A1, 0x1AF, 0x1B0,
               *range(0x1EA0, 0x1EFA))  # fmt: skip
_LETTERS = {
    c: base.lower() for c in map(chr, _VIETNAMESE) if (base := unicodedata.normalize("NFD", c)[0]) != c
} | {"đ": "d", "Đ": "d", "Ð": "d", "ð": "d"}
_BLANKS = "".join(c for c in map(chr, range(1, 0xC0)) if not c.isalnum() and c != " ") + "".join(
    map(chr, (*range(0x2000, 0x200E), *range(0x2010, 0x2028), 0x202F, 0x2032, 0x2033, 0x2039, 0x203A, 0x2060, 0x2190,
              0x2192, 0x2212, 0x25A0, 0x25A1, 0x25AA, 0x25BA, 0x25CB, 0x25CF, 0x25E6, 0x2713, 0x27A2, 0x3000, 0xFEFF,
              0xFFFD, 0xF0A7, 0xF0B7, 0xF0D8, 0xF0E0, 0xF0FC))
)  # fmt: skip
_FROM = "".join(_LETTERS) + _BLANKS
_TO = "".join(_LETTERS.values()) + " " * len(_BLANKS)

# Where the words of each field begin in search_words.places, and what one of them counts.
_SUBJECT_AT, _TEXT_AT = 64, 1024
_MOST_IN_CODE, _MOST_IN_SUBJECT = _SUBJECT_AT - 2, _TEXT_AT - _SUBJECT_AT - 2


def _weight(place: str) -> str:
    return f"CASE WHEN {place} >= {_TEXT_AT} THEN 1 WHEN {place} >= {_SUBJECT_AT} THEN 4 ELSE 8 END"


_SHARE = 10_000_000
"""Bytes of text that one scan of the build takes."""
_SIDE_BY_SIDE = 4
"""Shares that one statement takes: DuckDB reads a row group with one core, and 100,000 dispatches may lie in one."""
_MOST_WORDS = 32
"""Words that one search looks for; what goes beyond is passed over."""
_PLACE_BITS = 25
_K, _B = 1.2, 0.5
"""BM25: how soon a word's repetition stops counting, and how much a long text is held against it."""
_NEAR = 15
"""Words within which a passage should hold what was asked for."""
_BEFORE, _AFTER = 8, 24
"""Words shown before and from where that begins."""

_SCALARS = (
    ("fold", "said", f"lower(translate(said, {literal(_FROM)}, {literal(_TO)}))",
     "Text as search compares it: without accents and case, đ as d, a blank for each mark; as long as the text"),
    ("search_terms", "said", "list_filter(string_split(fold(said), ' '), lambda word: word <> '')",
     "The words of a text as fold() writes them, in their order"),
)  # fmt: skip

# Groups are what must be found: a word, or words in a row (in quotes, or hanging together as 12/QĐ-UBND does). Two
# words that follow each other in the question and in the text count as a find of their own, which is not required:
# Vietnamese words are mostly two syllables, and without accents a syllable alone says little.
_QUERY = rf"""
    WITH said AS (
        SELECT string_split(regexp_replace(nfc_normalize(words), '[“”„]', '"', 'g'), '"') AS parts
    ), part AS (
        SELECT unnest(parts) AS part, generate_subscripts(parts, 1) AS part_no FROM said
    ), chunk AS (
        SELECT part_no, CASE WHEN part_no % 2 = 0 THEN [part] ELSE string_split_regex(part, '\s+') END AS chunks
        FROM part
    ), piece AS (
        SELECT part_no, generate_subscripts(chunks, 1) AS chunk_no,
            search_terms(unnest(chunks))[:{_MOST_WORDS}] AS terms
        FROM chunk
    ), asked AS (
        SELECT row_number() OVER (ORDER BY part_no, chunk_no) AS group_no, terms FROM piece WHERE len(terms) > 0
        QUALIFY sum(len(terms)) OVER (ORDER BY part_no, chunk_no) <= {_MOST_WORDS}
    ), term AS (
        SELECT term, row_number() OVER () - 1 AS term_no FROM (SELECT DISTINCT unnest(terms) AS term FROM asked)
    ), pair AS (
        SELECT row_number() OVER () AS pair_no, * FROM (
            SELECT group_no, step, len(terms) - 1 AS steps, terms[step] AS first, terms[step + 1] AS second
            FROM (SELECT group_no, terms, unnest(range(1, len(terms))) AS step FROM asked)
            UNION ALL
            SELECT 1000 + group_no, 1, 1, terms[-1], lead(terms[1]) OVER (ORDER BY group_no) AS second
            FROM asked QUALIFY second IS NOT NULL
        )
    ), found AS MATERIALIZED (
        SELECT w.term, w.document_no, w.weight, w.places FROM search_words w SEMI JOIN term USING (term)
    ), held AS MATERIALIZED (
        SELECT document_no FROM found GROUP BY document_no HAVING count(*) = (SELECT count(*) FROM term)
    ), placed AS MATERIALIZED (
        FROM found SEMI JOIN held USING (document_no)
    ), first_word AS (
        SELECT group_no, step, steps, pair_no << {31 + _PLACE_BITS} | spot AS spot FROM (
            SELECT group_no, step, steps, pair_no, document_no::BIGINT << {_PLACE_BITS} | unnest(places) AS spot
            FROM placed JOIN pair ON term = first
        )
    ), next_word AS (
        SELECT (pair_no << {31 + _PLACE_BITS} | spot) - 1 AS spot FROM (
            SELECT pair_no, document_no::BIGINT << {_PLACE_BITS} | unnest(places) AS spot
            FROM placed JOIN pair ON term = second
        )
    ), phrase AS (
        SELECT group_no, (spot & {(1 << 31 + _PLACE_BITS) - 1}) - step + 1 AS spot
        FROM first_word SEMI JOIN next_word USING (spot)
        GROUP BY group_no, steps, 2 HAVING count(*) = steps
    ), single AS (
        SELECT group_no, terms[1] AS term FROM asked WHERE len(terms) = 1
    ), phrase_hit AS MATERIALIZED (
        SELECT group_no, (spot >> {_PLACE_BITS})::INTEGER AS document_no,
            sum({_weight(f"spot & {(1 << _PLACE_BITS) - 1}")})::INTEGER AS weight
        FROM phrase GROUP BY ALL
    ), hit AS (
        SELECT group_no, document_no, weight FROM placed JOIN single USING (term)
        UNION ALL
        FROM phrase_hit
    ), frequency AS (
        SELECT group_no, count(*) AS documents FROM found JOIN single USING (term) GROUP BY ALL
        UNION ALL
        SELECT group_no, count(*) FROM phrase_hit GROUP BY ALL
    ), rarity AS (
        SELECT group_no, ln(1 + (every - documents + 0.5) / (documents + 0.5)) AS idf, share, wanted
        FROM frequency, (SELECT count(*) AS wanted FROM asked),
            (SELECT count(*) AS every, {_B} / avg(characters) AS share FROM search_documents)
    ), scored AS (
        SELECT document_no,
            sum(idf * weight / (weight + {_K}::DOUBLE * ({1 - _B}::DOUBLE + share * characters))) AS score
        FROM hit JOIN rarity USING (group_no) JOIN search_documents USING (document_no)
        GROUP BY document_no HAVING count(*) FILTER (group_no < 1000) = any_value(wanted)
        ORDER BY score DESC, document_no LIMIT most
    ), best AS MATERIALIZED (
        SELECT document_no, document_id, score FROM scored JOIN search_documents USING (document_no)
    ), place AS (
        SELECT document_no, term, 1::BIGINT << term_no AS bit, unnest(places) AS place
        FROM found SEMI JOIN best USING (document_no) JOIN term USING (term)
    ), neighbour AS (
        SELECT document_no, bit, place, (next_place = place + 1 AND pair_no IS NOT NULL)::INTEGER AS paired
        FROM (
            SELECT *, lead(place) OVER in_order AS next_place, lead(term) OVER in_order AS follower
            FROM place WHERE place >= {_TEXT_AT} WINDOW in_order AS (PARTITION BY document_no ORDER BY place)
        ) LEFT JOIN (SELECT first, second, min(pair_no) AS pair_no FROM pair GROUP BY ALL)
            ON first = term AND second = follower
    ), nearest AS (
        SELECT document_no, arg_max(place, worth) - {_TEXT_AT} + 1 AS word_no FROM (
            SELECT document_no, place, [bit_count(bit_or(bit) OVER near), sum(paired) OVER near, -place] AS worth
            FROM neighbour WINDOW near AS (
                PARTITION BY document_no ORDER BY place RANGE BETWEEN CURRENT ROW AND {_NEAR} FOLLOWING
            )
        ) GROUP BY document_no
    ), read AS MATERIALIZED (
        SELECT document_id, text FROM document_texts
        WHERE rowid IN (SELECT x.rowid FROM document_texts x SEMI JOIN best USING (document_id))
    ), head AS MATERIALIZED (
        SELECT document_id, path, code, issued_on, subject FROM documents
        WHERE rowid IN (SELECT x.rowid FROM documents x SEMI JOIN best USING (document_id))
    ), cut AS (
        SELECT document_id, word_no, unnest(pieces) AS piece,
            generate_subscripts(pieces, 1) AS piece_no
        FROM (SELECT document_id, string_split(fold(text), ' ') AS pieces FROM read)
        JOIN best USING (document_id) JOIN nearest USING (document_no)
    ), spanned AS (
        SELECT document_id, word_no, length(piece) AS width,
            sum(length(piece) + 1) OVER (PARTITION BY document_id ORDER BY piece_no) - 1 AS ends,
            row_number() OVER (PARTITION BY document_id, piece <> '' ORDER BY piece_no) AS nth, piece <> '' AS is_word
        FROM cut
    ), shown AS (
        SELECT document_id, min(ends - width)::INTEGER AS start, max(ends)::INTEGER AS stop FROM spanned
        WHERE is_word AND nth BETWEEN word_no - {_BEFORE} AND word_no + {_AFTER} GROUP BY document_id
    )
    SELECT document_id, d.path, d.code, d.issued_on, d.subject, round(score, 3) AS score,
        substring(text, start + 1, stop - start) AS passage, start, stop AS "end"
    FROM best JOIN head d USING (document_id) LEFT JOIN shown USING (document_id) LEFT JOIN read USING (document_id)
    ORDER BY best.score DESC, document_no
"""

MACROS = (
    Macro(
        "search",
        "Dispatches that hold all the words, best first (tìm kiếm toàn văn); accents and case do not count, nor đ from "
        'd. "In quotes", or hanging together as 12/QĐ-UBND does, words must follow each other',
        (
            ("words", "What to look for: nong thon moi (từ cần tìm)"),
            ("most", "How many dispatches at most, 20 unless told: search('nong thon moi', most := 100)"),
        ),
        _QUERY,
        (
            ("document_id", "The dispatch; see documents"),
            ("path", "The file"),
            ("code", "Its code (số, ký hiệu)"),
            ("issued_on", "Its day of issue, ISO 8601, or the known part (ngày ban hành)"),
            ("subject", "What it is about (trích yếu nội dung)"),
            ("score", "How well it fits (BM25): rare words, words in a row, words in the subject and code count more"),
            ("passage", "The place that says it, exactly document_texts.text from start to end"),
            ("start", "Where the passage starts: characters from the beginning of document_texts.text, from 0"),
            ("end", "Where it ends, exclusive"),
        ),
    ),
)


def statements() -> list[str]:
    """The SQL that makes the macros, and comments on them; the tables they ask must be there."""
    made: list[str] = []
    for name, parameter, body, comment in _SCALARS:
        made.append(f"CREATE OR REPLACE MACRO {quoted(name)}({parameter}) AS {body}")
        made.append(f"COMMENT ON MACRO {quoted(name)} IS {literal(comment)}")
    for macro in MACROS:
        made.append(f"CREATE OR REPLACE MACRO {quoted(macro.name)}(words, most := 20) AS TABLE {macro.query}")
        made.append(f"COMMENT ON MACRO TABLE {quoted(macro.name)} IS {literal(macro.comment)}")
    return made


def build(con: duckdb.DuckDBPyConnection) -> None:
    """Fill :data:`TABLES`, which must be there and empty, from documents and document_texts, and make the macros.

    Where the table ``families`` is there, only the best copy of each paper is indexed. Texts are taken in shares, so
    memory does not grow with their number; within what one statement takes, rows lie by term, which is what lets a
    search pass over all others.
    """
    for statement in statements():
        con.execute(statement)
    known = con.execute("SELECT count(*) FROM duckdb_tables() WHERE table_name = 'families'").fetchall()[0][0]
    best = "AND document_id NOT IN (SELECT document_id FROM families WHERE NOT is_best)" if known else ""
    con.execute(f"""
        INSERT INTO search_documents
        SELECT row_number() OVER (ORDER BY issued_on DESC NULLS LAST, document_id), document_id, length(text)
        FROM documents JOIN document_texts USING (document_id) WHERE is_current {best}
    """)
    shares = con.execute(f"""
        SELECT min(row_id), max(row_id) FROM (
            SELECT rowid AS row_id, sum(strlen(text)) OVER (ORDER BY rowid) // {_SHARE} AS share FROM document_texts
        ) GROUP BY share ORDER BY share
    """).fetchall()
    for first in range(0, len(shares), _SIDE_BY_SIDE):
        taken = " UNION ALL ".join(_words_of(low, high) for low, high in shares[first : first + _SIDE_BY_SIDE])
        con.execute(f"""
            INSERT INTO search_words
            SELECT term, document_no, sum({_weight("place")}), list(place) FROM ({taken})
            GROUP BY ALL ORDER BY term, document_no
        """)


def _words_of(low: int, high: int) -> str:
    """The words of the dispatches whose texts lie in those rows, a row each: term, document_no, place."""
    return f"""
        SELECT unnest(in_code || in_subject || in_text) AS term, document_no,
            unnest(range(0, len(in_code)) || range({_SUBJECT_AT}, {_SUBJECT_AT} + len(in_subject))
                || range({_TEXT_AT}, {_TEXT_AT} + len(in_text))) AS place
        FROM (
            SELECT document_no, coalesce(search_terms(code), [])[:{_MOST_IN_CODE}] AS in_code,
                coalesce(search_terms(subject), [])[:{_MOST_IN_SUBJECT}] AS in_subject, search_terms(text) AS in_text
            FROM document_texts JOIN search_documents USING (document_id) JOIN documents USING (document_id)
            WHERE document_texts.rowid BETWEEN {low} AND {high}
        )"""


def search(con: duckdb.DuckDBPyConnection, words: str, limit: int = 20) -> list[Hit]:
    """The dispatches that hold all of ``words``, best first, ``limit`` at most. Raises :class:`NoWords`.

    The same as ``FROM search(words, most := limit)``, which it asks.
    """
    if not any(c.isalnum() for c in words):
        raise NoWords(messages.no_words(words))
    rows = con.execute(f"FROM {qualified('search')}($1, most := $2)", [_plain(words), limit]).fetchall()
    return [Hit(*row) for row in rows]


def _plain(words: str) -> str:
    """``words`` without what a database's text cannot hold: lone surrogates, which an argument may bring."""
    return words.encode("utf-8", "replace").decode("utf-8")
