"""The two places where a dispatch is set in two columns: its letterhead and its foot.

No reading order of a library is right here: word processors set both in a borderless table, other programs line by
line. The columns are told apart by the white space between them, near the anchors that every dispatch prints
(quốc hiệu and the date line on the right, ``Nơi nhận`` on the left; Nghị định 30/2020/NĐ-CP, Phụ lục I.II).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from extractors.page_cues import is_date_line, motto_start, opens, opens_recipients, plain
from models.page import RawWord
from pipeline.pages.rows import Measure, Row, row_of, rows_of, runs_of

_BAND_ROWS = 14
_BAND_POINTS = 190.0


@dataclass(frozen=True, slots=True)
class Columns:
    """Rows ``first..last`` (inclusive) of a page set in two columns, each column's rows from top to bottom."""

    first: int
    last: int
    left: tuple[Row, ...]
    right: tuple[Row, ...]
    foot: bool


def letterheads(rows: Sequence[Row], measure: Measure, width: float) -> list[Columns]:
    """Every letterhead among the rows of a page."""
    found: list[Columns] = []
    index = 0
    while index < len(rows):
        anchor = _anchor(rows[index], width)
        head = (
            None
            if anchor is None
            else _letterhead(rows, index, anchor, measure, width, found[-1].last + 1 if found else 0)
        )
        if head is None:
            index += 1
            continue
        found.append(head)
        index = head.last + 1
    return found


def _anchor(row: Row, width: float) -> float | None:
    """The left edge of the right column, where the row shows one: quốc hiệu, or a date line beside a ``Số``."""
    words = row.words
    if len(words) < 4:
        return None
    start = motto_start([w.text for w in words])
    if start is not None:
        x = words[start].bbox[0]
        return x if x > 0.33 * width else None
    if words[0].bbox[0] < 0.45 * width and plain(words[0].text).startswith("so") and is_date_line(row.text):
        ngay = next((k for k, w in enumerate(words) if plain(w.text) == "ngay"), None)
        if ngay:
            gaps = [(words[k].bbox[0] - words[k - 1].bbox[2], words[k].bbox[0]) for k in range(1, ngay + 1)]
            gap, x = max(gaps)
            if gap > 1.2 * row.size and x > 0.33 * width:
                return x
    return None


def _letterhead(
    rows: Sequence[Row], anchor: int, near: float, measure: Measure, width: float, floor: int
) -> Columns | None:
    dated = _date_row(rows, anchor, near)
    first = anchor
    while first > floor and _joins_above(rows[first - 1], rows[first], near):
        first -= 1
    last = anchor if dated is None else dated
    gutter, edge = _gutter(rows[first : last + 1], near)
    right_middle = _middle_of_right(rows[anchor : last + 1], gutter)
    left_middle = _middle_of_left(rows[first : last + 1], gutter)
    while last + 1 < len(rows) and _goes_on(
        rows,
        last + 1,
        first,
        gutter if dated is None else edge,
        right_middle if dated is None else None,
        left_middle,
        measure,
    ):
        last += 1
    split = len(rows) if dated is None else dated + 1
    left, right = _split(rows[first : min(split, last + 1)], gutter)
    left += [w for row in rows[split : last + 1] for w in row.words]
    if not right:
        return None
    return Columns(first, last, _without_rules(left), _without_rules(right), foot=False)


def _date_row(rows: Sequence[Row], anchor: int, near: float) -> int | None:
    for index in range(anchor, min(len(rows), anchor + _BAND_ROWS)):
        row = rows[index]
        if row.y0 - rows[anchor].y1 > _BAND_POINTS or opens(row.text, "letterhead", "ends"):
            return None
        right = " ".join(w.text for w in row.words if w.bbox[2] > near - 40)
        if len(right) < 70 and row.x1 > near + 40 and is_date_line(right):
            return index
    return None


def _joins_above(row: Row, below: Row, near: float) -> bool:
    return row.x1 < near and below.y0 - row.y1 < 1.6 * below.size and row.text.isupper() and len(row.words) > 1


def _gutter(rows: Sequence[Row], near: float) -> tuple[float, float]:
    """The middle and the right edge of the white stripe left of ``near`` that no word of the rows crosses.

    Where the columns overlap, ``near`` itself less a little: then rows are cut one by one at their widest gap.
    """
    # Words of one name count as one: the spaces of a single line are no gutter.
    pieces = [run for row in rows for run in runs_of(row, max(6.5, 0.6 * row.size))]
    spans = sorted((run.x0, run.x1) for run in pieces)
    reach = spans[0][1]
    best: tuple[float, float] | None = None
    for x0, x1 in spans[1:]:
        if x0 - reach >= 5 and near - 110 <= x0 <= near + 3:
            best = (reach, x0)
        reach = max(reach, x1)
    if best is None:
        return near - 3, near - 3
    return (best[0] + best[1]) / 2, best[1]


def _middle_of_right(rows: Sequence[Row], gutter: float) -> float:
    right = [w for row in rows for w in row.words if w.bbox[0] >= gutter]
    return (min(w.bbox[0] for w in right) + max(w.bbox[2] for w in right)) / 2 if right else gutter + 100


def _middle_of_left(rows: Sequence[Row], gutter: float) -> float | None:
    left = [w for row in rows for w in row.words if w.bbox[2] <= gutter]
    return (min(w.bbox[0] for w in left) + max(w.bbox[2] for w in left)) / 2 if left else None


def _goes_on(
    rows: Sequence[Row],
    index: int,
    first: int,
    gutter: float,
    right_middle: float | None,
    left_middle: float | None,
    measure: Measure,
) -> bool:
    """Whether the letterhead goes on with this row. ``right_middle``: given while the date line is still to come."""
    row, before = rows[index], rows[index - 1]
    if row.y0 - rows[first].y1 > _BAND_POINTS + 60 or row.y0 - before.y1 > 1.9 * max(row.size, before.size):
        return False
    if opens(row.text, "letterhead", "ends"):
        return False
    if row.x0 >= gutter:
        return right_middle is not None and abs(row.middle - right_middle) < abs(row.middle - measure.middle)
    if row.x1 <= gutter:
        return left_middle is not None and abs(row.middle - left_middle) < abs(row.middle - measure.middle)
    if right_middle is None:
        # Under the date line only the left column goes on; a mark may stand beside it.
        return False
    cut = _cut(row, gutter)
    if cut is None or cut[1].x0 - cut[0].x1 < row.size:
        return False
    return abs(cut[1].middle - right_middle) < 40


def _split(rows: Sequence[Row], gutter: float) -> tuple[list[RawWord], list[RawWord]]:
    left: list[RawWord] = []
    right: list[RawWord] = []
    for row in rows:
        if row.x0 >= gutter:
            right += row.words
        elif row.x1 <= gutter:
            left += row.words
        else:
            cut = _cut(row, gutter)
            if cut is None:
                (left if row.middle < gutter else right).extend(row.words)
            else:
                left += cut[0].words
                right += cut[1].words
    return left, right


def _cut(row: Row, gutter: float, least: float = 0.28) -> tuple[Row, Row] | None:
    """The row cut at the gutter, or at its widest gap near it; None where it has no gap there.

    ``least`` is the narrowest gap at the gutter itself, in sizes of the type.
    """
    reach = row.words[0].bbox[2]
    best: tuple[float, int] | None = None
    for index, word in enumerate(row.words[1:], start=1):
        gap, edge = word.bbox[0] - reach, (word.bbox[0] + reach) / 2
        astride = reach <= gutter <= word.bbox[0]
        if gap >= (least if astride else max(0.6, least)) * row.size and (astride or abs(edge - gutter) < 90):
            weight = gap + (1000 if astride else 0)
            if best is None or weight > best[0]:
                best = (weight, index)
        reach = max(reach, word.bbox[2])
    if best is None:
        return None
    return row_of(row.words[: best[1]]), row_of(row.words[best[1] :])


def _without_rules(words: Sequence[RawWord]) -> tuple[Row, ...]:
    """The column's rows; those that only draw a rule (``_____``, ``-----``, ``***``) left out."""
    return tuple(row for row in rows_of(words) if any(c.isalnum() for c in row.text))


def feet(rows: Sequence[Row], measure: Measure, width: float, heads: Sequence[Columns]) -> list[Columns]:
    """Every foot among the rows of a page: Nơi nhận on the left, the signature block on the right."""
    taken = {k for head in heads for k in range(head.first, head.last + 1)}
    found: list[Columns] = []
    for index, row in enumerate(rows):
        if index in taken or row.x0 > 0.45 * width or not opens_recipients(row.text):
            continue
        floor = found[-1].last + 1 if found else 0
        ceiling = next((head.first for head in heads if head.first > index), len(rows))
        foot = _foot(rows, index, measure, width, floor, ceiling, taken)
        if foot is not None and (not found or foot.first > found[-1].last):
            found.append(foot)
    return found


def _foot(
    rows: Sequence[Row], anchor: int, measure: Measure, width: float, floor: int, ceiling: int, taken: set[int]
) -> Columns | None:
    label = rows[anchor]
    last = anchor
    while last + 1 < ceiling and not _leaves_foot(rows[last + 1], measure, width) and last - anchor < 80:
        last += 1
    # The signature block may begin a little above Nơi nhận.
    reach = anchor
    while reach > floor and reach - 1 not in taken and label.y0 - rows[reach - 1].y0 < 7 * measure.lead:
        if rows[reach - 1].x0 < 0.36 * width:
            break
        reach -= 1
    gutter = _foot_gutter(rows[reach : last + 1], label, width)
    if gutter is None:
        return None
    first = anchor
    while first > reach and rows[first - 1].x0 >= gutter - 6:
        first -= 1
    left: list[RawWord] = []
    right: list[RawWord] = []
    for row in rows[first : last + 1]:
        if row.x0 >= gutter - 6:
            right += row.words
        elif row.x1 <= gutter + 2:
            left += row.words
        else:
            cut = _cut(row, gutter, 0.7)
            if cut is None:
                left += row.words
            else:
                left += cut[0].words
                right += cut[1].words
    return Columns(first, last, tuple(rows_of(left)), _without_rules(right), foot=True) if right else None


def _leaves_foot(row: Row, measure: Measure, width: float) -> bool:
    """Whether a row under the foot is running text again, or opens an annex."""
    if opens(row.text, "annex", "openers") and row.words[0].text[:1].isupper():
        return True
    gaps = [b.bbox[0] - a.bbox[2] for a, b in zip(row.words, row.words[1:], strict=False)]
    full = row.x0 < measure.left + 0.12 * width and row.x1 > measure.right - 0.05 * width
    return full and max(gaps, default=0.0) < 1.5 * row.size


def _foot_gutter(rows: Sequence[Row], label: Row, width: float) -> float | None:
    """Where the foot parts: the x that the fewest rows run across, and of those the one with the widest gap."""
    words = [w for row in rows for w in row.words]
    edges = sorted(
        {w.bbox[0] for w in words if 0.34 * width < w.bbox[0] < 0.68 * width and w.bbox[0] > label.words[0].bbox[2]}
    )
    best: tuple[int, float, float] | None = None
    for edge in edges:
        x = edge - 2
        crossing = 0
        narrowest = width
        alone = False
        for row in rows:
            reach = max((w.bbox[2] for w in row.words if w.bbox[0] < x), default=None)
            after = min((w.bbox[0] for w in row.words if w.bbox[0] >= x), default=None)
            if reach is None or after is None:
                # A row on the right alone is what a signature block looks like.
                alone = alone or reach is None
            elif after - reach < 0.7 * row.size:
                crossing += 1
            else:
                narrowest = min(narrowest, after - reach)
        if (alone or narrowest < width) and (best is None or (crossing, -narrowest) < best[:2]):
            best = (crossing, -narrowest, x)
    if best is None or best[0] > 0.35 * len(rows):
        return None
    return best[2]
