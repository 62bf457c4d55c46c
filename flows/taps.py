"""What can be tapped in a message, and what comes back with a form that is filled in?"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec
from msgspec.structs import replace

from engine.content import Buttons, Choices, Content, Form, FormRequest, Outgoing, Tap, Template
from flows.world import CannotHappenError

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


def answering(content: Content, said: Iterable[Outgoing]) -> Content:
    """Put behind a filled-in form what came with the form that was sent; the latest comes first in `said`."""
    if not isinstance(content, Form):
        return content
    sent = next((each for each in said if isinstance(each, FormRequest)), None)
    if sent is None:
        raise CannotHappenError("The bot sent no form yet that could be filled in.")
    answers = {**msgspec.json.decode(content.answers, type=dict[str, msgspec.Raw]), "flow_token": sent.token}
    return replace(content, answers=msgspec.json.encode(answers).decode(), token=sent.token)
