"""Punctuation of calls as classes of regular expressions: ASCII, full-width and smart."""

COLON = "[:\uff1a]"
SETS = "[:=\uff1a\uff1d]"
"""Between a name and its value."""
OPENS_QUOTE = "[\"'\u201c\u2018\uff02\uff07]"
ENDS_QUOTE = "[\"'\u201d\u2019\uff02\uff07]"
