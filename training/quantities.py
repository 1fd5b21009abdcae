"""Rankers of quantities trained from the labels: groups of readings with the right ones marked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from training.candidates import Candidate, clause, span_features, whats, whoses
from training.labelled import Mark, joined
from training.passages import KIND_OF, Case
from training.quantity_judge import KINDS, kind_features, overlap, rule_features, rule_kind_features, with_rule
from training.ranking import Group, train
from training.tokens import tokens

PENALTIES = {"kind": 3.0, "what": 2.0, "whose": 2.0}


def labelled(case: Case, mark: Mark) -> tuple[str | None, str | None]:
    """What a number counts and whose it is, as labelled."""
    return joined(case.passage.text, mark.what), joined(case.passage.text, mark.whose) or mark.inherited


def kind_groups(cases: Sequence[Case], alone: bool) -> list[Group]:
    """One group a number: its four kinds."""
    groups: list[Group] = []
    for case in cases:
        found = tokens(case.passage.text, case.passage.low)
        previous = "<"
        for k in range(len(case.passage.amounts)):
            right = case.labels[k].kind if k in case.labels else "n"
            rule = KIND_OF[case.found[k].kind if k in case.found else None]
            features = kind_features(case.tools, case.passage, found, k) + [f"prev={previous}"]
            if not alone:
                features += rule_kind_features(case.tools, case.passage, k, rule, previous)
            groups.append([([f"{kind}|{name}" for name in features], kind == right) for kind in KINDS])
            previous = right
    return groups


def word_groups(cases: Sequence[Case], alone: bool) -> dict[str, list[Group]]:
    """For ``what`` and ``whose``, one group a labelled number: every reading, those nearest to the label right."""
    groups: dict[str, list[Group]] = {"what": [], "whose": []}
    for case in cases:
        for name, k, readings, features, right in _readings(case, alone):
            shares = [overlap(reading.text, right) for reading in readings]
            top = max(shares)
            if top >= 0.5 and k in case.labels:
                near = max(0.5, top - 0.03)
                groups[name].append([(f, share >= near) for f, share in zip(features, shares, strict=True)])
    return groups


def _readings(case: Case, alone: bool) -> Iterator[tuple[str, int, list[Candidate], list[list[str]], str | None]]:
    passage = case.passage
    found = tokens(passage.text, passage.low)
    before: list[tuple[str | None, str | None]] = []
    sentence, earlier = None, None
    for k in sorted(case.labels):
        mark = case.labels[k]
        if mark.kind == "n" or not mark.what:
            continue
        at = clause(passage, found, k)
        if at.sentence != sentence:
            earlier = before[-1][1] if before else earlier
            before, sentence = [], at.sentence
        what, whose = labelled(case, mark)
        for name, right in (("what", what), ("whose", whose)):
            if name == "what":
                readings = whats(passage, found, at, k, [b[0] for b in before])
            else:
                above = case.tools.scope_above(passage.index)
                readings = whoses(passage, found, at, k, [b[1] for b in before], above, earlier)
            rule = case.found.get(k)
            said = (rule.indicator if name == "what" else rule.scope) if rule is not None else None
            if not alone and rule is not None:
                readings = with_rule(readings, said)
            around: dict[str, list[str]] = {}
            features = [span_features(passage, found, at, k, reading, name, around) for reading in readings]
            if not alone and rule is not None:
                unit = passage.amounts[k].unit.kind
                for reading, told in zip(readings, features, strict=True):
                    told.extend(rule_features(reading, said, rule.said.rule, unit))
            yield name, k, readings, features, right
        before.append((what, whose))


def rankers(cases: Sequence[Case], alone: bool) -> dict[str, dict[str, float]]:
    """Weights for ``kind``, ``what`` and ``whose``."""
    words = word_groups(cases, alone)
    found = {"kind": train(kind_groups(cases, alone), penalty=PENALTIES["kind"])}
    for name, groups in words.items():
        found[name] = train(groups, penalty=PENALTIES[name])
    return found
