"""How is markup written so that an author's words stay words?"""

import re
from html import escape

NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")


def element(name: str, inside: str | None = None, **attributes: object) -> str:
    """Write an element; `inside` is markup already, attributes are not. `_` in their names stands for `-`."""
    held = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{plain(_short(value))}"'
        for key, value in attributes.items()
        if value is not None
    )
    return f"<{name}{held}/>" if inside is None else f"<{name}{held}>{inside}</{name}>"


def plain(text: str) -> str:
    """Write words so that they can only be read as words, whatever is in them."""
    return escape(NOT_IN_XML.sub("\N{REPLACEMENT CHARACTER}", text))


def number(value: float) -> str:
    """Write a number of pixels, as short as it can be."""
    return f"{value:.1f}".removesuffix(".0")


def _short(value: object) -> str:
    return number(value) if isinstance(value, float) else str(value)
