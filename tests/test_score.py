"""The scorer gives the figures of the contract's own scorer, and can tell right from wrong."""

from __future__ import annotations

import copy
import importlib.util
import json
import random
from types import ModuleType
from typing import Any

from pipeline import score
from tests.shared import shared


def contract() -> ModuleType:
    """The scorer that came with the contract."""
    spec = importlib.util.spec_from_file_location("contract_score", shared("spec", "score.py"))
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def damaged(record: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    """The record with values dropped, doubled, misspelt and mixed up."""
    out = copy.deepcopy(record)
    for field, value in list(out.items()):
        roll = chance.random()
        if isinstance(value, list):
            kept = [e for e in value if chance.random() > 0.2]
            for entry in kept:
                for name, inner in entry.items() if isinstance(entry, dict) else ():
                    roll = chance.random()
                    if isinstance(inner, str) and roll < 0.2:
                        entry[name] = inner[: len(inner) // 2] if roll < 0.1 else inner.upper().replace(" ", "  ")
                    elif roll < 0.3:
                        entry[name] = None
            if kept and chance.random() < 0.4:
                kept.append(copy.deepcopy(chance.choice(kept)))
            chance.shuffle(kept)
            out[field] = kept
        elif isinstance(value, str) and roll < 0.3:
            out[field] = value[:-1] if roll < 0.1 else value + " khác hẳn" if roll < 0.2 else None
        elif isinstance(value, bool) and roll < 0.3:
            out[field] = not value
        elif isinstance(value, dict) and roll < 0.2:
            out[field] = None
    return out


def test_figures_and_misses_are_those_of_the_contract() -> None:
    reference = contract()
    gold = score.load(shared("gold"))
    assert len(gold) >= 20
    for seed in range(12):
        chance = random.Random(seed)
        got = {n: damaged(dict(r), chance) for n, r in gold.items() if chance.random() > 0.1}
        figures, misses = reference.score(gold, got)
        mine = score.score(gold, got)
        assert json.loads(score.as_json(mine)) == figures
        assert list(mine.tallies) == list(figures)
        key = lambda m: (m[0], m[1], json.dumps(m[2:], ensure_ascii=False, sort_keys=True))  # noqa: E731
        assert sorted(((m.document, m.field, m.want, m.have) for m in mine.misses), key=key) == sorted(misses, key=key)


def test_strings_fold_as_in_the_contract() -> None:
    reference = contract()
    words = ["Hoà Bình", "HOÀ", "hoàn", "quý", "quỳ", "Thuỷ lợi", "tuỳ", "UỶ BAN", "khoẻ", "xoè"]
    words += ["“a” – b", "**đ**_x", "7/KH.-", " a\u00a0b"]
    assert [score.fold(w) for w in words] == [reference.norm(w) for w in words]
    assert score.fold("Thuỷ lợi Hoà Bình") == "thủy lợi hòa bình"


def test_a_perfect_record_scores_one_and_an_empty_one_nothing() -> None:
    gold = score.load(shared("gold"))
    perfect = score.score(gold, gold)
    assert not perfect.misses
    assert {t.f1 for t in perfect.tallies.values()} <= {1.0, None}
    nothing = score.score(gold, {})
    assert nothing.tallies[score.HEADER].right == nothing.tallies[score.HEADER].got == 0
    assert nothing.tallies["references found"].recall == 0


def test_entries_of_tables_and_annexes_do_not_count() -> None:
    entry = {"code": "1/KH-UBND", "document_type": "kế hoạch"}
    gold = {"a": {"references": [entry]}}
    got = {"a": {"references": [entry, {**entry, "code": "2/KH-UBND", "part": "annex"}]}}
    assert score.score(gold, got).tallies["references found"].f1 == 1.0
    got["a"]["references"][1]["part"] = "main"
    assert score.score(gold, got).tallies["references found"].precision == 0.5


def test_fields_that_were_not_labelled_are_passed_over() -> None:
    result = score.score({"a": {"place": "Sa Pa"}}, {"a": {"place": "Sa Pa", "number": "7", "copies": [{"name": "x"}]}})
    assert set(result.tallies) == {"place", score.HEADER, score.WHOLE}
    assert result.only("pl").tallies == {"place": score.Tally(1, 1, 1)}
