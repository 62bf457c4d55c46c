"""A free-form message that can only leave after the window has closed.

Twenty-four hours after the contact's last message WhatsApp takes templates only, so this message would be dropped.
Name a template beside it, or a `fallback` in business.yaml.

Bad:

    flow: order
    start: {when: text has "order"}
    steps:
      - send: "Thanks!"
      - wait: 25h
      - send: "Was everything fine?"

Good:

    flow: order
    start: {when: text has "order"}
    steps:
      - send: "Thanks!"
      - wait: 20h
      - send: "Was everything fine?"
"""

from collections.abc import Iterator
from datetime import timedelta

from flows.folder import Folder
from flows.paths import Paths
from flows.problems import of_step
from rules.policy.window import WINDOW
from rules.source import Problem, Severity


def find(folder: Folder) -> Iterator[Problem]:
    """Find them."""
    if folder.business.fallback is not None:
        return
    paths = Paths(folder)
    for at, silence in paths.silences().items():
        step = paths.step(at)
        if silence >= WINDOW and step.free_form:
            hours = silence // timedelta(hours=1)
            message = f"The window is closed here: this leaves {hours} hours after the contact last wrote, or later"
            hint = "Write a `template` beside it, or a `fallback` in business.yaml"
            yield of_step(step, "closed-window", message, hint, Severity.WARNING)
