"""What a person sees as one emoji is one, however many characters it takes."""

import pytest

from flows.emoji import has_emoji, is_emoji

ONE = ["👍", "👍🏽", "❤", "❤️", "🇧🇷", "👨‍👩‍👧", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "1️⃣", "#️⃣", "✅", "🧑🏾‍🍳", "🏳️‍🌈", "⭐", "⏰", "🥐", "©️", "🫶"]
NONE = ["", " ", "👍👍", "ok", ":)", "👍!", "🇧", "1", "👍 ", "\u200d", "\ufe0f", "{{ emoji }}", "é", "—"]


@pytest.mark.parametrize("text", ONE)
def test_one_emoji(text):
    """With its colour, as a flag, or joined of several."""
    assert is_emoji(text)


@pytest.mark.parametrize("text", NONE)
def test_anything_else(text):
    """Words, signs, two of them, or a part of one."""
    assert not is_emoji(text)


@pytest.mark.parametrize("text", ONE)
def test_an_emoji_among_words(text):
    """Wherever it stands."""
    assert has_emoji(f"Book {text} now")


@pytest.mark.parametrize("text", ["", "Book now", "Reserve já – 1, 2, #3", "日本語"])
def test_words_without_one(text):
    """Letters, digits and signs are none."""
    assert not has_emoji(text)
