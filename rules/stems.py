"""Which words are forms of one word? The one door to Snowball's stemmers."""

import unicodedata
from collections.abc import Callable
from functools import cache, lru_cache

import snowballstemmer

ALGORITHMS = {
    "ar": "arabic",
    "ca": "catalan",
    "cs": "czech",
    "da": "danish",
    "de": "german",
    "el": "greek",
    "en": "english",
    "eo": "esperanto",
    "es": "spanish",
    "et": "estonian",
    "eu": "basque",
    "fa": "persian",
    "fi": "finnish",
    "fr": "french",
    "ga": "irish",
    "hi": "hindi",
    "hu": "hungarian",
    "hy": "armenian",
    "id": "indonesian",
    "it": "italian",
    "lt": "lithuanian",
    "nb": "norwegian",
    "ne": "nepali",
    "nl": "dutch",
    "nn": "norwegian",
    "no": "norwegian",
    "pl": "polish",
    "pt": "portuguese",
    "ro": "romanian",
    "ru": "russian",
    "sr": "serbian",
    "st": "sesotho",
    "sv": "swedish",
    "ta": "tamil",
    "tr": "turkish",
    "yi": "yiddish",
}
"""The languages that have a stemmer, and what the library calls it."""

LATIN = ("LATIN",)
SCRIPTS = {
    "ar": ("ARABIC",),
    "el": ("GREEK",),
    "fa": ("ARABIC",),
    "hi": ("DEVANAGARI",),
    "hy": ("ARMENIAN",),
    "ne": ("DEVANAGARI",),
    "ru": ("CYRILLIC",),
    "sr": ("CYRILLIC", "LATIN"),
    "ta": ("TAMIL",),
    "yi": ("HEBREW",),
}
"""How the names of the letters begin that a language is written with, where those are not Latin."""

ENDINGS = {
    "ar": (("ه", "ة"),),
    "pt": (("cao", "ção"), ("coes", "ções")),
    "ru": (("еи", "ей"), ("ии", "ий"), ("ои", "ой"), ("ыи", "ый")),
}
"""Endings as folding and quick typing leave them, and as a stemmer knows them."""

MOST_REMEMBERED = 20_000
SHORTEST, LONGEST = 3, 32  # characters of a word that is cut down


@lru_cache(maxsize=MOST_REMEMBERED)
def stem(word: str, language: str) -> str:
    """Cut a folded word down to what its forms have in common; a word of a language without a stemmer stays whole."""
    if language not in ALGORITHMS or not SHORTEST <= len(word) <= LONGEST or not _is_written_in(word, language):
        return word
    for plain, known in ENDINGS.get(language, ()):
        if word.endswith(plain):
            word = word.removesuffix(plain) + known
    return _stemmer(ALGORITHMS[language])(word)


def _is_written_in(word: str, language: str) -> bool:
    return unicodedata.name(word[0], "").startswith(SCRIPTS.get(language, LATIN))


@cache
def _stemmer(algorithm: str) -> Callable[[str], str]:
    stem_word: Callable[[str], str] = snowballstemmer.stemmer(algorithm).stemWord
    return stem_word
