"""Which name or function did an author probably mean?"""

from collections.abc import Iterable
from difflib import get_close_matches

from rules.conditions.functions import FUNCTIONS
from rules.conditions.types import BUILT_IN, MONTH_WORDS, WEEKDAY_WORDS, Scope

NOTHING = frozenset({"null", "none", "nothing", "undefined", "nil"})
TRUTHS = {"yes": "true", "on": "true", "no": "false", "off": "false"}
OTHER_FUNCTIONS = {
    "len": "length", "size": "length", "strlen": "length", "lowercase": "lower", "tolower": "lower",
    "uppercase": "upper", "toupper": "upper", "int": "number", "float": "number", "num": "number", "val": "number",
    "coalesce": "default", "ifnull": "default", "ceiling": "ceil", "roundup": "ceil", "rounddown": "floor",
    "split": "words", "dayofweek": "weekday", "days_ago": "days_since", "datediff": "days_since", "datetime": "moment",
}  # fmt: skip


CONTACT = "contact."


def name_meant(name: str, scope: Scope) -> str | None:
    """Give the fix for a name that nothing is called."""
    folded = name.casefold()
    if folded in NOTHING:
        return "Write `is set` or `is not set`"
    if folded in WEEKDAY_WORDS or folded in MONTH_WORDS:
        return f"A day or month stands beside a date, as in `today = {name}`; put text in quotes"
    if folded in TRUTHS:
        return f'Write `{TRUTHS[folded]}`, or in quotes if it is text: `"{name}"`'
    if found := _kin(name, scope) or nearest(name, [*scope, *BUILT_IN]):
        return f"Did you mean `{found}`?"
    if name in FUNCTIONS:
        return f"It takes something in brackets, as in `{FUNCTIONS[name].example}`"
    if called := _called_on(name, scope):
        return called
    family, _, _ = name.rpartition(".")
    kin = sorted(each for each in scope if each.startswith(f"{family or name}."))
    if kin:
        return f"There {'are' if len(kin) > 1 else 'is'} {', '.join(f'`{each}`' for each in kin)}"
    return None if family else f'If it is text, put it in quotes: `"{name}"`'


def _kin(name: str, scope: Scope) -> str | None:
    """Find `contact.city` for `city`, and for `custmer.city`, which is like two others."""
    family, _, last = name.rpartition(".")
    meant = f"{CONTACT}{last}"
    return meant if meant in scope and family[:1] in ("", CONTACT[0]) else None


def function_meant(word: str, scope: Scope) -> str:
    """Give the fix for a function that is not there."""
    if word in scope or word in BUILT_IN:
        return f"Write `{word}` without brackets"
    if called := _called_on(word, scope):
        return called
    folded = word.casefold()
    if found := OTHER_FUNCTIONS.get(folded) or nearest(folded, list(FUNCTIONS)):
        return f"Did you mean `{found}`?"
    return f"The functions are {', '.join(f'`{each}`' for each in FUNCTIONS)}"


def _called_on(name: str, scope: Scope) -> str | None:
    """Write `text.length` as `length(text)`."""
    subject, _, last = name.rpartition(".")
    function = OTHER_FUNCTIONS.get(last.casefold(), last.casefold())
    return f"Write `{function}({subject})`" if subject in scope and function in FUNCTIONS else None


def nearest(word: str, among: Iterable[str]) -> str | None:
    """Find the name that was probably meant; names of one family must be alike in what tells them apart."""
    folded = {name.casefold(): name for name in sorted(among)}
    family, _, own = word.casefold().rpartition(".")
    kin = [name for name in folded if name.rpartition(".")[0] == family]
    near = get_close_matches(own, [name.rpartition(".")[2] for name in kin], n=1, cutoff=0.7)
    if near:
        return folded[f"{family}.{near[0]}" if family else near[0]]
    others = [name for name in folded if name not in kin]
    found = get_close_matches(word.casefold(), others, n=1, cutoff=0.7)
    if not found and family and not kin:
        found = get_close_matches(word.casefold(), [name for name in others if name.endswith(f".{own}")], n=1, cutoff=0)
    return folded[found[0]] if found else None
