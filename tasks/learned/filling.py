"""`filled`: the texts of a learned run with their placeholders filled in, when its file is read.

`{{name}}` is a parameter, `{{today}}`, `{{today+7}}` and `{{today-1:%d.%m.%Y}}` are dates, and the name of a secret
stays as it is: the device types its value. Text of a model is never filled.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any

PLACEHOLDER = re.compile(r"\{\{\s*([^{}]+?)\s*\}\}")
_DATE = re.compile(r"today\s*(?:([+-])\s*(\d{1,5}))?\s*(?::(.+))?", re.DOTALL)


def filled(value: Any, fill: Callable[[str], str]) -> Any:
    """A text, list or dictionary with each placeholder in its texts replaced by what `fill` makes of its content."""
    if isinstance(value, str):
        return PLACEHOLDER.sub(lambda found: fill(found[1]), value)
    if isinstance(value, list):
        return [filled(part, fill) for part in value]
    if isinstance(value, dict):
        return {key: filled(part, fill) for key, part in value.items()}
    return value


def dated(content: str, today: date) -> str | None:
    """The date that the content of a placeholder describes, in ISO form unless it has a format; None for others."""
    found = _DATE.fullmatch(content)
    if found is None:
        return None
    sign, days, form = found.groups()
    day = today + timedelta(days=int(f"{sign or ''}{days or 0}"))
    return day.strftime(form) if form else day.isoformat()


def emptied(text: str, values: Mapping[str, str]) -> str:
    """The inverse: a text with `{{name}}` in place of each value, where that stands as a whole word.

    Longer values go first. A value of one or two characters is replaced only where it is the whole text.
    """
    for name, value in sorted(values.items(), key=lambda pair: -len(pair[1])):
        if text == value:
            return f"{{{{{name}}}}}"
        if len(value) > 2:
            text = re.sub(rf"(?<!\w){re.escape(value)}(?!\w)", f"{{{{{name}}}}}".replace("\\", ""), text)
    return text
