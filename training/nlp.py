"""The door to underthesea: nothing else in the house imports an NLP engine.

Only the comparison in ``docs/accuracy.md`` comes through here: its CRF, trained on the same labels, found fewer spans
than the rankers that are shipped. The import stands inside the function: no command loads an engine it does not use.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

Features = Sequence[Sequence[str]]


def train_crf(
    features: Sequence[Features], labels: Sequence[Sequence[str]], *, iterations: int, penalty: float
) -> Callable[[Features], list[str]]:
    """A linear chain trained by ``underthesea_core`` (L-BFGS), as a function from the features of tokens to labels.

    Weights differ in their last bits from run to run (the engine sums in no fixed order): good for a comparison, not
    for a model to ship. Raises ValueError for sequences and labels of unequal length.
    """
    from underthesea_core import CRFTagger, CRFTrainer  # type: ignore[import-untyped]

    if [len(x) for x in features] != [len(y) for y in labels]:
        raise ValueError("features and labels must be equally long")
    trainer = CRFTrainer(loss_function="lbfgs", l2_penalty=penalty, max_iterations=iterations, verbose=0)
    model = trainer.train([[list(token) for token in x] for x in features], [list(y) for y in labels])
    tagger = CRFTagger.from_model(model)

    def tag(tokens: Features) -> list[str]:
        return list(tagger.tag([list(token) for token in tokens]))

    return tag
