"""Which conditions does a large business have, and what do people write to it?

Both are made up, the same ones every time. Conditions are data here, so that each contender gets them in its own
language: a rule holds when all its tests do.
"""

from collections.abc import Sequence
from decimal import Decimal
from random import Random
from typing import TypeAlias

from msgspec import Struct

from rules.conditions import Compiled, Type, Value, check, compiled

SCOPE = {
    "text": Type.TEXT,
    "message.type": Type.TEXT,
    "contact.country": Type.TEXT,
    "contact.orders": Type.NUMBER,
}
KINDS = ("text", "text", "text", "text", "text", "text", "image", "document", "audio", "video")
COUNTRIES = ("BR", "PT", "AO", "MZ", "ES", "MX", "AR", "CO", "CL", "PE", "UY", "ID", "MY", "IN", "AE", "EG", "GB", "US")
MOST_ORDERS = 60
SYLLABLES = (
    *("ba", "ca", "ça", "da", "fe", "gue", "hi", "ja", "ke", "lo", "lã", "mi", "mé", "ne", "nu", "ño", "pa"),
    *("que", "ra", "ri", "ró", "sa", "so", "ta", "te", "ti", "tu", "va", "ve", "xi", "ye", "zo", "zu"),
)
WORDS, PHRASES, PATTERN_WORDS = 900, 300, 300
STRANGE = (
    "ok",
    "hmm 👍",
    "😀😀",
    "Good evening!!",
    "thx a lot",
    "k",
    "...",
    "see you tomorrow then",
    "Олег",
    "わかりました",
)
"""What no condition waits for."""


class Words(Struct, frozen=True):
    """The text has one of these words or phrases, whole."""

    any_of: tuple[str, ...]


class Lacks(Struct, frozen=True):
    """The text does not have a word."""

    word: str


class Fits(Struct, frozen=True):
    """A pattern fits somewhere in the text."""

    pattern: str


class Among(Struct, frozen=True):
    """A fact is one of these texts, or none of them."""

    name: str
    values: tuple[str, ...]
    negated: bool = False


class AtLeast(Struct, frozen=True):
    """A fact is so large, or larger."""

    name: str
    bound: int


Test: TypeAlias = Words | Lacks | Fits | Among | AtLeast
Rule: TypeAlias = tuple[Test, ...]


class Message(Struct, frozen=True):
    """What somebody writes, and who."""

    text: str
    kind: str
    country: str
    orders: int

    def facts(self) -> dict[str, Value]:
        """Give what Baton's conditions read."""
        return {
            "text": self.text,
            "message.type": self.kind,
            "contact.country": self.country,
            "contact.orders": Decimal(self.orders),
        }


def rules(count: int) -> list[Rule]:
    """Make conditions as marketers write them: words, patterns, and now and then who writes what."""
    chance, words = Random(1), _Vocabulary()  # noqa: S311 - the same ones every time
    return [_rule(chance, words) for _ in range(count)]


def wordless_rules(count: int) -> list[Rule]:
    """Make conditions in which no text must be there: attributes and negations alone."""
    chance, words = Random(2), _Vocabulary()  # noqa: S311 - as above
    return [_wordless(chance, words) for _ in range(count)]


def messages(count: int) -> list[Message]:
    """Make messages; every fifth has nothing that a condition on words waits for."""
    chance, words = Random(3), _Vocabulary()  # noqa: S311 - as above
    return [_message(chance, words, strange=place % 5 == 0) for place in range(count)]


def written(rule: Rule) -> str:
    """Write a rule as a condition of Baton's."""
    return " and ".join(_written(test) for test in rule)


def conditions(rules_: Sequence[Rule]) -> list[Compiled]:
    """Check and compile rules as Baton does."""
    return [compiled(check(written(rule), SCOPE)) for rule in rules_]


class _Vocabulary:
    """The words of everybody."""

    def __init__(self) -> None:
        chance = Random(0)  # noqa: S311 - as above
        made = dict.fromkeys("".join(chance.choices(SYLLABLES, k=chance.choice((2, 2, 3, 3, 4)))) for _ in range(4_000))
        whole = list(made)
        self.words = whole[:WORDS]
        rest = iter(whole[WORDS:])
        self.phrases = [f"{next(rest)} {chance.choice(self.words)}" for _ in range(PHRASES)]
        self.for_patterns = [word for word in rest if word.isascii()][:PATTERN_WORDS]
        self.terms = self.words + self.phrases


def _rule(chance: Random, words: _Vocabulary) -> Rule:
    match chance.choices(("word", "any", "pattern", "both", "attributes"), (45, 25, 10, 15, 5))[0]:
        case "word":
            return (Words((chance.choice(words.terms),)),)
        case "any":
            return (Words(tuple(chance.sample(words.terms, chance.randint(2, 5)))),)
        case "pattern":
            return (Fits(_pattern(chance, words)),)
        case "both":
            return (Words(tuple(chance.sample(words.terms, chance.randint(1, 3)))), _attribute(chance))
        case _:
            return (
                Among("message.type", (chance.choice(KINDS[6:]),)),
                Among("contact.country", tuple(chance.sample(COUNTRIES, 2))),
                AtLeast("contact.orders", chance.randrange(MOST_ORDERS)),
            )


def _pattern(chance: Random, words: _Vocabulary) -> str:
    word, other = chance.sample(words.for_patterns, 2)
    return chance.choice((f"{word} ?#?[0-9]{{2,6}}", f"{word}(s|es)? +(para|de) ", f"{word} .*{other}"))


def _attribute(chance: Random) -> Test:
    return chance.choice(
        (
            Among("contact.country", tuple(chance.sample(COUNTRIES, chance.randint(1, 6)))),
            Among("message.type", (chance.choice(KINDS),)),
            AtLeast("contact.orders", chance.randrange(MOST_ORDERS)),
        )
    )


def _wordless(chance: Random, words: _Vocabulary) -> Rule:
    country = Among("contact.country", tuple(chance.sample(COUNTRIES, 3)), negated=True)
    orders = AtLeast("contact.orders", chance.randrange(MOST_ORDERS // 2, MOST_ORDERS))
    kind = Among("message.type", tuple(dict.fromkeys(chance.sample(KINDS, 3))), negated=True)
    return chance.choice(
        ((country, orders), (kind, orders), (orders,), (Lacks(chance.choice(words.words)), country, kind))
    )


def _message(chance: Random, words: _Vocabulary, *, strange: bool) -> Message:
    return Message(
        text=chance.choice(STRANGE) if strange else _text(chance, words),
        kind=chance.choice(KINDS),
        country=chance.choice(COUNTRIES),
        orders=chance.randrange(MOST_ORDERS),
    )


def _text(chance: Random, words: _Vocabulary) -> str:
    parts = [
        *chance.choices(words.terms, k=chance.randint(3, 12)),
        f"{chance.choice(words.for_patterns)} #{chance.randrange(9_999)}",
    ]
    chance.shuffle(parts)
    return " ".join(parts).capitalize() + chance.choice(("?", "!", "", ", por favor"))


def _written(test: Test) -> str:
    match test:
        case Words(any_of=(word,)):
            return f'text has "{word}"'
        case Words(any_of=words):
            return f"text has any ({_quoted(words)})"
        case Lacks(word=word):
            return f'not text has "{word}"'
        case Fits(pattern=pattern):
            return f'text matches "{pattern}"'
        case Among(name=name, values=(value,), negated=negated):
            return f'{name} {"!=" if negated else "="} "{value}"'
        case Among(name=name, values=values, negated=negated):
            return f"{name} {'not in' if negated else 'in'} ({_quoted(values)})"
        case AtLeast(name=name, bound=bound):
            return f"{name} >= {bound}"


def _quoted(words: Sequence[str]) -> str:
    return ", ".join(f'"{word}"' for word in words)
