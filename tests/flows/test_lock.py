"""Is the lock brought up to date with as few changed lines as can be, and read back as it was meant?"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.load import load_files
from flows.lock import accounts, quoted, updated
from flows.pulled import LeftOut, item_of
from flows.templates import Button, Header, Item

BUSINESS = 'business: Shop\ntimezone: UTC\nlanguage: en\nnumbers: [{id: "1", phone: "+55 11 91234-5678", waba: "7"}]\n'
BACK = Item(name="back", language="en", category="UTILITY", status="APPROVED", body="We are back.")
OFFER = Item(
    name="offer",
    language="pt_BR",
    category="MARKETING",
    status="PAUSED",
    body='Say "oi": {{1}}\nand # more',
    header=Header("IMAGE"),
    footer="Shop: us",
    buttons=(Button("URL", "Look: here", "https://shop.example/{{1}}"), Button("QUICK_REPLY", "No")),
    quality="GREEN",
)
LOCK = """# What Meta approved.
templates: "7"
list:
  # The one for closed windows.
  - {name: back, language: en, category: UTILITY, status: APPROVED, body: "We are back."}

  # Gone soon.
  - name: old   # since 2020
    language: en
    category: UTILITY
    status: APPROVED
    body: |
      Hello
      # not a comment
# The end.
---
flow: ping
start: [{when: text has "ping"}]
steps: [{send: "pong"}]
"""


def lock_of(text):
    """Read the templates of a text, which must have no problems."""
    loaded = load_files({"business.yaml": BUSINESS, "t.yaml": text})
    assert not [each for each in loaded.problems if each.file == "t.yaml"]
    assert loaded.folder is not None
    return [item for lock in loaded.folder.templates for item in lock.list_]


def test_a_new_lock_is_a_file_of_its_own_in_order():
    """By name and language, and every field comes back."""
    made = updated({"business.yaml": BUSINESS}, "7", [OFFER, BACK])

    assert made.file == "templates.yaml"
    assert lock_of(made.text) == [BACK, OFFER]
    assert made.news == ("+ back (en)", "+ offer (pt_BR)")
    assert updated({made.file: made.text}, "7", [BACK, OFFER]).text == made.text


def test_what_did_not_change_stays_as_it_is_written():
    """Comments, blank lines and the way a template is written; the rest of the file, too."""
    old = Item(name="old", language="en", category="UTILITY", status="APPROVED", body="Hello\n# not a comment\n")

    assert updated({"a.yaml": LOCK}, "7", [old, BACK]).text == LOCK
    assert updated({"a.yaml": LOCK}, "7", [old, BACK]).news == ()


def test_only_the_lines_of_what_changed_are_written_anew():
    """In its place; new ones come last, and what Meta does not list any more goes."""
    paused = Item(name="back", language="en", category="UTILITY", status="PAUSED", body="We are back.")
    hello = Item(name="hello", language="en", category="UTILITY", status="APPROVED")

    made = updated({"a.yaml": LOCK}, "7", [hello, paused])

    assert made.text == LOCK.replace(
        '  - {name: back, language: en, category: UTILITY, status: APPROVED, body: "We are back."}\n',
        '  - name: back\n    language: en\n    category: UTILITY\n    status: PAUSED\n    body: "We are back."\n',
    ).replace(
        LOCK[LOCK.index("  - name: old") : LOCK.index("# The end.")],
        "  - name: hello\n    language: en\n    category: UTILITY\n    status: APPROVED\n",
    )
    assert made.news == ("~ back (en): status APPROVED → PAUSED", "+ hello (en)", "- old (en)")


@pytest.mark.parametrize(
    "text",
    [
        'templates: "7"\nlist: []\n',
        'templates: "7"\nlist: [{name: x, language: en, category: UTILITY, status: APPROVED}]\n# end\n',
        '{templates: "7", list: []}\n',
        'templates: "8"\nlist: []\n',
        'templates: "7"\r\nlist: []\r\n',
    ],
)
def test_however_a_lock_is_written_it_can_be_brought_up_to_date(text):
    """On one line, of another account, with the line ends of Windows."""
    files = {"templates.yaml": text}

    made = updated(files, "7", [BACK, OFFER])

    assert lock_of(made.text) == [BACK, OFFER]
    assert ("\r\n" in made.text) is ("\r\n" in text)
    assert updated({"templates.yaml": made.text}, "7", [BACK, OFFER]).news == ()


def test_accounts_are_found_although_the_folder_has_problems():
    """A flow that names a template nobody pulled yet must not keep anybody from pulling it."""
    text = BUSINESS.replace("numbers", "fallback: {template: not_there}\nnumbers")

    assert accounts({"business.yaml": text, "flow.yaml": "flow: x\nsteps: [{nothing: 1}]\n"}) == {"7": ["1"]}


@given(st.text(max_size=60))
def test_a_text_between_quotes_is_read_back(text):
    """Whatever is in it, but for what no message may hold."""
    body = "".join(each for each in text if each.isprintable() or each in "\n\u2028\x85")
    item = Item(name="a", language="en", category="UTILITY", status="APPROVED", body=body)

    made = updated({}, "7", [item])

    assert quoted(body)[0] == quoted(body)[-1] == '"'
    assert updated({made.file: made.text}, "7", [item]).news == ()


@pytest.mark.parametrize(
    ("listed", "expected"),
    [
        (
            {
                "name": "offer",
                "language": "pt_BR",
                "status": "PAUSED",
                "category": "MARKETING",
                "parameter_format": "POSITIONAL",
                "quality_score": {"score": "GREEN"},
                "components": [
                    {"type": "HEADER", "format": "IMAGE", "example": {"header_handle": ["x"]}},
                    {"type": "BODY", "text": 'Say "oi": {{1}}\nand # more'},
                    {"type": "FOOTER", "text": "Shop: us"},
                    {
                        "type": "BUTTONS",
                        "buttons": [
                            {"type": "URL", "text": "Look: here", "url": "https://shop.example/{{1}}"},
                            {"type": "QUICK_REPLY", "text": "No"},
                        ],
                    },
                ],
            },
            OFFER,
        ),
        (
            {"name": "x", "language": "en", "status": "NEW_WORD", "category": "NEW_KIND", "components": "none"},
            Item(name="x", language="en", category="MARKETING", status="UNKNOWN"),
        ),
        (
            {"name": "x", "language": "en", "status": "APPROVED", "components": [{"type": "CAROUSEL"}]},
            LeftOut("x", "en", "it has a part of the kind CAROUSEL"),
        ),
        (
            {"name": "x", "language": "en", "components": [{"type": "HEADER", "format": "PRODUCT"}]},
            LeftOut("x", "en", "it has a part of the kind PRODUCT"),
        ),
    ],
)
def test_what_meta_lists_is_read_as_an_author_would_write_it(listed, expected):
    """What is new to us is taken for the strictest; what flows cannot fill in is left out."""
    assert item_of(listed) == expected
