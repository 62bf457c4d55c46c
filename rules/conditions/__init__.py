"""The condition language: checked before anything runs, compiled once, and able to say why."""

from rules.conditions.check import check
from rules.conditions.compile import Compiled, compiled
from rules.conditions.facts import facts_from
from rules.conditions.index import Index
from rules.conditions.lint import lint
from rules.conditions.nodes import Condition, Node, groups
from rules.conditions.types import Facts, Scope, Type, Value, Weekday
from rules.conditions.wording import comments

__all__ = [
    "Compiled",
    "Condition",
    "Facts",
    "Index",
    "Node",
    "Scope",
    "Type",
    "Value",
    "Weekday",
    "check",
    "comments",
    "compiled",
    "facts_from",
    "groups",
    "lint",
]
