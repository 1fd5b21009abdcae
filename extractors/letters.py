"""The letters of Vietnamese as character classes: ranges of Unicode mix their cases, lists do not."""

from __future__ import annotations

_VOWELS = "aàảãáạăằẳẵắặâầẩẫấậeèẻẽéẹêềểễếệiìỉĩíịoòỏõóọôồổỗốộơờởỡớợuùủũúụưừửữứựyỳỷỹýỵ"
LOWER = _VOWELS + "bcdđfghjklmnpqrstvwxz"
"""Lower-case letters, to be put between the brackets of a character class."""
UPPER = LOWER.upper()
"""Capitals, to be put between the brackets of a character class."""
