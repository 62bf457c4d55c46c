"""How does a file come to Meta, so that messages can hold it by its id?

An upload says nothing to anybody, so it may be made again whatever became of it: there is no doubt here, only what
Meta refused and what did not arrive. Meta keeps a file for 30 days:
https://developers.facebook.com/documentation/business-messaging/whatsapp/business-phone-numbers/media
"""

import io
from collections.abc import Mapping
from datetime import timedelta
from http import HTTPStatus
from typing import Any, Final

import aiohttp
from msgspec import Struct

from engine.content import Media, Outgoing, Template
from engine.outbox import NotSent, Refused

KEPT_BY_META: Final = timedelta(days=30)
RENEWED_AFTER: Final = timedelta(days=25)  # long before it ends, as a message may wait for days
UNKNOWN_FILE: Final = frozenset({100, 131009, 131053})
"""Codes with which Meta refuses a message whose file it does not know (any more), among other reasons."""


class Upload(Struct, frozen=True):
    """A file that is to be uploaded."""

    data: bytes
    mime: str
    name: str


class Uploaded(Struct, frozen=True):
    """Meta keeps the file under this id."""

    id: str


def form(upload: Upload) -> aiohttp.FormData:
    """Write a file as Meta wants it: with its type, which must be that of its bytes."""
    fields = aiohttp.FormData()
    fields.add_field("messaging_product", "whatsapp")
    fields.add_field("type", upload.mime)
    fields.add_field("file", io.BytesIO(upload.data), content_type=upload.mime, filename=upload.name)
    return fields


def judged(status: int, answer: Mapping[str, Any], refusal: Refused | None) -> Uploaded | Refused | NotSent:
    """Say what an answer means; one that is neither an id nor a refusal of Meta's own is tried again."""
    found = answer.get("id")
    if refusal is None and status == HTTPStatus.OK and isinstance(found, str) and found:
        return Uploaded(found)
    return refusal or NotSent(f"HTTP {status} to an upload, with neither an id nor a Graph error")


def files_of(content: Outgoing) -> tuple[Media, ...]:
    """Return the files of the author's folder that a message holds."""
    held = content.header if isinstance(content, Template) else content
    return (held,) if isinstance(held, Media) and held.file and held.sha256 else ()
