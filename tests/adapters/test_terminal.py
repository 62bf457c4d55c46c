"""Is what strangers wrote shown without doing anything?"""

import json

import pytest

from adapters.terminal import harmless, harmless_json


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("hello  there", "hello there"),
        ("two\nlines\r\n and\ta tab", "two lines and a tab"),
        ("\x1b[2Jgone", "\ufffd[2Jgone"),
        ("\x9b31mred\x07", "\ufffd31mred\ufffd"),
        ("abc\u202edcb", "abc\ufffddcb"),
        ("\u2066hidden\u2069", "\ufffdhidden\ufffd"),
        ("\ud800", "\ufffd"),
        ("👩‍👧 می‌خواهم", "👩‍👧 می‌خواهم"),  # joiners belong to emoji and scripts
        ("", ""),
    ],
)
def test_nothing_that_a_terminal_obeys_is_left(text, shown):
    """In its place stands a mark, and white space is one space."""
    assert harmless(text) == shown


def test_a_long_text_is_shortened():
    """To so many characters, the dots included."""
    assert harmless("one two three", 8) == "one two…"


def test_json_is_escaped_and_means_the_same():
    """Whoever reads it gets what was written."""
    data = json.dumps("a\x9bb\u202ec\x7f👩", ensure_ascii=False)

    escaped = harmless_json(data)

    assert escaped == '"a\\u009bb\\u202ec\\u007f👩"'
    assert json.loads(escaped) == json.loads(data)
