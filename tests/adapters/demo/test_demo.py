"""Does the demo play through real HTTP what the simulation plays without a network?"""

import subprocess
import sys
from pathlib import Path

from tests.flows.pictures import png

TOP = Path(__file__).parents[3]
SHOP = """business: Corner Shop
timezone: America/Sao_Paulo
language: en
numbers: [{id: "106540352242922", phone: "+55 11 91234-5678", waba: "102290129340398"}]
fallback: {template: we_are_back}
---
templates: "102290129340398"
list:
  - {name: we_are_back, language: en, category: UTILITY, status: APPROVED, body: "We are back."}
---
flow: order
start:
  - when: text has "order"
  - ad: any
  - when: message.type in ("image", "location")
steps:
  - choose: "Cake or bread?"
    options: {Cake: , Bread: }
  - report: {event: Purchase, value: 12.5, currency: BRL}
  - notify: "{{ contact.name }} ordered."
  - react: 👍
  - send: {image: pictures/cake.png}
  - send: "Noted."
---
flow: reminded
start: [{when: text has "when"}]
steps:
  - split: {Short: [{send: "Soon."}], Long: [{send: "As soon as we can."}]}
    id: wording
  - ask: "Which day?"
    save: day
    no_reply: {after: 1h, steps: [{send: "Still there?"}]}
"""
TESTS = """
test: every line that needs no clock
contact: {name: Ana, phone: "+55 11 98765-4321"}
chat:
  - contact: {text: order, late: 13h}
  - silence
  - contact: {ad: "1203", headline: "Cakes"}
  - bot: {text: "Cake or bread?", buttons: [Cake, Bread]}
  - echo of bot
  - holder: bot
  - contact: {tap: cake}
  - bot: {react: 👍}
  - bot: {image: pictures/cake.png}
  - bot: "Noted."
  - notified: "Ana ordered."
  - reported: {event: Purchase, value: 12.5, currency: BRL}
  - redelivered
  - silence
  - fails: 131047
  - bot: {template: we_are_back}
  - owner: {image: cake.jpg, late: 40m}
  - holder: bot
  - owner: "I'll take this one"
  - holder: owner
  - contact: {location: "-23.5, -46.6"}
  - silence
  - after: 31m
  - holder: bot
  - contact: {image: cake.jpg}
  - bot: "Cake or bread?"
---
test: the hour cannot be chosen here
chat:
  - at: 09:00
---
test: something else than was expected
contact: {phone: "+55 11 98765-4322"}
chat:
  - contact: order
  - bot: "Hello"
---
test: a lot is drawn as in a test, and a reminder comes when it is due to the second
contact: {phone: "+55 11 98765-4322"}
chat:
  - contact: when
  - bot: "Soon."
  - bot: "Which day?"
  - after: 1h
  - bot: "Still there?"
---
test: and another one for somebody else
contact: {phone: "+55 11 98765-4323"}
chat:
  - contact: when
  - bot: "As soon as we can."
  - bot: "Which day?"
  - after: 1h
  - bot: "Still there?"
"""


def test_a_script_is_played_for_real(tmp_path: Path):
    """Each line happens over HTTP, and what goes another way is told with its place."""
    (tmp_path / "business.yaml").write_text(SHOP, "utf-8")
    (tmp_path / "pictures").mkdir()
    (tmp_path / "pictures" / "cake.png").write_bytes(png())
    (tmp_path / "tests.yaml").write_text(TESTS, "utf-8")

    done = subprocess.run(
        [sys.executable, "-m", "adapters.cli", "demo", "--script", str(tmp_path / "tests.yaml")],
        cwd=TOP,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.stderr == ""
    assert done.returncode == 1
    assert done.stdout.splitlines()[-5:] == [
        "FAILED the hour cannot be chosen here",
        "  tests.yaml:34: Only `baton test` can choose the hour, so it cannot become 09:00 here.",
        "FAILED something else than was expected",
        '  tests.yaml:40: Expected "Hello", got {text: "Cake or bread?", buttons: [Cake, Bread]}.',
        "3 passed, 2 failed",
    ]
    for words in (
        "◀ contact  taps Cake",
        "· report   Purchase, 12.5 BRL (Meta took it)",
        "· holder   owner",
        "■ owner    {image: cake.jpg}",
    ):
        assert words in done.stdout
