"""What goes wrong in the fake Graph server, for whom, and how often?"""

from typing import Final, Literal

from aiohttp import web
from msgspec import Struct

from adapters.whatsapp.fake_state import address

_OK: Final = 200
_SERVER_FAULT: Final = 500
_PAGE: Final = "<!doctype html><title>Sorry</title><p>Something is not working right now.</p>"
_NO_ID: Final = b'{"messaging_product":"whatsapp","contacts":[],"messages":[]}'


class Trouble(Struct, forbid_unknown_fields=True):
    """Something that goes wrong with the next sends; it ends after `times`, or never when that is null.

    - `refuse`: an answer with the Graph error `code`.
    - `fail`: accepted, then a failed status with `code`.
    - `blank`: an answer without a body, with `http_status` (500 unless it is set).
    - `html`: a web page with `http_status` (200 unless it is set).
    - `no_id`: a good answer without a message id.
    - `hang`: no answer at all.
    - `drop`: the connection is closed.
    - `slow`: a good answer, `seconds` later.

    With `accepted` the message of `blank`, `html`, `no_id`, `hang` or `drop` was taken all the same and its
    statuses follow. `number_id` and `to` (a phone number however it is written, or a user id) say whom it meets, `at`
    whether it meets messages, uploads of files or reported conversions (with the id of the dataset in `number_id`, and
    `refuse` with a `subcode`); with the id of an account in `number_id`, `refuse` meets who asks for its templates.
    """

    does: Literal["refuse", "fail", "blank", "html", "no_id", "hang", "drop", "slow"]
    code: int = 131000
    subcode: int | None = None
    http_status: int | None = None
    details: str = "The fake Graph server was told to do this."
    seconds: float = 0
    accepted: bool = False
    times: int | None = 1
    number_id: str | None = None
    to: str | None = None
    at: Literal["messages", "media", "events"] = "messages"

    @property
    def answers_well(self) -> bool:
        """Whether the answer itself is a good one, because the trouble is its delay or comes after it."""
        return self.does in {"fail", "slow"}

    def meets(self, number_id: str, recipient: str) -> bool:
        """Say whether this trouble is meant for a send."""
        return self.number_id in (None, number_id) and (self.to is None or address(self.to) == address(recipient))

    def response(self) -> web.Response | None:
        """Build the answer that nobody can use; none at all when it hangs or drops."""
        if self.does == "blank":
            return web.Response(status=self.http_status or _SERVER_FAULT)
        if self.does == "html":
            return web.Response(status=self.http_status or _OK, text=_PAGE, content_type="text/html")
        if self.does == "no_id":
            return web.Response(status=self.http_status or _OK, body=_NO_ID, content_type="application/json")
        return None


def take(troubles: list[Trouble], number_id: str, recipient: str, at: str = "messages") -> Trouble | None:
    """Take the first trouble that is meant for a POST, once; one that has ended leaves the list."""
    found = next((each for each in troubles if each.at == at and each.meets(number_id, recipient)), None)
    if found is not None and found.times is not None:
        found.times -= 1
        if found.times <= 0:
            troubles.remove(found)
    return found
