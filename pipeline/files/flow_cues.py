"""Words that tell the parts of a page apart, from ``extractors/resources/flow_cues.toml``."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path

import extractors
from extractors.fold import bare
from models.record import Shape

_RESOURCE = Path(extractors.__file__).parent / "resources" / "flow_cues.toml"


class CueGroup(Shape):
    """Phrases as :func:`extractors.fold.bare` writes them."""

    source: str
    words: tuple[str, ...]


class FlowCues(Shape):
    """The resource file."""

    motto: CueGroup
    recipients: CueGroup
    archive: CueGroup
    subject: CueGroup
    date: CueGroup
    number: CueGroup
    addressees: CueGroup


@cache
def cues() -> FlowCues:
    """The table. Raises pydantic.ValidationError where the file is not as described."""
    return FlowCues.model_validate(tomllib.loads(_RESOURCE.read_text(encoding="utf-8")))


def holds(text: str, group: CueGroup) -> bool:
    """Whether one of the phrases stands anywhere in the text."""
    plain = bare(text)
    return any(word in plain for word in group.words)


def opens_with(text: str, group: CueGroup) -> bool:
    """Whether the text begins with one of the phrases, a bullet before it aside."""
    return bare(text[:200]).lstrip("-+*• ").startswith(group.words)


def looks_like_dispatch(text: str) -> bool:
    """Whether a text has the outer signs of a dispatch: the motto, or two of number, addressees and recipients.

    Only its first and last 20,000 characters are looked at.
    """
    window = text if len(text) <= 40_000 else text[:20_000] + "\n" + text[-20_000:]
    table = cues()
    if holds(window, table.motto):
        return True
    lines = [line for line in window.split("\n") if line.strip()]
    groups = (table.number, table.addressees, table.recipients)
    return sum(any(opens_with(line, group) for line in lines) for group in groups) >= 2
