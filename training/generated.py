"""Generated dispatches as they reach a reader: letters damaged as OCR does, and laid out as converters lay them out."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace

from models.source import Page, Source, Word
from pipeline.read import read_bytes
from tests.making import Made

_CONFUSED = str.maketrans(
    {"Ộ": "Ô", "Ị": "I", "Ủ": "Ù", "ấ": "á", "ầ": "à", "ộ": "ô", "ị": "i", "0": "O", "1": "l", "5": "S", "8": "B"}
)
_SCRAPS = "|_~'“*=»"
DAMAGES = (0.01, 0.02, 0.05)
"""The share of letters damaged."""


def damaged(text: str, rate: float, seed: int) -> Source:
    """A text as a scan gives it: at ``rate`` letters are confused, lost or joined by scraps, their words unsure."""
    rng = random.Random(seed)
    out = ""
    words: list[Word] = []
    for line in text.split("\n"):
        for i, word in enumerate(line.split(" ")):
            told = "".join(_letter(rng, c, rate) for c in word)
            sure = rng.uniform(0.88, 0.97) if told == word else rng.uniform(0.3, 0.9)
            if rng.random() < 0.03:
                sure = rng.uniform(0.4, 0.85)
            out += " " if i else ""
            if told:
                words.append(Word(len(out), len(out) + len(told), 1, (0.0, 0.0, 1.0, 1.0), sure))
            out += told
        out += "\n"
    ((source,), _) = read_bytes(out.encode("utf-8"), "made.txt")
    if source.text != out:
        words = []
    page = Page(1, 0, len(source.text), "ocr", "made")
    return replace(source, text_origin="ocr", pages=(page,), words=tuple(words), page_count=1, characters=None)


def noisy(text: str, rate: float, rng: random.Random) -> str:
    """The text with letters damaged at ``rate``; nothing is lost of its lines."""
    return "".join(_letter(rng, letter, rate) for letter in text)


def _letter(rng: random.Random, letter: str, rate: float) -> str:
    if rng.random() >= rate or letter.isspace():
        return letter
    choice = rng.random()
    if choice < 0.6:
        return letter.translate(_CONFUSED)
    if choice < 0.8:
        return ""
    return letter + rng.choice(_SCRAPS)


Cell = tuple[str, str]
"""Words that stand together on a line, and the zone they belong to (``-`` for none)."""


@dataclass(frozen=True, slots=True)
class Broken:
    """A dispatch badly laid out: its rows, each the cells that stand side by side on it."""

    rows: tuple[tuple[Cell, ...], ...]
    text: str


def broken(made: Made, seed: int) -> Broken:
    """The dispatch with its head and foot in columns side by side, marks lost, strays between, blank lines astray."""
    rng = random.Random(seed)
    left = [(line, "letterhead") for line in made.letterhead]
    if rng.random() < 0.3:
        left.append(("-" * rng.randint(3, 14), "-"))
    left.append((made.number_line if rng.random() < 0.9 else made.number_line.removeprefix("Số: "), "number_line"))
    left += [(line, "subject_line") for line in made.subject_lines]
    right = [(line, "motto") for line in made.motto] if rng.random() < 0.85 else []
    if rng.random() < 0.3:
        right.append(("-" * rng.randint(3, 20), "-"))
    right.append((made.place_date, "place_date"))
    if rng.random() < 0.1:
        right.insert(rng.randrange(len(right)), ("CÔNG VĂN ĐẾN", "-"))
    rows = _side_by_side(rng, left, right) if rng.random() < 0.6 else [[cell] for cell in _mixed(rng, left, right)]
    rows.append([])
    kept = rng.random() < 0.8
    titles = [line if kept or k == 0 else line.capitalize() for k, line in enumerate(made.title)]
    rows += [[(line, "subject" if k else "title")] for k, line in enumerate(titles)] + [[]]
    to = ["Kính gửi:", *made.addressees] if made.addressees else []
    rows += [[(line, "addressees")] for line in to] + [[]]
    width = rng.choice((60, 78, 100, 2000))
    for paragraph in made.body:
        rows += [[(line, "body")] for line in _wrapped(paragraph, width)]
        if rng.random() < 0.03:
            rows.append([(str(rng.randint(2, 9)), "-")])
        rows.append([])
    receivers = [(line, "recipients") for line in made.recipients]
    if rng.random() < 0.1:
        receivers = receivers[1:]
    *position, name = [line for line in made.signature if line]
    signature = [(line, "position") for line in position] + [("", "-")] * rng.randint(0, 2) + [(name, "name")]
    if rng.random() < 0.55:
        rows += _side_by_side(rng, receivers, signature)
    else:
        blocks = [receivers, signature]
        if rng.random() < 0.4:
            blocks.reverse()
        rows += [[cell] for block in blocks for cell in [*block, ("", "-")]]
    spaced = rng.choice(("kept", "kept", "none", "all"))
    lines: list[tuple[Cell, ...]] = []
    for row in rows:
        cells = tuple(cell for cell in row if cell[0])
        if cells or spaced == "kept":
            lines.append(cells)
        if cells and spaced == "all":
            lines.append(())
    text = "\n".join(_printed(rng, row) for row in lines) + "\n"
    return Broken(tuple(lines), text)


def _printed(rng: random.Random, row: tuple[Cell, ...]) -> str:
    if not row:
        return ""
    out = row[0][0] if row[0][1] in ("body", "recipients") or rng.random() < 0.7 else "   " + row[0][0]
    for words, _ in row[1:]:
        out += " " * rng.randint(3, 16) + words
    return out


def _side_by_side(rng: random.Random, left: list[Cell], right: list[Cell]) -> list[list[Cell]]:
    """Two columns row by row; the shorter one is put lower at random."""
    size = max(len(left), len(right))
    columns = []
    for column in (left, right):
        room = size - len(column)
        above = rng.randint(0, room) if rng.random() < 0.3 else 0
        columns.append([("", "-")] * above + column + [("", "-")] * (room - above))
    return [[a, b] for a, b in zip(*columns, strict=True)]


def _mixed(rng: random.Random, left: list[Cell], right: list[Cell]) -> list[Cell]:
    """One column under the other, or one line of each in turn."""
    choice = rng.random()
    if choice < 0.5:
        return [*left, *right]
    if choice < 0.75:
        return [*right, *left]
    return [cell for row in _side_by_side(rng, left, right) for cell in row]


def _wrapped(text: str, width: int) -> list[str]:
    lines, line = [], ""
    for word in text.split():
        if line and len(line) + 1 + len(word) > width:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}".strip()
    return [*lines, line]
