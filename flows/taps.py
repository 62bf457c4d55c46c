"""What can be tapped in a message?"""

from collections.abc import Iterator, Mapping
from typing import Any

from engine.content import Buttons, Choices, Outgoing, Tap, Template

QUICK_REPLY = "QUICK_REPLY"


def taps(content: Outgoing, templates: Mapping[tuple[str, str], Any]) -> Iterator[Tap]:
    """Go through what comes back when it is tapped; what a template offers is in its lock."""
    match content:
        case Buttons(buttons=buttons):
            yield from (Tap(button.id, button.title, "button") for button in buttons)
        case Choices(sections=sections):
            yield from (Tap(row.id, row.title, "list") for section in sections for row in section.rows)
        case Template(name=name, language=language):
            yield from _quick_replies(content, templates.get((name, language)))


def _quick_replies(content: Template, item: Any) -> Iterator[Tap]:
    payloads = {button.index: button.value for button in content.buttons}
    for index, button in enumerate(item.buttons if item else ()):
        if button.type == QUICK_REPLY:
            yield Tap(payloads.get(index, button.text), button.text, "template")
