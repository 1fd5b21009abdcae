"""Who signs, word by word, where the signature block is noisy: quyền hạn, the body in it, chức vụ, họ tên.

The tagger is trained on generated blocks: lines run together, letters damaged, scraps of a seal and of the signature
between. It reads the end of a dispatch; ``told_of`` puts its words together.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass

from extractors.fold import fold
from models.record import Dispatch, Signer
from models.source import Source
from pipeline.extract import read
from tests.making import DEPARTMENTS, FAMILY, GIVEN, MIDDLE, MINISTRIES, PROVINCES
from training.generated import noisy
from training.tagger import Items, Tagger, train

_WORD = re.compile(r"\S+")
_BODIES = (
    "ỦY BAN NHÂN DÂN", "ỦY BAN NHÂN DÂN TỈNH", "ỦY BAN NHÂN DÂN HUYỆN", "HỘI ĐỒNG NHÂN DÂN", "BAN THƯỜNG VỤ",
    "BAN CHỈ ĐẠO", "BAN CHẤP HÀNH", "HỘI ĐỒNG", "BAN GIÁM HIỆU",
)  # fmt: skip
_POSITIONS = (
    "CHỦ TỊCH", "GIÁM ĐỐC", "BỘ TRƯỞNG", "TRƯỞNG PHÒNG", "CHÁNH VĂN PHÒNG", "HIỆU TRƯỞNG", "CỤC TRƯỞNG", "BÍ THƯ",
    "TỔNG GIÁM ĐỐC", "TRƯỞNG BAN", "VỤ TRƯỞNG", "CHI CỤC TRƯỞNG", "VIỆN TRƯỞNG", "HẠT TRƯỞNG", "ĐỘI TRƯỞNG",
)  # fmt: skip
_DEPUTIES = {"BỘ TRƯỞNG": "THỨ TRƯỞNG", "CHÁNH VĂN PHÒNG": "PHÓ CHÁNH VĂN PHÒNG", "TRƯỞNG PHÒNG": "PHÓ TRƯỞNG PHÒNG"}
_TITLES = ("TS.", "PGS.TS.", "BS.", "ThS.", "Đại tá", "BSCKII.")
_SCRAPS = ("|", "~", "`-", "(Đã ký)", "_/", "“w”", "Aa", "*", "lL")
_RECEIVERS = ("- Như trên;", "- Lưu: VT, {}.", "- {} (để b/c);", "- UBND các huyện;", "Nơi nhận:", "- Các phòng ban;")
_BEHIND = 60
_NOISE = (0.0, 0.01, 0.03, 0.06)


def examples(first: int, count: int) -> Iterator[tuple[Items, list[str]]]:
    """Generated ends of dispatches: the features and the label of each word."""
    for seed in range(first, first + count):
        lines, labels = _block(random.Random(seed), _NOISE[seed % len(_NOISE)])
        yield features(lines), labels


def _block(rng: random.Random, rate: float) -> tuple[list[list[str]], list[str]]:
    position = rng.choice(_POSITIONS)
    parts: list[tuple[str, str]] = []
    if rng.random() < 0.4:
        parts.append(("TM." if rng.random() < 0.8 else "T/M", "A"))
        body = rng.choice([*_BODIES, *(d.upper() for d in (*DEPARTMENTS, *MINISTRIES))])
        parts += [(body, "B"), ("\n", "")]
    deputy = rng.random() < 0.6
    if deputy:
        parts += [(rng.choice(("KT.", "KT.", "TL.", "TUQ.")), "A"), (position, "A"), ("\n", "")]
        position = _DEPUTIES.get(position, f"PHÓ {position}")
    parts += [(position, "P"), ("\n", "")]
    for _ in range(rng.choice((0, 0, 1, 2))):
        parts += [(rng.choice(_SCRAPS), "O"), ("\n", "")]
    if rng.random() < 0.15:
        parts.append((rng.choice(_TITLES), "O"))
    name = f"{rng.choice(FAMILY)} {rng.choice(MIDDLE)} {rng.choice(GIVEN)}"
    if rng.random() < 0.3:
        name = f"{rng.choice(FAMILY)} {rng.choice(GIVEN)} {rng.choice(GIVEN)}"
    parts.append((name.upper() if rng.random() < 0.15 else name, "N"))
    receivers = [
        [(rng.choice(_RECEIVERS).format(rng.choice((*DEPARTMENTS, *PROVINCES))), "O"), ("\n", "")]
        for _ in range(rng.randint(0, 5))
    ]
    before = [p for line in receivers for p in line]
    joined = rng.random() < 0.25
    lines: list[list[str]] = [[]]
    labels: list[str] = []
    for words, label in [*before, *parts]:
        if words == "\n":
            if lines[-1] and not (joined and label == "" and rng.random() < 0.4):
                lines.append([])
            continue
        for word in noisy(words, rate, rng).split():
            lines[-1].append(word)
            labels.append(label)
    return [line for line in lines if line], labels


def features(lines: list[list[str]]) -> Items:
    """What can be seen of each word of the lines."""
    words = [(word, k, len(line), number) for number, line in enumerate(lines) for k, word in enumerate(line)]
    total = len(words)
    looks = [_look(word) for word, *_ in words]
    made = []
    for i, (_, k, size, number) in enumerate(words):
        own = [*looks[i], f"k={min(k, 3)}", f"back={min(size - 1 - k, 3)}", f"size={min(size, 6)}"]
        own.append(f"up={min(len(lines) - 1 - number, 4)}")
        own.append(f"end={min(total - 1 - i, 5)}")
        for name, j in (("<", i - 1), ("<<", i - 2), (">", i + 1), (">>", i + 2)):
            own += [f"{name}{look}" for look in (looks[j][:2] if 0 <= j < total else ("edge",))]
        made.append(own)
    return made


def _look(word: str) -> tuple[str, ...]:
    letters = [c for c in word if c.isalpha()]
    caps = "caps" if letters and all(c.isupper() for c in letters) else "Cap" if word[:1].isupper() else "low"
    low = fold(word)
    odd = not all(c.isalpha() or c in ".,;/" for c in word)
    bare = "".join(c for c in low if c.isalpha())
    ends = (f"3={bare[:3]}", f"-2={bare[-2:]}")
    return (f"w={low}", f"shape={caps}{odd}", *ends, f"long={len(word) > 7}", f"dot={'.' in word}")


def trained(first: int, count: int) -> Tagger:
    """A tagger of the words at the end of a dispatch."""
    return train(list(examples(first, count)), penalty=1.0)


@dataclass(frozen=True, slots=True)
class Told:
    """Who signs, as tagged: the body behind TM., chức vụ, họ tên; None where no word was tagged so."""

    body: str | None
    position: str | None
    name: str | None


def told_of(tagger: Tagger, text: str) -> Told:
    """Who signs at the end of ``text``, its last words; the last run of each kind."""
    lines = [_WORD.findall(line) for line in text.strip().split("\n")[-30:]]
    lines = [line for line in lines if line]
    while sum(map(len, lines)) > 2 * _BEHIND and len(lines) > 8:
        lines.pop(0)
    words = [word for line in lines for word in line]
    labels = tagger.tag(features(lines))
    runs: dict[str, list[str]] = {}
    for i, label in enumerate(labels):
        if i == 0 or labels[i - 1] != label:
            runs[label] = []
        runs[label].append(words[i].strip("|_~'“*=»"))
    said = {label: " ".join(run).strip(" .,;") or None for label, run in runs.items()}
    return Told(said.get("B"), said.get("P"), said.get("N"))


def completed(tagger: Tagger, dispatch: Dispatch, source: Source, always: bool) -> Dispatch:
    """The record with chức vụ and họ tên as tagged: everywhere, or only where the rules have none."""
    reading = read(source)
    zones = [zone for zone in reading.zones if zone.name == "signature_block"]
    clean = reading.text.clean
    told = told_of(tagger, clean[zones[0].start : zones[-1].end] if zones else clean)
    signer = dispatch.signer or Signer()
    position = told.position if always or signer.position is None else signer.position
    name = told.name if always or signer.name is None else signer.name
    if position is None and name is None and not signer.authority:
        return dispatch.model_copy(update={"signer": None})
    return dispatch.model_copy(update={"signer": Signer(authority=signer.authority, position=position, name=name)})
