"""How does the fake Graph server behave? All spans are in seconds."""

from typing import Any, Literal

import msgspec
from msgspec import Struct

from adapters.whatsapp.meta import Line

StatusName = Literal["sent", "delivered", "read"]


class KnownTemplate(Struct, frozen=True, forbid_unknown_fields=True):
    """A template that exists in one language; `parameters` is how many its body takes, when that is to be checked.

    `components` are what it is made of, as Meta lists them; without them it has just a `body`.
    """

    name: str
    language: str
    category: Literal["MARKETING", "UTILITY", "AUTHENTICATION"] = "UTILITY"
    status: Literal["APPROVED", "PENDING", "REJECTED", "PAUSED", "DISABLED"] = "APPROVED"
    parameters: int | None = None
    quality: Literal["GREEN", "YELLOW", "RED", "UNKNOWN"] = "UNKNOWN"
    body: str = ""
    components: tuple[dict[str, Any], ...] = ()


class Settings(Struct, frozen=True, forbid_unknown_fields=True):
    """Everything that can be set, before the start or while the server runs.

    Empty `tokens`, `lines`, `templates` and `datasets` mean that any of them is accepted.
    """

    tokens: tuple[str, ...] = ()
    lines: tuple[Line, ...] = ()
    templates: tuple[KnownTemplate, ...] = ()
    datasets: dict[str, str] = {}  # each with the account that it is linked to

    throughput: int = 20
    count_inbound: bool = False  # Meta counts what contacts write too
    pair_burst: int = 45
    pair_interval: float = 6
    enforce_window: bool = True  # for contacts that are registered or have written
    window: float = 24 * 3600
    window_error: Literal["status", "sync"] = "status"
    free_entry: float = 72 * 3600

    check_media: bool = True  # a message with the id of a file that was not uploaded is refused
    media_life: float = 30 * 24 * 3600
    url_life: float = 300

    latency: float = 0
    ahead: float = 0  # how far this server's calendar is ahead of the machine's

    callback_url: str | None = None
    app_secret: str = ""
    statuses: tuple[StatusName, ...] = ("sent", "delivered")
    status_delay: float = 0.05  # after a send is accepted (its answer may be later), and between its statuses
    status_batch: int = 1  # how many statuses one webhook may carry
    callback_concurrency: int = 16
    callback_retries: int = 5
    callback_backoff: float = 0.2  # doubled at each retry
    echo_sends: Literal["no", "same_id", "other_id"] = "no"


def changed(settings: Settings, changes: dict[str, Any]) -> Settings:
    """Apply some settings, checked and converted as in JSON; raise `msgspec.ValidationError` at a name or a type."""
    return msgspec.convert({**msgspec.to_builtins(settings), **changes}, Settings)
