"""``congvan review``: what is worth a look, most valuable first, with the words on the page and how to correct it."""

from __future__ import annotations

import argparse
import shlex
import sys
from collections.abc import Iterator, Sequence
from typing import Any

from pipeline.commands import as_utf8, default_db, say
from pipeline.exits import ALL_WELL

_AROUND = 40
# The text of a dispatch is looked at only for the rows chosen: counting its characters takes time.
_CHOSEN = f"""
    WITH chosen AS (FROM review ORDER BY worth DESC, path, field, entry_no LIMIT {{limit}})
    SELECT worth, confidence, correct_field AS field, value, flags, c.page,
        CASE WHEN c.start IS NOT NULL THEN regexp_replace(concat(
            '…', substr(t.text, greatest(1, c.start - {_AROUND - 1}), least(c.start, {_AROUND})), '«', c.text, '»',
            substr(t.text, c."end" + 1, {_AROUND}), '…'), '\\s+', ' ', 'g') END AS words,
        path, code, c.document_id
    FROM chosen c JOIN document_texts t USING (document_id)
    ORDER BY worth DESC, path, c.field, entry_no
"""


def run_review(options: argparse.Namespace) -> int:
    """The rows of the view ``review``, the first ``--limit`` of them."""
    from pipeline import messages
    from pipeline.store import access
    from pipeline.tables_out import WRITERS

    as_utf8()
    with access.query(options.db, _CHOSEN.format(limit=options.limit)) as (names, found):
        rows = [dict(zip(names, row, strict=True)) for row in found]
    database = "" if options.db == default_db() else f" --db {shlex.quote(str(options.db))}"
    for row in rows:
        row["correct"] = correction(row, database)
    if options.format == "table":
        if not rows:
            say(messages.NOTHING_TO_REVIEW)
        for line in as_list(rows):
            sys.stdout.write(line + "\n")
        return ALL_WELL
    columns = (*names, "correct")
    WRITERS[options.format](columns, iter([tuple(row[name] for name in columns) for row in rows]), sys.stdout)
    return ALL_WELL


def correction(row: dict[str, Any], database: str = "") -> str | None:
    """The command that puts the value right, the right value and the reason left to fill in."""
    if row["field"] is None:
        return None
    return f"congvan correct {row['document_id'][:12]} {row['field']} 'VALUE' --why 'WORDS'{database}"


def as_list(rows: Sequence[dict[str, Any]]) -> Iterator[str]:
    """The rows as people read them: a few lines each, a blank line between."""
    from pipeline.tables_out import visible

    for number, row in enumerate(rows, 1):
        sure = "" if row["confidence"] is None else f"{row['confidence']:.0%} sure"
        said = "; ".join(part for part in (sure, ", ".join(row["flags"])) if part)
        value = " ".join(str(row["value"] or "").split()) or "nothing"
        named = f"{row['field']}: " if row["field"] and row["confidence"] is not None else ""
        yield visible(f"{number}. {named}{value} ({said})")
        page = "" if row["page"] is None else f"page {row['page']}: "
        if row["words"] is not None:
            yield visible(f"   {page}{row['words']}")
        yield visible(f"   {row['path']}" + (f" ({row['code']})" if row["code"] else ""))
        if row["correct"] is not None:
            yield visible(f"   {row['correct']}")
        yield ""
