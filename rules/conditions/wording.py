"""Which words does an author write for ours, and how are ours explained?"""

import re

JOINING = {"and": "and", "or": "or", "not": "not"}
INSTEAD = {  # what other languages, tools and people write -> the word of this one
    "&&": "and",
    "&": "and",
    "but": "and",
    "||": "or",
    "|": "or",
    "!": "not",
    "is": "=",
    "equals": "=",
    "equal": "=",
    "equal to": "=",
    "is equal to": "=",
    "eq": "=",
    "===": "=",
    ":=": "=",
    "is not": "!=",
    "isn't": "!=",
    "is not equal to": "!=",
    "not equals": "!=",
    "ne": "!=",
    "!==": "!=",
    "<>": "!=",
    "=>": ">=",
    "=<": "<=",
    "is greater than": ">",
    "greater than": ">",
    "more than": ">",
    "is more than": ">",
    "is less than": "<",
    "less than": "<",
    "is at least": ">=",
    "is at most": "<=",
    "=~": "matches",
    "~": "matches",
    "is in": "in",
    "is one of": "in",
    "one of": "in",
    "is not in": "not in",
    "not has": "has none",
    "has not": "has none",
    "has no": "has none",
    "does not have": "has none",
    "doesn't have": "has none",
    "includes": "contains",
    "include": "contains",
    "not contains": "contains none",
    "contains not": "contains none",
    "does not contain": "contains none",
    "doesn't contain": "contains none",
    "does not include": "contains none",
    "doesn't include": "contains none",
    "is like": "like",
    "is similar to": "like",
    "similar to": "like",
    "sounds like": "like",
    "not like": "like none",
    "is not like": "like none",
    "startswith": "starts with",
    "begins with": "starts with",
    "endswith": "ends with",
    "is between": "between",
    "is not between": "not between",
    "exists": "is set",
    "is not null": "is set",
    "is not nothing": "is set",
    "is null": "is not set",
    "is nothing": "is not set",
    "is missing": "is not set",
}
INSTEAD |= {
    f"{word} {how} of": f"{word} {how}" for word in ("has", "contains", "like") for how in ("any", "all", "none")
}
INSTEAD |= {f"{word} one of": f"{word} any" for word in ("has", "contains", "like")}
SAME = {"==": "=", "≤": "<=", "≥": ">=", "≠": "!=", "−": "-", "×": "*", "÷": "/"}  # taken without a word

# A backslash keeps a quote inside; any other backslash stands for itself, so that patterns need no doubling.
# A phone writes curly quotes, and not always in pairs.
QUOTED = (
    r""""(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|[“”„](?:\\.|[^“”"\\\n])*[“”"]|[‘’‚](?:\\.|[^‘’'\\\n])*[‘’']|«[^»\n]*»"""
)
COMMENT = r"#[^\n]*"
_QUOTED_OR_COMMENT = re.compile(f"{QUOTED}|(?P<comment>{COMMENT})")


def comments(text: str) -> list[tuple[int, int]]:
    """Find where comments begin and end; a `#` in quotes is text."""
    return [each.span() for each in _QUOTED_OR_COMMENT.finditer(text) if each["comment"] is not None]


def on_one_line(text: str) -> str:
    """Write a piece of a condition on one line, without its comments."""
    if "#" not in text:
        return " ".join(text.split())
    plain = _QUOTED_OR_COMMENT.sub(lambda found: "" if found["comment"] is not None else found.group(), text)
    return " ".join(plain.split())


def spellings(words: set[str]) -> str:
    """Write a pattern for the grammar that finds these words and whatever else is written for them."""
    every = words | {theirs for theirs, ours in (INSTEAD | SAME).items() if ours in words}
    longest_first = sorted(every, key=lambda word: (-len(word), word))
    return "|".join(_spelling(word) for word in longest_first)


def _spelling(word: str) -> str:
    gaps = r"\s+".join(re.escape(part).replace("/", r"\/").replace("'", "['’]") for part in word.split())
    return gaps + (r"(?!\w)" if word[-1].isalpha() else "")
