"""Do lines fit where they are drawn, in any script?"""

import pytest

from flows.drawing.lettering import is_right_to_left, lines, width

ARABIC, HEBREW, CHINESE, HINDI = (
    "مرحبا بك في مخبزنا اليوم",
    "שלום לכולם",
    "我们周一至周五早上七点到晚上七点营业",
    "नमस्ते आप कैसे हैं",
)
TEXTS = {
    "words": "Monday to Friday from seven to seven, on Saturday from seven to two",
    "a long address": "https://example.com/" + "a" * 80,
    "one sign": "W",
    "Arabic": ARABIC,
    "Chinese": CHINESE,
    "Hindi": HINDI,
    "capitals": "NEVER WITHOUT A HAT",
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
@pytest.mark.parametrize("most", [40, 150, 1000])
def test_lines_fit_and_lose_nothing(text, most):
    """No line is wider than it may be, and together they say the same."""
    found = lines(text, 13, most, 1000)

    assert all(width(line, 13) <= most for line in found)
    assert "".join(found).replace(" ", "") == text.replace(" ", "")


def test_what_is_too_long_is_cut():
    """The last line says that there is more, and still fits."""
    found = lines("one two three four five six seven", 13, 60, 2)

    assert len(found) == 2
    assert found[-1].endswith("…")
    assert width(found[-1], 13) <= 60


def test_a_text_of_several_lines_keeps_them():
    """An author's own line ends stay, and empty lines take up no room."""
    assert lines("one\n\ntwo three\r\nfour", 13, 500, 9) == ("one", "two three", "four")


def test_marks_stay_with_their_letters():
    """No line begins with a mark that belongs to the letter before."""
    assert lines("नमस्ते" * 6, 13, 30, 99)[1][0] == "न"


@pytest.mark.parametrize(
    ("text", "expected"),
    [(ARABIC, True), (HEBREW, True), ("12 " + HEBREW, True), ("Hi " + ARABIC, False), (CHINESE, False), ("12!", False)],
)
def test_the_first_letter_says_where_a_line_begins(text, expected):
    """Digits and signs have no direction of their own."""
    assert is_right_to_left(text) is expected
