"""Trains every model: ``python -m training``.

What the package ships goes into ``extractors/resources/models``; models that did not win, and those of ``--alone``,
which do not see what the rules say, serve the ablation and stay in ``training/models``. The same labels give the same
bytes: no clock, no order of files or of threads enters, and weights are rounded to whole steps.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from extractors import learned_confidence
from training import signature_words, tagger, zones
from training.confidence import fitted
from training.labelled import LABELS, Labelled, read_labels
from training.passages import cases
from training.quantities import rankers
from training.rankers import packed
from training.responsibles import all_limits, who_ranker
from training.samples import generated_samples, labelled_samples
from training.word_classes import write

FIRST_GENERATED, GENERATED = 10_000, 1_600
FIRST_PAGE, PAGES = 20_000, 400
FIRST_BLOCK, BLOCKS = 40_000, 1_500
SHIPPED = learned_confidence.MODEL.parent
MODELS = Path(__file__).parent / "models"


def labels(kind: str) -> list[Labelled]:
    """The labelled dispatches of that kind (``quantities``, ``tasks``), in order."""
    return [d for path in sorted(LABELS.glob(f"{kind}*.txt")) for d in read_labels(path)]


def trained(alone: bool) -> dict[str, dict[str, float]]:
    """Every ranker by its file's name."""
    found = [case for document in labels("quantities") for case in cases(document)]
    weights = {f"quantity_{name}": ranker for name, ranker in rankers(found, alone).items()}
    weights["deadline_who"] = who_ranker(all_limits(labels("tasks")), alone)
    return {f"{name}_alone" if alone else name: ranker for name, ranker in weights.items()}


def taggers() -> dict[str, tagger.Tagger]:
    """The taggers of broken layouts and of noisy signature blocks, by their files' names."""
    return {
        "zones": zones.trained(FIRST_PAGE, PAGES),
        "signature_words": signature_words.trained(FIRST_BLOCK, BLOCKS),
    }


def main() -> int:
    """Train and write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--into", type=Path, help="a folder for all of them, in place of their own")
    parser.add_argument("--alone", action="store_true", help="models that do not see what the rules say")
    parser.add_argument("--confidence", action="store_true", help="only how sure a value is")
    arguments = parser.parse_args()
    shipped, kept = arguments.into or SHIPPED, arguments.into or MODELS
    for folder in (shipped, kept):
        folder.mkdir(parents=True, exist_ok=True)
    if not arguments.confidence:
        write(kept / "word_classes.json.gz")
        for name, weights in trained(arguments.alone).items():
            path = kept / f"{name}.json.gz"
            path.write_bytes(packed(weights))
            print(f"{path.name}: {path.stat().st_size} bytes, {len(weights)} features")
    if not arguments.alone and not arguments.confidence:
        for name, tagged in taggers().items():
            path = kept / f"{name}.json.gz"
            path.write_bytes(tagger.packed(tagged))
            print(f"{path.name}: {path.stat().st_size} bytes, {len(tagged.weights)} features")
    if not arguments.alone:
        samples = [
            *labelled_samples(labels("quantities"), labels("tasks")),
            *generated_samples(FIRST_GENERATED, GENERATED),
        ]
        model = fitted(samples)
        path = shipped / learned_confidence.MODEL.name
        path.write_bytes(learned_confidence.packed(model))
        print(f"{path.name}: {path.stat().st_size} bytes, {len(samples)} values of {len(model) - 1} fields")
    return 0


if __name__ == "__main__":
    sys.exit(main())
