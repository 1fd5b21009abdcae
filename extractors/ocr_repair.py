from collections.abc import Iterable
from extractors.syllables import is_syllable
def is_vietnamese_syllable(s: str) -> bool:
    return is_syllable(s)
