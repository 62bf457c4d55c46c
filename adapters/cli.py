"""The command `baton`: which commands are there, and where does each live?"""

from difflib import get_close_matches
from importlib import import_module
from typing import cast

import rich_click as click

SECTIONS = {
    "Write flows": {
        "new": "adapters.new:new",
        "check": "adapters.authoring:check",
        "test": "adapters.testing.command:test",
        "chat": "adapters.chat.command:chat",
        "graph": "adapters.drawing:graph",
        "schema": "adapters.editors:schema",
        "eval": "adapters.trying:evaluate",
        "explain": "adapters.trying:explain_",
    },
    "Run": {
        "demo": "adapters.demo.command:demo",
        "settings": "adapters.running:settings",
        "run": "adapters.running:run",
        "serve": "adapters.running:serve",
        "work": "adapters.running:work",
        "doctor": "adapters.doctor.command:doctor",
    },
    "Go live": {
        "publish": "adapters.versions:publish",
        "versions": "adapters.versions:versions",
        "diff": "adapters.versions:diff",
        "rollback": "adapters.versions:rollback",
        "templates": "adapters.templates:templates",
    },
    "Watch and step in": {
        "status": "adapters.status:status",
        "chats": "adapters.chats:chats",
        "why": "adapters.why:why",
        "take": "adapters.taking:take",
        "hand-back": "adapters.taking:hand_back",
        "media": "adapters.media:media",
        "parked": "adapters.parked:parked",
        "resume": "adapters.resuming:resume",
    },
    "People": {
        "campaign": "adapters.campaigning:campaign",
        "countries": "adapters.countries:countries",
        "export": "adapters.export:export",
        "erase": "adapters.erase:erase",
    },
}
"""What there is to do, and each command's module and function; a module is imported when its command is asked for."""

COMMANDS = {name: place for section in SECTIONS.values() for name, place in section.items()}
PANELS = [click.RichCommandPanel(title, commands=list(section)) for title, section in SECTIONS.items()]

INTERRUPTED = 130


class Commands(click.RichGroup):
    """Finds commands by name, and ends quietly with 130 when it is interrupted."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Name all commands, in the order in which they are needed."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command."""
        del ctx
        module, _, name = COMMANDS.get(cmd_name, "").partition(":")
        return cast("click.Command", getattr(import_module(module), name)) if module else None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that is meant, or say which one comes nearest."""
        if args[0] not in COMMANDS:
            close = get_close_matches(args[0], COMMANDS, n=1)
            ctx.fail(f"There is no command `{args[0]}`.{f' Did you mean `{close[0]}`?' if close else ''}")
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> object:
        """Run a command."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            ctx.exit(INTERRUPTED)
        except click.Abort:  # at a question, by Ctrl-C or because nobody is there to answer
            click.echo("\nNothing was done.", err=True)
            ctx.exit(INTERRUPTED)


@click.group(cls=Commands, panels=PANELS, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="baton", message="%(version)s")
def main() -> None:
    """A WhatsApp bot and the owner answer on one number, and the baton passes between them."""


if __name__ == "__main__":
    main(prog_name="baton")
