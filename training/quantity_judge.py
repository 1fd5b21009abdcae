"""Numbers of a paragraph judged by learned rankers where the rules end: kind, what is counted, whose the number is.

The rules read first; the rankers lay out every reading of the clause beside theirs and are heard only where they are
much surer, and where they won on dispatches that nobody had seen (``docs/accuracy.md``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from extractors.fold import fold_chars
from extractors.quantity_kinds import of_heading
from extractors.quantity_passages import Found, Passage, Tools
from models.record import QuantityKind
from training.candidates import Candidate, Clause, clause, span_features, whats, whoses
from training.rankers import Weights, by_label, probabilities, ranker, shares, spoke_for
from training.tokens import Tokens, tokens

KINDS: dict[str, QuantityKind | None] = {"t": "target", "r": "result", "f": "funding", "n": None}
LETTER_OF: dict[QuantityKind | None, str] = {kind: letter for letter, kind in KINDS.items()}
NEVER = 2.0
MARGINS = {"kind": NEVER, "found": 0.8, "what": NEVER, "whose": 0.7}
"""How much likelier than the rules' reading another must be. ``found``: the kind of a number that the rules pass over;
``whose``: only where the rules name nobody. Where a model did not win on unseen dispatches it is never heard, but what
it holds of the rules' reading still enters the confidence (``docs/accuracy.md``)."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What a ranker holds of one value: the rules' reading and its own, how likely each is, and what spoke for it."""

    field: str
    rules: str | None
    learned: str | None
    of_rules: float
    of_learned: float
    taken: bool
    reasons: tuple[tuple[str, float], ...]
    """What spoke for the learned reading, where it was taken: features and their weights."""

    @property
    def probability(self) -> float:
        """How likely the value that stands is, as the ranker has it."""
        return self.of_learned if self.taken else self.of_rules


@dataclass(frozen=True, slots=True)
class Words:
    """The words of one number as judged: what it counts, whose it is, and the spans of ``what`` (None: the rules')."""

    what: str | None
    whose: str | None
    what_spans: tuple[tuple[int, int], ...] | None


@dataclass
class Judge:
    """Hears the rankers, one paragraph after the other, and remembers what they said of each number.

    ``alone``: without the rules' reading, for the ablation.
    """

    alone: bool = False
    margins: dict[str, float] = field(default_factory=lambda: dict(MARGINS))
    heard: dict[tuple[int, str], Heard] = field(default_factory=dict)
    """By where the number stands in the clean text, and by field."""
    order: list[int] = field(default_factory=list)
    """Where the numbers stand whose words were judged: one for each entry, in the order of the record."""
    _passage: Passage | None = None
    _tokens: Tokens | None = None

    def kind(
        self, tools: Tools, passage: Passage, k: int, taken: Sequence[Found], said: QuantityKind | None
    ) -> QuantityKind | None:
        """The kind of number ``k``; ``said`` by the rules, None for no quantity."""
        found = self._of(passage)
        rule = LETTER_OF[said]
        previous = _letter_before(k, taken)
        features = kind_features(tools, passage, found, k) + [f"prev={previous}"]
        if not self.alone:
            features += rule_kind_features(tools, passage, k, rule, previous)
        weights = self._weights("kind")
        letters = "".join(KINDS)
        table = by_label(weights, letters)
        rows = [table[name] for name in features if name in table]
        likely = shares([sum(column) for column in zip(*rows, strict=True)])
        best = max(range(len(letters)), key=likely.__getitem__)
        of_rules = likely[letters.index(rule)]
        margin = self.margins["found" if said is None else "kind"]
        # Numbers are never taken away: what the rules call a quantity has a word of one beside it.
        heard = letters[best] != rule and letters[best] != "n" and likely[best] - of_rules >= margin
        if self.alone:
            heard = letters[best] != rule
        named = [f"{letters[best]}|{name}" for name in features] if heard else []
        reasons = tuple(spoke_for(weights, named))
        self.heard[passage.start + passage.amounts[k].start, "kind"] = Heard(
            "kind", rule, letters[best], of_rules, likely[best], heard, reasons
        )
        return KINDS[letters[best]] if heard else said

    def words(self, tools: Tools, passage: Passage, found: Found, taken: Sequence[Found]) -> Words:
        """What a number counts and whose it is; ``found``: as the rules have it, ``taken``: the numbers before it."""
        told, k = self._of(passage), found.index
        self.order.append(passage.start + passage.amounts[k].start)
        at = clause(passage, told, k)
        sentence = passage.amounts[k].sentence
        same = [f for f in taken if f.amount.sentence == sentence]
        others = [f for f in taken if f.amount.sentence != sentence]
        readings = whats(passage, told, at, k, [f.indicator for f in same])
        what, spans = self._choose("what", passage, told, at, found, readings, found.indicator)
        earlier = others[-1].scope if others else None
        above = tools.scope_above(passage.index)
        readings = whoses(passage, told, at, k, [f.scope for f in same], above, earlier)
        whose, _ = self._choose("whose", passage, told, at, found, readings, found.scope)
        return Words(what, whose, spans)

    def by_entry(self) -> dict[int, dict[str, Heard]]:
        """What was heard of each quantity of the record, by its index and by field."""
        return {
            number: {name: self.heard[at, name] for name in ("kind", "what", "whose") if (at, name) in self.heard}
            for number, at in enumerate(self.order)
        }

    def _choose(
        self,
        name: str,
        passage: Passage,
        told: Tokens,
        at: Clause,
        found: Found,
        readings: list[Candidate],
        rule: str | None,
    ) -> tuple[str | None, tuple[tuple[int, int], ...] | None]:
        if not self.alone:
            readings = with_rule(readings, rule)
        k = found.index
        around: dict[str, list[str]] = {}
        features = [span_features(passage, told, at, k, reading, name, around) for reading in readings]
        if not self.alone:
            unit = passage.amounts[k].unit.kind
            for reading, list_of in zip(readings, features, strict=True):
                list_of.extend(rule_features(reading, rule, found.said.rule, unit))
        weights = self._weights(name)
        likely = probabilities(weights, features)
        best = max(range(len(readings)), key=likely.__getitem__)
        rules_own = next((i for i, reading in enumerate(readings) if same_text(reading.text, rule)), None)
        of_rules = likely[rules_own] if rules_own is not None else 0.0
        differs = best != rules_own
        heard = differs and likely[best] - of_rules >= self.margins[name]
        if name == "whose" and rule is not None:
            heard = False  # where the rules name somebody, nobody was found to know better
        if self.alone:
            heard = differs
        reasons = tuple(spoke_for(weights, features[best])) if heard else ()
        self.heard[passage.start + passage.amounts[k].start, name] = Heard(
            name, rule, readings[best].text, of_rules, likely[best], heard, reasons
        )
        return (readings[best].text, readings[best].spans) if heard else (rule, None)

    def _of(self, passage: Passage) -> Tokens:
        if self._passage is not passage or self._tokens is None:
            self._passage, self._tokens = passage, tokens(passage.text, passage.low)
        return self._tokens

    def _weights(self, name: str) -> Weights:
        return ranker(f"quantity_{name}_alone" if self.alone else f"quantity_{name}")


def same_text(one: str | None, other: str | None) -> bool:
    """Whether two readings say the same words."""
    return (one or "").lower() == (other or "").lower()


def with_rule(readings: list[Candidate], rule: str | None) -> list[Candidate]:
    """The readings, the rules' own among them."""
    if rule is None or any(same_text(reading.text, rule) for reading in readings):
        return readings
    return [*readings, Candidate("rule", (), rule)]


def rule_features(reading: Candidate, rule: str | None, name: str, unit: str) -> list[str]:
    """How a reading agrees with the rules'; ``name``: of the rule, ``unit``: the kind of unit."""
    shared = overlap(reading.text, rule)
    agree = "same" if shared >= 0.95 else "like" if shared >= 0.6 else "part" if shared > 0 else "no"
    short = reading.way.rstrip("0123456789")
    return [
        f"rule={agree}", f"rn={agree}_{name}", f"rk={agree}_{unit}", f"rw={agree}_{short}",
        f"rnone={agree}_{rule is None}", f"rks={agree}_{unit}_{short}_{name}",
    ]  # fmt: skip


def overlap(one: str | None, other: str | None) -> float:
    """The share of words that two texts have in common (F1)."""
    if one is None or other is None:
        return 1.0 if one is None and other is None else 0.0
    left, right = one.lower().split(), other.lower().split()
    common = sum(min(left.count(word), right.count(word)) for word in set(left))
    return 2 * common / (len(left) + len(right)) if common else 0.0


def rule_kind_features(tools: Tools, passage: Passage, k: int, rule: str, previous: str) -> list[str]:
    """What the rules say of the kind of number ``k``, alone and with what it may hang on."""
    unit = passage.amounts[k].unit.kind
    return [f"rule={rule}", f"rk={rule}_{unit}", f"rd={rule}_{tools.context.document_type}", f"rp={rule}_{previous}"]


def _letter_before(k: int, taken: Sequence[Found]) -> str:
    if k == 0:
        return "<"
    return next((LETTER_OF[f.kind] for f in reversed(taken) if f.index == k - 1), "n")


def kind_features(tools: Tools, passage: Passage, found: Tokens, k: int) -> list[str]:
    """What can be seen of number ``k`` that may tell its kind: its clause, unit, headings, document and dates."""
    amount, said = passage.amounts[k], found.words
    begin, end = found.span(amount.figure.start, amount.figure.end)
    behind = max(end, found.first_from(amount.end))
    first = max(found.first_from(amount.sentence[0]), begin - 40)
    document, heading = tools.context.document_type or "?", _heading(tools, passage.index)
    kind, unit = amount.unit.kind, passage.low[amount.unit.start : amount.unit.end]
    features = ["b", f"doc={document}", f"h={heading}", f"dh={document}_{heading}", f"u={kind}", f"unit={unit}"]
    features += [f"uh={kind}_{heading}", f"ud={kind}_{document}"]
    features += [f"l{begin - i}={said[i]}" for i in range(max(0, begin - 4), begin)]
    features += [f"r{i - end}={said[i]}" for i in range(end, min(len(said), end + 5))]
    if begin > 1:
        features.append(f"ll={said[begin - 2]}_{said[begin - 1]}")
    for i in range(first, begin):
        far = "n" if begin - i <= 8 else "f"
        features.append(f"L{far}={said[i]}")
        if i + 1 < begin:
            features.append(f"LL={said[i]}_{said[i + 1]}")
        features += [f"LC{far}={name}" for name in found.classes[i]]
    for i in range(behind, min(len(said), behind + 14)):
        features.append(f"R={said[i]}")
        features += [f"RC={name}" for name in found.classes[i]]
    features.append(f"open={said[first] if first < len(said) else ''}")
    cue = next((c for c in reversed(passage.cues) if amount.sentence[0] <= c.start and c.end <= amount.start), None)
    spoken = cue.kind if cue is not None else None
    features += [f"cue={spoken}", f"cueh={spoken}_{heading}_{document}", f"br={amount.opened >= 0}"]
    features.append(f"mark={passage.block.marker[:1].isdigit()}")
    features.append(f"when={_when(tools, passage, amount.sentence)}")
    return features


def _when(tools: Tools, passage: Passage, sentence: tuple[int, int]) -> str:
    year = tools.context.year
    dates = [d.value for d in passage.dates if d.value is not None and sentence[0] <= d.start < sentence[1]]
    if year is None or not dates:
        return "none"
    last = max(int(value[:4]) for value in dates)
    return "later" if last > year else "same" if last == year else "before"


def _heading(tools: Tools, index: int) -> str:
    parent = tools.reading.blocks[index].parent
    while parent is not None:
        block = tools.reading.blocks[parent]
        said = of_heading(fold_chars(tools.reading.words(block)[:300]))
        if said is not None:
            return said
        parent = block.parent
    return "none"
