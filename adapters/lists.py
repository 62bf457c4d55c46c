"""Which country lists are in force: the operator's, or else ours?"""

import os

import rich_click as click

from adapters.settings import SettingProblems, Settings, read
from rules.policy import restrictions
from rules.policy.restrictions import Restrictions
from rules.source import Mistakes


class ListsUnusable(Exception):  # noqa: N818 - a sentence for the operator
    """Why the operator's restriction lists cannot be used; without lists nothing is sent."""


def lists_of(settings: Settings) -> Restrictions:
    """Return the operator's restriction lists, else ours; raises `ListsUnusable` for a file that cannot be used."""
    try:
        text = settings.restrictions.read_text("utf-8") if settings.restrictions else restrictions.DEFAULT_TEXT
        return restrictions.read(text, settings.unknown_country.value)
    except Mistakes as wrong:
        first = wrong.mistakes[0]
        raise ListsUnusable(f"`BATON_RESTRICTIONS`, line {first.line}: {first.message.rstrip('.')}.") from None
    except (OSError, UnicodeDecodeError):
        raise ListsUnusable("The file that `BATON_RESTRICTIONS` names cannot be read.") from None


def lists_in_force() -> Restrictions:
    """Return the lists that the environment asks for; end the command with 2 when they cannot be used."""
    try:
        return lists_of(read(os.environ))
    except (SettingProblems, ListsUnusable) as problem:
        raise click.UsageError(str(problem)) from None
