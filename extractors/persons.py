"""Names of persons as a signature block prints them, and the titles before them."""

from __future__ import annotations

import re

from extractors.cues import any_of

TITLES = re.compile(rf"^(?:{any_of('titles_of_persons')}\b[.,\s]*)+")
"""Academic and other titles before a name, as many as there are."""


def is_person_name(text: str) -> bool:
    """Whether a line could be a person's name: two to six words, each with one capital at its front or all capitals."""
    words = TITLES.sub("", text).strip(" ./").split()
    if not 2 <= len(words) <= 6:
        return False
    return all(w.isalpha() and w[0].isupper() and (w[1:].islower() or w.isupper() or len(w) == 1) for w in words)
