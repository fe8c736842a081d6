"""`declines`: whether a reply says that the target is not on the picture.

OSWorld-G's public implementations count any reply without a point as a refusal, so that garbage scores on every refusal
item. Here only text that declines counts, the point (-1, -1), which OSWorld-G's own evaluation takes for a refusal and
which UI-Venus is tuned to write (`models/grounding/ui_venus1_5_gd.py`), and the call that the prompt requests (`Finish`
with failure).
"""

import re

_UNABLE = (
    r"(?:can(?:no|')t|cannot|can not|could(?:n't| not)|do(?:n't| not)|did(?:n't| not)"
    r"|(?:am|was|is) (?:unable|not able) to)"
)
_ON_IT = r"on (?:the|this) (?:screen|screenshot|image|picture|page)"
_ABSENT = rf"(?:visible|present|shown|found|available|there|displayed|{_ON_IT})"
_DECLINED = re.compile(
    rf"\b(?:i|we|it) {_UNABLE} (?:see|find|locate|identify|spot)\b|\bunable to (?:see|find|locate|identify)\b"
    rf"|^(?:sorry, )?there(?:'s| is| are) (?:no|not any|nothing)\b(?! (?:doubt|need|problem|reason))|^no such\b"
    rf"|\b(?:is|are|was)(?:n't| not) {_ABSENT}\b|\bdo(?:es)?(?:n't| not) (?:exist|appear|seem to exist)\b"
    rf"|^nothing (?:on the|in the|matches|is meant)|\bnot found[.!]?$"
    r"|(?:没有|未能?|找不到|无法|没)(?:找到|看到|定位|发现)|找不到|不存在|(?:屏幕|截图|图片|页面|界面)[上中里]?(?:并)?没有",
    re.IGNORECASE | re.MULTILINE,
)
_PLACE = re.compile(r"(-?\d+(?:\.\d+)?)\s*[,\uff0c]\s*(-?\d+(?:\.\d+)?)")
NOWHERE = ("-1", "-1")


def declines(text: str) -> bool:
    """Whether the text declines. A reply with a position does not, except with the position (-1, -1)."""
    plain = text.replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
    places = set(_PLACE.findall(plain))
    return places == {NOWHERE} if places else bool(_DECLINED.search(plain))
