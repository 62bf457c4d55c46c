"""When do two pieces of writing say the same words?"""

import sys
import unicodedata
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from rules.words import as_written, fold, has_words, number, occurrences, spaced, words

quick = settings(max_examples=100, deadline=None, database=None)
SCRIPTS = (
    "İıIißẞǅŉﬁéÉ\u0301\u0323 -'’đœ",
    "ςΣσΐᾳΆά\u0301\u0345 ",
    "한\u1112\u1161\u11ab국 ガｶﾞかが\u3099ー①½Ⅷ",
    "ٱأإ\u0654\u064eﷺﻻ٣ \u200c\u200d\ufb1dש\u05c1",
    "क़\u093c\u0941कि३ ไทยน้ำ 多少",
    "👍🏽\ufe0f🇧🇷\u200d\u3164\u034f\u200b a1",
)
writing = some.text(max_size=12) | some.sampled_from(SCRIPTS).flatmap(lambda script: some.text(script, max_size=12))


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("STOP", "stop"),
        ("Água", "agua"),
        ("ＳＴＯＰ　１２", "stop 12"),
        ("stop\u200b\ufeff\u00ad", "stop"),
        ("Straße", "strasse"),
        ("İstanbul, ISPARTA, ısı", "istanbul, isparta, isi"),
        ("Đà Nẵng", "da nang"),
        ("Łódź, Ærø, Þór", "lodz, aero, thor"),
        ("ΟΔΟΣ, Ελλάδα", "οδοσ, ελλαδα"),
        ("Ещё ёлка", "еще елка"),
        ("don’t “go” — now…", 'don\'t "go" - now...'),
        ("a \t\n  b", "a b"),
        ("a\x00b", "ab"),
        ("\ud800a", "a"),
        ("٣٫٥ و ۴ و १२", "3٫5 و 4 و 12"),
        ("مَرْحَبًا ـ أهلا", "مرحبا  اهلا".replace("  ", " ")),
        ("کتاب علی", "كتاب علي"),
        ("हिन्दी", "हिन्दी"),
        ("ज़रूरी", "जरूरी"),
        ("がぎ ｶﾞ", "がぎ ガ"),
        ("한국어", "한국어"),
        ("👍🏽❤️", "👍❤"),
        ("\u1112\u1161\u11ab\u1100\u116e\u11a8", "한국"),
        ("ﬁﬂ ﬀ ﬃ ﬅ Ĳ Ǆ ŉ", "fifl ff ffi st ij dz 'n"),
        ("ΌΔΟΣ Ὀδυσσεύς", "οδοσ οδυσσευσ"),
        ("ｶﾞｰﾅ Ⅷ ① ㎏ ℃ ™", "ガーナ viii 1 kg °c tm"),
        ("e\u0301 q\u0307\u0323 ﷺ", "e q صلي الله عليه وسلم"),
        ("葛\U000e0100 a\u034fb \u1820\u180b", "葛 ab \u1820"),
        ("a\u3164\u2800b", "a b"),
        ("שָׁלוֹם", "שלום"),
        ("𝓗𝓮𝓵𝓵𝓸 Ⓗⓘ 🄷🄸", "hello hi hi"),
        ("", ""),
    ],
)
def test_what_people_vary_is_folded_away(written, folded):
    """Case, accents, width and invisible characters go; letters of every script stay."""
    assert fold(written) == folded


@quick
@given(writing)
def test_folding_twice_changes_nothing(text):
    """Texts and phrases may be folded wherever it suits."""
    assert fold(fold(text)) == fold(text)


@quick
@given(writing, some.sampled_from(["NFC", "NFD", "NFKC", "NFKD"]))
def test_how_characters_are_composed_makes_no_difference(text, form):
    """Phones compose accents and syllables, and files from some computers do not."""
    assert fold(unicodedata.normalize(form, text)) == fold(text)


@quick
@given(writing)
def test_case_makes_no_difference(text):
    """Also where a letter has no other case, or becomes two."""
    assert fold(text.upper()) == fold(text.lower()) == fold(text)


@quick
@given(writing, writing)
def test_words_of_two_texts_are_the_words_of_both(first, second):
    """A space parts words in every script, so a phrase is found wherever it stands between spaces."""
    together = f"{first} {second}"

    assert words(together) == words(first) + words(second)
    assert not words(second) or has_words(fold(together), fold(second))
    assert occurrences(together, second) >= bool(words(second))


@quick
@given(writing)
def test_what_is_written_as_a_word_has_one(text):
    """Words as they are written are the same words, before they are folded."""
    written = "".join(words(" ".join(as_written(text))))

    assert unicodedata.normalize("NFD", written) == unicodedata.normalize("NFD", "".join(words(text)))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("How much, is it?", ("how", "much", "is", "it")),
        ("_stop_ *now*", ("stop", "now")),
        ("l'heure d’été", ("l", "heure", "d", "ete")),
        ("ok👍👍🏽", ("ok", "👍", "👍")),
        ("多少钱 ok", ("多", "少", "钱", "ok")),
        ("มีcakeไหม", ("ม", "ี", "cake", "ไ", "ห", "ม")),
        ("हिन्दी में", ("हिन्दी", "में")),
        ("?! …", ()),
    ],
)
def test_words_are_runs_of_letters_and_digits(text, found):
    """Punctuation parts words; scripts without spaces and emoji give a word for each character."""
    assert words(text) == found


@pytest.mark.parametrize("text", ["STOP", " stop ", "ＳＴＯＰ", "STOP!", "stop\u200b", "please, stop.", "Stóp"])
def test_these_have_the_word(text):
    """Whoever types it in a hurry still says stop."""
    assert has_words(fold(text), fold("stop"))


@pytest.mark.parametrize(
    ("text", "phrase"),
    [("nonstop", "stop"), ("stops", "stop"), ("much how", "how much"), ("", "stop"), ("stop", ""), ("stop", "?")],
)
def test_these_have_not(text, phrase):
    """A word is whole, a phrase in its order, and no words are found nowhere."""
    assert not has_words(fold(text), fold(phrase))


@pytest.mark.parametrize(
    ("text", "phrase"),
    [("ขอราคาหน่อย", "ราคา"), ("請問多少錢？", "多少"), ("いくらですか", "いくら"), ("ケーキのねだん", "ケーキ")],
)
def test_scripts_without_spaces_are_searched_inside(text, phrase):
    """A phrase is found wherever it occurs among its own script."""
    assert has_words(fold(text), fold(phrase))


def test_spaced_words_find_phrases():
    """A phrase stands in a text where its spaced form does."""
    assert spaced(fold("How much?")) == " how much "
    assert spaced("") == " "


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12", "12"),
        (" +12 ", "12"),
        ("-0.50", "-0.50"),
        ("−3", "-3"),
        ("1,5", "1.5"),
        (",5", "0.5"),
        ("1.234", "1.234"),
        ("١٢٫٥", "12.5"),
        ("१२", "12"),
        ("１２", "12"),
        ("12 cakes", None),
        ("1.234,50", None),
        ("1e9", None),
        ("--1", None),
        ("½", None),
        ("", None),
        ("twelve", None),
    ],
)
def test_numbers_are_read_in_digits_of_any_script(text, value):
    """One sign and one decimal point or comma at most; anything else is no number."""
    assert number(text) == (None if value is None else Decimal(value))


def test_every_script_with_digits_writes_numbers():
    """Python knows the digits of some seventy scripts."""
    zeros = [char for char in map(chr, range(sys.maxunicode)) if unicodedata.decimal(char, None) == 0]

    read = {number("".join(chr(ord(zero) + digit) for digit in (1, 0, 9))) for zero in zeros}

    assert len(zeros) > 60
    assert read == {Decimal(109)}
