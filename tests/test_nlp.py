"""Confidence and learned rankers: their files, their training, what they may say, and what loads them."""

from __future__ import annotations

import gzip
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from extractors import learned_confidence
from extractors.learned_confidence import ANY, confidences, features_of, model, reasons, share, values_of
from models.source import Source
from pipeline.extract import certainty_of, extract
from pipeline.read import read_bytes
from tests.making import make
from training import signature_words, tagger, zones
from training.__main__ import MODELS, SHIPPED, labels
from training.confidence import Sample, acceptable, expected_error, fitted
from training.confidence import steps as steps_of
from training.generated import broken, damaged
from training.judgements import judgements
from training.labelled import LABELS, read_labels
from training.nlp import train_crf
from training.passages import cases
from training.quantities import rankers
from training.quantity_judge import MARGINS, NEVER, Judge
from training.rankers import SCALE, packed, probabilities, ranker, spoke_for, unpacked
from training.ranking import train
from training.responsible_judge import WhoJudge, names_of
from training.responsibles import limits, varied
from training.samples import read_with_judges
from training.tokens import tokens

KEPT = ("quantity_kind", "quantity_what", "quantity_whose", "deadline_who")
TAGGERS = ("zones", "signature_words")


Examples = Callable[[int, int], Iterator[tuple[tagger.Items, list[str]]]]


def source_of(text: str) -> Source:
    ((source,), _) = read_bytes(text.encode("utf-8"), "a.txt")
    return source


def test_models_are_small_and_each_has_a_card() -> None:
    assert {path.name for path in SHIPPED.iterdir()} == {"confidence.json.gz", "confidence.md"}
    assert sum(path.stat().st_size for folder in (SHIPPED, MODELS) for path in folder.iterdir()) < 5_000_000
    for card in (SHIPPED / "confidence.md", *(MODELS / f"{name}.md" for name in KEPT + TAGGERS)):
        text = card.read_text(encoding="utf-8")
        assert all(heading in text for heading in ("## Data and training", "## Limits")), card.name


def test_models_load_in_under_a_second() -> None:
    start = time.perf_counter()
    assert learned_confidence.unpacked(learned_confidence.MODEL.read_bytes())
    for name in KEPT:
        assert unpacked((MODELS / f"{name}.json.gz").read_bytes())
    for name in TAGGERS:
        assert tagger.unpacked((MODELS / f"{name}.json.gz").read_bytes()).weights
    assert time.perf_counter() - start < 1


_WATCH = """
import sys
opened = []
sys.addaudithook(lambda event, args: event == "open" and opened.append(str(args[0])))
def told():
    models = sorted({name.rsplit("/", 1)[-1] for name in opened if "models" in name and name.endswith(".gz")})
    engines = {"underthesea", "underthesea_core", "spacy", "training"}
    print(models, sorted({m.split(".")[0] for m in sys.modules} & engines))
"""


def watched(code: str, *arguments: str) -> str:
    """What a process says of the models it opened and the engines it knows, in its last line."""
    command = [sys.executable, "-c", f"{_WATCH}\n{code}\ntold()", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, cwd=LABELS.parents[1])
    return done.stdout.strip().splitlines()[-1]


@pytest.mark.parametrize(
    "command",
    [
        ["-h"],
        ["query", "SELECT 1"],
        ["review"],
        ["setaside"],
        ["correct", "x", "number", "1", "--why", "x"],
        ["score", "data/gold", "data/gold"],
    ],
)
def test_no_model_is_loaded_for_a_command_that_needs_none(command: list[str], tmp_path: Path) -> None:
    code = "from pipeline.cli import main\ntry:\n    main(sys.argv[1:])\nexcept SystemExit:\n    pass"
    named = ["--db", str(tmp_path / "none.duckdb")] if command[0] not in ("-h", "score") else []
    assert watched(code, *command, *named) == "[] []"


def test_reading_loads_one_model_and_no_engine() -> None:
    code = (
        "from pathlib import Path\nfrom pipeline.batch import Settings\nfrom pipeline.work import read_file\n"
        "(read,), _ = read_file(str(Path('data/raw/thong-bao-tiem-phong.md').resolve()), Settings())\n"
        "assert read.confidences"
    )
    assert watched(code) == "['confidence.json.gz'] []"


def test_the_same_labels_give_the_same_bytes() -> None:
    documents = read_labels(LABELS / "quantities_1.txt")
    first, second = (
        {name: packed(weights) for name, weights in rankers([c for d in documents for c in cases(d)], False).items()}
        for _ in range(2)
    )
    assert first == second
    assert set(first) == {"kind", "what", "whose"}


def test_packed_weights_come_back_in_whole_steps() -> None:
    weights = unpacked(packed({"b": 0.5, "a": -1.001, "none": 0.0001}))
    assert weights == {"a": round(-1.001 * SCALE), "b": SCALE // 2}
    assert probabilities(weights, [["b"], ["a"], []]) == pytest.approx([0.5466, 0.1218, 0.3315], abs=1e-3)
    assert spoke_for(weights, ["a", "b"]) == [("b", 0.5)]
    assert probabilities(weights, []) == []


def test_what_is_no_model_is_refused() -> None:
    with pytest.raises(ValueError, match="size"):
        unpacked(b"x" * 5_000_001)
    with pytest.raises(ValueError, match="table"):
        unpacked(__import__("gzip").compress(b"[1]"))
    with pytest.raises(FileNotFoundError):
        ranker("nothing-of-the-kind")


def test_a_ranker_learns_which_reading_is_right() -> None:
    groups = [[(["near", f"w={i % 3}"], True), (["far", f"w={i % 3}"], False)] for i in range(12)]
    weights = train(groups, penalty=0.1)
    assert weights["near"] > 1 > -1 > weights["far"]


def test_labels_are_many_and_stand_where_they_say() -> None:
    documents = labels("quantities")
    marks = [(p, m) for d in documents for p in d.paragraphs for m in p.marks]
    assert len(marks) >= 600
    assert all(any(c.isdigit() for c in p.text[m.start : m.end]) or p.text[m.start : m.end] == "một" for p, m in marks)
    assert len({d.document_type for d in documents}) >= 10
    assert sum(len(p.marks) for d in labels("tasks") for p in d.paragraphs) >= 100


def test_marks_are_read_and_wrong_ones_refused(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_text("@ báo cáo | 2024-01-02 | Sở A | việc B\n<1 Toàn xã> có {1r 12} [1 hộ]\n", encoding="utf-8")
    ((paragraph,),) = (document.paragraphs for document in read_labels(file))
    (mark,) = paragraph.marks
    assert paragraph.text == "Toàn xã có 12 hộ"
    assert [paragraph.text[a:b] for a, b in (*mark.what, *mark.whose)] == ["hộ", "Toàn xã"]
    for wrong in ("[1 hộ]", "{1 12} hộ", "[1 hộ {1r 12}"):
        file.write_text(f"@ báo cáo | 2024-01-02 | Sở A | việc B\n{wrong}\n", encoding="utf-8")
        with pytest.raises(ValueError, match=r"a\.txt:2"):
            read_labels(file)


def test_varied_dispatches_keep_their_marks() -> None:
    document = labels("tasks")[0]
    other = varied(document, 5)
    assert other.text != document.text
    for before, after in zip(document.paragraphs, other.paragraphs, strict=True):
        for m, n in zip(before.marks, after.marks, strict=True):
            assert before.text[m.start : m.end] == after.text[n.start : n.end]
    assert list(limits(document))


def test_judges_only_add_what_they_are_surer_of() -> None:
    """No kind and no indicator of the rules is ever replaced; a scope only where they name nobody."""
    assert MARGINS["kind"] == MARGINS["what"] == NEVER
    heard = 0
    for document in labels("quantities"):
        ((source,), _) = read_bytes(document.text.encode("utf-8"), "a.txt")
        plain = read_with_judges(source, None, None)
        judge = Judge()
        judged = read_with_judges(source, judge, None)
        said = judge.by_entry()
        rules = {q.evidence.start: q for q in plain.quantities}
        for number, quantity in enumerate(judged.quantities):
            for one in said[number].values():
                assert 0 <= one.of_rules <= 1 and 0 <= one.of_learned <= 1
                assert not one.taken or one.of_learned - one.of_rules >= min(MARGINS.values())
                assert not one.taken or one.reasons
            before = rules.get(quantity.evidence.start)
            # A number more in a paragraph may hand its kind on to the next, as any number does.
            if before is not None and len(plain.quantities) == len(judged.quantities):
                assert (before.kind, before.indicator) == (quantity.kind, quantity.indicator)
                heard += before.scope is None and quantity.scope is not None
    assert heard > 0


def test_offices_that_no_table_holds_are_heard() -> None:
    wins = losses = 0
    for document in labels("tasks"):
        ((source,), _) = read_bytes(document.text.encode("utf-8"), "a.txt")
        plain = read_with_judges(source, None, None)
        who = WhoJudge()
        judged = read_with_judges(source, None, who)
        assert len(who.by_entry()) == len(judged.deadlines) == len(plain.deadlines)
        marked = [{p.text[a:b] for a, b in m.whose} or {str(m.inherited)} for p in document.paragraphs for m in p.marks]
        named = {name for names in marked for name in names}
        for before, after in zip(plain.deadlines, judged.deadlines, strict=True):
            wins += not before.responsible and set(after.responsible) <= named and bool(after.responsible)
            losses += bool(before.responsible) and not after.responsible
    assert wins >= 5 and losses == 0


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (None, ()),
        ("CNTT", ("CNTT",)),
        ("Sở Y tế, Công an tỉnh", ("Sở Y tế", "Công an tỉnh")),
        ("P. KTAT", ("P. KTAT",)),
    ],
)
def test_names_of_a_reading(text: str | None, names: tuple[str, ...]) -> None:
    assert names_of(text) == names


def test_tokens_keep_their_places() -> None:
    text = "Đạt 12,5% (tỷ lệ hộ nghèo)"
    found = tokens(text, text.lower())
    assert [text[a:b] for a, b in zip(found.starts, found.ends, strict=True)] == [
        "Đạt", "12,5", "%", "(", "tỷ", "lệ", "hộ", "nghèo", ")",
    ]  # fmt: skip
    assert found.words[1] == "0000" and found.digits == {1} and found.capital == {0}
    assert "head" in found.classes[4] and "+head" in found.classes[5]
    assert found.span(4, 8) == (1, 2)


def test_every_value_has_a_confidence() -> None:
    source = damaged(make(11).text, 0.01, 3)
    dispatch = extract(source)
    found = confidences(dispatch, certainty_of(source))
    assert all(0 < one.confidence < 1 and one.ocr is not None for one in found)
    names = {one.field for one in found}
    assert {"number", "issued_on", "issuing_body.name", "signer.name", "subject", "references.relation"} <= names
    for name in ("references", "quantities", "deadlines", "addressees.name", "copies.name"):
        entries = getattr(dispatch, name.partition(".")[0])
        assert [one.entry_no for one in found if one.field == name] == list(range(1, len(entries) + 1)), name
    assert len({(one.field, one.entry_no) for one in found}) == len(found)
    assert [(v.field, v.entry_no) for v in values_of(dispatch)] == [(one.field, one.entry_no) for one in found]


def test_text_that_was_in_the_file_has_no_certainty_of_ocr() -> None:
    assert {one.ocr for one in confidences(extract(source_of(make(11).text)), None)} == {None}


def test_words_that_ocr_doubts_are_believed_less() -> None:
    source = damaged(make(12).text, 0.01, 3)
    (value,) = (v for v in values_of(extract(source)) if v.field == "number")
    assert share("number", features_of(value, 0.31)) < share("number", features_of(value, 0.96))
    weighed = reasons("number", features_of(value, 0.31))
    assert [abs(w) for _, w in weighed] == sorted((abs(w) for _, w in weighed), reverse=True)
    assert any(name.startswith("ocr=") and weight < 0 for name, weight in weighed)


def test_a_field_never_seen_in_training_takes_the_steps_of_all() -> None:
    assert "secrecy" not in model()
    assert 0 < share("secrecy", ["all", "origin=plain", "rule=unheard-of"]) < 1


def test_steps_never_fall() -> None:
    assert ANY in model() and "quantities.kind" in model()
    for known in model().values():
        assert len(known.shares) == len(known.bounds) + 1
        assert all(a <= b for a, b in pairwise(known.shares)) and all(a <= b for a, b in pairwise(known.bounds))


def test_the_same_values_give_the_same_confidence() -> None:
    samples = [
        Sample("number", ("all", f"rule={i % 3}"), i % 3 > 0, f"d{i % 40}", 1.0 if i % 2 else 0.1) for i in range(400)
    ]
    first, second = (learned_confidence.packed(fitted(samples)) for _ in range(2))
    assert first == second
    known = learned_confidence.unpacked(first)["number"]
    assert known.weights["rule=0"] < 0 < known.weights["rule=1"]
    with pytest.raises(ValueError, match="size"):
        learned_confidence.unpacked(b"x" * 5_000_001)
    with pytest.raises(ValueError, match="fields"):
        learned_confidence.unpacked(gzip.compress(b"[1]"))


def test_pooled_steps_and_their_error() -> None:
    values = [(i / 200, i % 10 < i // 20, 1.0) for i in range(200)]
    bounds, shares = steps_of(values)
    assert shares == sorted(shares) and shares[0] < 0.2 and shares[-1] > 0.8
    assert len(bounds) == len(shares) - 1
    assert steps_of([(1.0, True, 0.1)] * 100)[1] == [pytest.approx(10.5 / 11, abs=1e-4)]
    assert expected_error([(0.9, True)] * 9 + [(0.9, False)]) == pytest.approx(0)
    assert expected_error([(0.9, False)] * 4) == pytest.approx(0.9)
    assert expected_error([]) == 0


def test_what_can_be_accepted_unseen() -> None:
    assert acceptable([(0.9, True)] * 99 + [(0.8, False)]) == 1.0
    assert acceptable([(0.9, True)] * 50 + [(0.8, False)] * 50) == 0.5
    assert acceptable([(0.9, False), (0.9, True)]) == 0.0
    assert acceptable([]) == 0.0


def test_values_are_judged_against_labels_as_the_scorer_does() -> None:
    gold = {"number": "12", "issuing_body": None, "deadlines": [{"due_on": "2024-05-01", "responsible": ["Sở A"]}]}
    got = {
        "number": "13", "issuing_body": {"name": "Sở A"}, "place": "Huế",
        "deadlines": [{"due_on": "2024-06-01"}, {"due_on": "2024-05-01", "responsible": ["Sở A"], "kind": "task"}],
    }  # fmt: skip
    right = dict(judgements(gold, got))
    assert right["number", 0] is False and right["issuing_body.name", 0] is False and ("place", 0) not in right
    assert right["deadlines", 1] is False and right["deadlines", 2] is True
    assert right["deadlines.responsible", 2] is True and right["deadlines.kind", 2] is False


def kept(name: str) -> tagger.Tagger:
    return tagger.unpacked((MODELS / f"{name}.json.gz").read_bytes())


@pytest.mark.parametrize(
    ("name", "examples"), [("zones", zones.examples), ("signature_words", signature_words.examples)]
)
def test_taggers_know_generated_pages_they_never_saw(name: str, examples: Examples) -> None:
    told = [(kept(name).tag(items), labels) for items, labels in examples(90_000, 30)]
    right = sum(a == b for got, want in told for a, b in zip(got, want, strict=True))
    assert right / sum(len(want) for _, want in told) > 0.98
    assert kept(name).tag([]) == []


def test_the_same_pages_give_the_same_tagger() -> None:
    first, second = (tagger.packed(zones.trained(70_000, 12)) for _ in range(2))
    assert first == second == tagger.packed(tagger.unpacked(first))


def test_a_page_in_columns_is_laid_out_anew() -> None:
    made = make(4)
    paper = broken(made, 100)
    assert any(len(row) > 1 for row in paper.rows)
    dispatch = extract(zones.relaid(kept("zones"), source_of(paper.text)))
    assert dispatch.issued_on == made.expected["issued_on"]
    assert dispatch.signer is not None and dispatch.signer.name == made.expected["signer.name"]
    assert zones.lacking(dispatch) == 0 and zones.lacking(None) == 6


def test_cells_are_read_column_after_column() -> None:
    text = "SỞ A        CỘNG HÒA\nPHÒNG B     Độc lập\n\nSố: 1/SA    Huế, ngày 1\n\nMột đoạn văn."
    assert [cell.text for cell in zones.cells_of(text)] == [
        "SỞ A", "PHÒNG B", "Số: 1/SA", "CỘNG HÒA", "Độc lập", "Huế, ngày 1", "Một đoạn văn.",
    ]  # fmt: skip


def test_who_signs_is_read_between_scraps() -> None:
    text = "Nơi nhận:\n- Lưu: VT, NN.\nTM. ỦY BAN NHÂN DÂN\nKT. CHỦ TỊCH\n| PHÓ CHỦ TỊCH\n~ `-\nTrần Minh Khánh |"
    told = signature_words.told_of(kept("signature_words"), text)
    assert told == signature_words.Told("ỦY BAN NHÂN DÂN", "PHÓ CHỦ TỊCH", "Trần Minh Khánh")
    source = source_of(make(5).text)
    plain = extract(source)
    assert signature_words.completed(kept("signature_words"), plain, source, always=False) == plain


def test_badly_laid_out_dispatches_keep_their_words() -> None:
    for seed in range(30):
        made = make(seed)
        paper = broken(made, seed)
        words = " ".join(paper.text.split())
        assert made.place_date in words and made.signature[-1] in words
        assert {zone for row in paper.rows for _, zone in row} >= {"letterhead", "place_date", "body", "name"}
        assert broken(made, seed) == paper


def test_the_engine_trains_behind_its_door() -> None:
    features = [[["w=a"], ["w=b"]], [["w=b"], ["w=a"]]] * 5
    tag = train_crf(features, [["X", "O"], ["O", "X"]] * 5, iterations=20, penalty=0.01)
    assert tag([["w=b"], ["w=a"]]) == ["O", "X"]
    with pytest.raises(ValueError, match="equally long"):
        train_crf([[["w=a"]]], [["X", "O"]], iterations=1, penalty=0.1)
