"""Which number is this, and in which country is the person?"""

import re
import unicodedata
from functools import lru_cache
from itertools import chain

import phonenumbers

SHORTEST = 7  # digits; Niue and Tokelau have no more
LONGEST = 15  # digits, by E.164
LONGEST_TEXT = 64  # characters, spaces and marks included
COUNTRIES = frozenset(phonenumbers.SUPPORTED_REGIONS)

_ALONE = {
    str(code): regions[0] for code, regions in phonenumbers.COUNTRY_CODE_TO_REGION_CODE.items() if len(regions) == 1
}
"""Calling codes of one country only, so that the rest of a number says nothing; none begins with another."""

_PLUS = frozenset("+\uff0b\ufe62")
_MARKS = frozenset("-().[]/\u2010\u2011\u2012\u2013\u2014\u2015\u2212")
_BSUID = re.compile(r"[A-Z]{2}\.(?:ENT\.)?[A-Za-z0-9]{1,128}")

_BRAZIL = re.compile(r"55([1-9][1-9])(9?)([0-9]{8})")
_MEXICO = re.compile(r"521?([0-9]{10})")
_ARGENTINA = re.compile(r"549?([0-9]{10})")
_LANDLINE = "2345"  # how the eight digits of a Brazilian landline begin


@lru_cache(maxsize=4096)
def digits(text: str) -> str | None:
    """Return an international number the way Meta writes it, digits only, whatever way it was spelled.

    Spaces, brackets, dashes, invisible marks, `+` or `00` and digits of other scripts are understood.
    Nothing is returned for what cannot be an international number; never use it to test that a number exists.
    """
    found = _bare(text)
    if found is None:
        return None
    number = found[1:] if found.startswith("+") else found.removeprefix("00")
    return number if SHORTEST <= len(number) <= LONGEST and number[0] != "0" else None


def _bare(text: str) -> str | None:
    """Return the digits and a `+` in front of them, or nothing when anything else says something."""
    if text.isascii() and text.isdigit():
        return text
    if len(text) > LONGEST_TEXT:
        return None
    kept = ""
    for char in text:
        digit = unicodedata.decimal(char, None)
        if digit is not None:
            kept += str(digit)
        elif char in _PLUS and not kept:
            kept = "+"
        elif not (char in _MARKS or char.isspace() or unicodedata.category(char) == "Cf"):
            return None
    return kept


@lru_cache(maxsize=4096)
def country_of_phone(number: str) -> str | None:
    """Return the country of a number in digits, or nothing: satellites and unassigned codes have none.

    A number that no numbering plan knows still has the country of its calling code:
    Meta writes Brazilians with a digit less and Mexicans with one more.
    """
    country = _ALONE.get(number[:2]) or _ALONE.get(number[:3])  # those of one digit are shared
    parsed = _parsed(number) if country is None else None
    if parsed is not None:
        country = phonenumbers.region_code_for_number(parsed)
        country = country or phonenumbers.region_code_for_country_code(parsed.country_code or 0)
    return country if country in COUNTRIES else None


def is_assigned(number: str) -> bool:
    """Tell whether a number in digits begins with a calling code that exists."""
    return _parsed(number) is not None


def is_in_a_plan(number: str) -> bool:
    """Tell whether a numbering plan has a number in digits, in any of its spellings; ask it of what a person typed."""
    parsed = map(_parsed, spellings(number))
    return any(each is not None and phonenumbers.is_valid_number(each) for each in parsed)


def _parsed(number: str) -> phonenumbers.PhoneNumber | None:
    try:
        return phonenumbers.parse(f"+{number}")
    except phonenumbers.NumberParseException:
        return None


def is_bsuid(text: str) -> bool:
    """Tell whether a text is a business-scoped user id, exactly as Meta writes it."""
    return _BSUID.fullmatch(text) is not None


def country_of_bsuid(bsuid: str) -> str | None:
    """Return the country a business-scoped user id begins with, or nothing if there is no such country."""
    country = bsuid[:2] if is_bsuid(bsuid) else None
    return country if country in COUNTRIES else None


def country_of(phones: tuple[str, ...], bsuids: tuple[str, ...]) -> str | None:
    """Return the country of a person, by the first identity that tells."""
    found = chain(map(country_of_phone, phones), map(country_of_bsuid, bsuids))
    return next((country for country in found if country), None)


def spellings(number: str) -> tuple[str, ...]:
    """Return every way Meta may write a person's number, the given one first; for looking up, never for sending.

    Brazilian mobiles have a ninth digit or not, Mexicans a 1 after the country code or not, Argentinians a 9.
    """
    return tuple(dict.fromkeys((number, *_brazilian(number), *_shared(number))))


def _brazilian(number: str) -> tuple[str, ...]:
    found = _BRAZIL.fullmatch(number)
    if found is None or found[3][0] in _LANDLINE:
        return ()
    return f"55{found[1]}{found[3]}", f"55{found[1]}9{found[3]}"


def _shared(number: str) -> tuple[str, ...]:
    if found := _MEXICO.fullmatch(number):
        return f"52{found[1]}", f"521{found[1]}"
    if found := _ARGENTINA.fullmatch(number):
        return f"54{found[1]}", f"549{found[1]}"
    return ()
