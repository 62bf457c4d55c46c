"""How do other rule engines find out which rules hold for a message?

Each gets the rules in its own language, parsed and compiled once, in the form in which it was the fastest; and each
message folded already and taken into its own types before the clock runs, so that whole words can be found with
`contains`. They come with the extra `peers` and are no part of Baton.
"""

import importlib
import re
import tomllib
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, ClassVar

from tests.benchmarks.catalogue import Among, AtLeast, Fits, Message, Rule, Test, Words
from tests.benchmarks.contenders import FIELDS
from tests.benchmarks.peer_rules import ANY_CASE, cel, decision_table, facts, infix, joined, whole
from tests.benchmarks.stage import TOP


class NotInstalledError(Exception):
    """Raised when a peer is not there; the message says how to get it."""


class Peer:
    """An engine that is asked one rule after the other."""

    package: ClassVar[str]
    module: ClassVar[str]

    def __init__(self, rules: Sequence[Rule]) -> None:
        """Import the engine, and compile the rules."""
        self.name = self.package
        try:
            self.engine: Any = importlib.import_module(self.module)
        except ImportError:
            wanted = requirement(self.package)
            raise NotInstalledError(f"{self.package} is not installed: pip install {wanted}") from None
        self.rules: list[Callable[[Any], Any]] = list(self.compiled(rules))

    def compiled(self, rules: Sequence[Rule]) -> Sequence[Callable[[Any], Any]]:
        """Compile the rules; what is given back tells whether a rule holds."""
        raise NotImplementedError

    def prepare(self, message: Message) -> Any:
        """Give a message the form in which the engine wants it."""
        return facts(message)

    def first(self, prepared: Any) -> int | None:
        """Find the first rule that holds."""
        for place, holds in enumerate(self.rules):
            if holds(prepared):
                return place
        return None

    def all(self, prepared: Any) -> list[int]:
        """Find every rule that holds."""
        return [place for place, holds in enumerate(self.rules) if holds(prepared)]


class RuleEngine(Peer):
    """Python."""

    package, module = "rule-engine", "rule_engine"

    def compiled(self, rules: Sequence[Rule]) -> Sequence[Callable[[Any], Any]]:
        """Parse the rules."""
        return [self.engine.Rule(joined(rule, " and ", self._written)).matches for rule in rules]

    @staticmethod
    def _written(test: Test) -> str:
        return infix(test, has="{word} in words", fits="text =~~ {pattern}", either=" or ")


class CelPython(Peer):
    """Python, the rules made to Python code."""

    package, module = "cel-python", "celpy"

    def compiled(self, rules: Sequence[Rule]) -> Sequence[Callable[[Any], Any]]:
        """Compile the rules."""
        environment = self.engine.Environment(runner_class=self.engine.CompiledRunner)
        return [environment.program(environment.compile(cel(rule))).evaluate for rule in rules]

    def prepare(self, message: Message) -> Any:
        """Take the facts into CEL's types."""
        return self.engine.json_to_cel(facts(message))


class CommonExpressionLanguage(Peer):
    """Rust."""

    package, module = "common-expression-language", "cel"

    def compiled(self, rules: Sequence[Rule]) -> Sequence[Callable[[Any], Any]]:
        """Compile the rules."""
        return [self.engine.compile(cel(rule)).execute for rule in rules]

    def prepare(self, message: Message) -> Any:
        """Take the facts into CEL's types."""
        return self.engine.Context(facts(message))


class CelExprPython(Peer):
    """C++."""

    package, module = "cel-expr-python", "cel_expr_python.cel"

    def compiled(self, rules: Sequence[Rule]) -> Sequence[Callable[[Any], Any]]:
        """Compile the rules, checked against the types of the facts."""
        kind = self.engine.Type
        names = dict.fromkeys(("text", "words", "country", "kind"), kind.STRING) | {"orders": kind.INT}
        self._environment = self.engine.NewEnv(variables=names)
        return [self._environment.compile(cel(rule)).eval for rule in rules]

    def prepare(self, message: Message) -> Any:
        """Take the facts into CEL's types."""
        return self._environment.Activation(facts(message))

    def first(self, prepared: Any) -> int | None:
        """Find the first rule that holds; what it gives is wrapped."""
        for place, evaluate in enumerate(self.rules):
            if evaluate(prepared).value():
                return place
        return None

    def all(self, prepared: Any) -> list[int]:
        """Find every rule that holds."""
        return [place for place, evaluate in enumerate(self.rules) if evaluate(prepared).value()]


class ZenEngine(Peer):
    """Rust; all rules are one decision table, which is asked once."""

    package, module = "zen-engine", "zen"

    def compiled(self, rules: Sequence[Rule]) -> Sequence[Callable[[Any], Any]]:
        """Load the table, once for the first that holds and once for all."""
        rows = [
            {"_id": str(place), "when": joined(rule, " and ", self._written), "then": str(place)}
            for place, rule in enumerate(rules)
        ]
        content = {policy: decision_table(policy, rows) for policy in ("first", "collect")}
        self._engine = self.engine.ZenEngine({"loader": {"type": "static", "content": content}})
        return ()

    @staticmethod
    def _written(test: Test) -> str:
        return infix(test, has="contains(words, {word})", fits="matches(text, {pattern})", either=" or ")

    def first(self, prepared: Any) -> int | None:
        """Find the first rule that holds."""
        found = self._engine.evaluate("first", prepared)["result"]
        return found["rule"] if found else None

    def all(self, prepared: Any) -> list[int]:
        """Find every rule that holds."""
        return [row["rule"] for row in self._engine.evaluate("collect", prepared)["result"]]


class JsonLogic(Peer):
    """Python; it has no patterns, and lets operations be added."""

    package, module = "panzi-json-logic", "json_logic.apply"

    def compiled(self, rules: Sequence[Rule]) -> Sequence[Callable[[Any], Any]]:
        """Write the rules as JSON; there is nothing to compile but the patterns, which Python remembers."""
        operations = {**importlib.import_module("json_logic.builtins").BUILTINS, "fits": self._fits}
        return [partial(self.engine.apply, self._logic(rule), operations=operations) for rule in rules]

    @staticmethod
    def _fits(_: Any, text: str, pattern: "re.Pattern[str]") -> bool:
        return pattern.search(text) is not None

    def _logic(self, rule: Rule) -> Any:
        tests = [self._test(test) for test in rule]
        return tests[0] if len(tests) == 1 else {"and": tests}

    @staticmethod
    def _test(test: Test) -> Any:
        match test:
            case Words(any_of=words):
                found = [{"in": [whole(word), {"var": "words"}]} for word in words]
                return found[0] if len(found) == 1 else {"or": found}
            case Fits(pattern=pattern):
                return {"fits": [{"var": "text"}, re.compile(pattern, re.IGNORECASE)]}
            case Among(name=name, values=values, negated=False):
                return {"in": [{"var": FIELDS[name]}, list(values)]}
            case AtLeast(name=name, bound=bound):
                return {">=": [{"var": FIELDS[name]}, bound]}
            case _:
                raise TypeError(f"No words for {test}")


class BusinessRules(Peer):
    """Python; all rules are one list of data, which is run once, and those that hold start an action."""

    package, module = "business-rules", "business_rules"

    def compiled(self, rules: Sequence[Rule]) -> Sequence[Callable[[Any], Any]]:
        """Write the rules as data."""
        variables = importlib.import_module("business_rules.variables")
        text, numeric = variables.string_rule_variable(), variables.numeric_rule_variable()
        kinds = dict.fromkeys(("text", "words", "country", "kind"), text) | {"orders": numeric}
        self._variables = type(
            "Variables", (variables.BaseVariables,), {name: _read(name, kinds[name]) for name in kinds}
        )
        self._rules = [
            {"conditions": self._conditions(rule), "actions": [{"name": "note", "params": {"place": place}}]}
            for place, rule in enumerate(rules)
        ]
        return ()

    def _conditions(self, rule: Rule) -> Any:
        tests = [self._test(test) for test in rule]
        return tests[0] if len(tests) == 1 else {"all": tests}

    @staticmethod
    def _test(test: Test) -> Any:
        match test:
            case Words(any_of=words):
                found = [{"name": "words", "operator": "contains", "value": whole(word)} for word in words]
                return found[0] if len(found) == 1 else {"any": found}
            case Fits(pattern=pattern):
                return {"name": "text", "operator": "matches_regex", "value": ANY_CASE + pattern}
            case Among(name=name, values=values, negated=False):
                return {"any": [{"name": FIELDS[name], "operator": "equal_to", "value": value} for value in values]}
            case AtLeast(name=name, bound=bound):
                return {"name": FIELDS[name], "operator": "greater_than_or_equal_to", "value": bound}
            case _:
                raise TypeError(f"No words for {test}")

    def prepare(self, message: Message) -> Any:
        """Make the object whose methods are the variables."""
        variables = self._variables()
        variables.facts = facts(message)
        return variables

    def first(self, prepared: Any) -> int | None:
        """Find the first rule that holds."""
        noted = _Noted()
        self.engine.run_all(self._rules, prepared, noted, stop_on_first_trigger=True)
        return noted.places[0] if noted.places else None

    def all(self, prepared: Any) -> list[int]:
        """Find every rule that holds."""
        noted = _Noted()
        self.engine.run_all(self._rules, prepared, noted)
        return noted.places


PEERS: tuple[type[Peer], ...] = (
    RuleEngine,
    CelPython,
    CommonExpressionLanguage,
    CelExprPython,
    ZenEngine,
    JsonLogic,
    BusinessRules,
)


class _Noted:
    """The actions of `BusinessRules`: it notes which rules held."""

    def __init__(self) -> None:
        self.places: list[int] = []

    def note(self, place: int) -> None:
        self.places.append(place)


def _read(name: str, as_variable: Callable[[Callable[[Any], Any]], Any]) -> Any:
    def value(self: Any) -> Any:
        return self.facts[name]

    value.__name__ = name  # it is shown under its name
    return as_variable(value)


def requirement(package: str) -> str:
    """Say which version of a peer is measured."""
    project = tomllib.loads((TOP / "pyproject.toml").read_text("utf-8"))["project"]
    wanted: list[str] = project["optional-dependencies"]["peers"]
    return next(each for each in wanted if each.startswith(f"{package}=="))
