"""Is a text an emoji, or is one in it?"""

import re

_PICTURE = (
    "[\u00a9\u00ae\u203c\u2049\u2122\u2139\u2190-\u21ff\u231a-\u23ff\u24c2\u25a0-\u27bf\u2934\u2935\u2b00-\u2bff"
    "\u3030\u303d\u3297\u3299\U0001f000-\U0001f1e5\U0001f200-\U0001faff]"
)
_DRESSED = f"{_PICTURE}\ufe0f?[\U0001f3fb-\U0001f3ff]?\ufe0f?(?:[\U000e0020-\U000e007e]+\U000e007f)?"
_EMOJI = re.compile(
    "[\U0001f1e6-\U0001f1ff]{2}"  # a flag is two letters
    "|[0-9#*]\ufe0f?\u20e3"  # a key
    f"|{_DRESSED}(?:\u200d{_DRESSED})*"  # one picture, or several joined to one, each in its skin tone
)


def is_emoji(text: str) -> bool:
    """Tell whether a text is one emoji, as a person sees it: a family or a flag is one, too."""
    return _EMOJI.fullmatch(text) is not None


def has_emoji(text: str) -> bool:
    """Tell whether there is an emoji somewhere in a text."""
    return _EMOJI.search(text) is not None
