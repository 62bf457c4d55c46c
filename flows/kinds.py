"""Which kinds of steps are there? One per module of `flows/steps`."""

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

import flows.steps


@cache
def kinds() -> Mapping[str, type[Any]]:
    """Find every kind by its word: the module's name, and its class in lower case."""
    names = sorted(found.name for found in iter_modules(flows.steps.__path__))
    return {name: getattr(import_module(f"flows.steps.{name}"), name.capitalize()) for name in names}
