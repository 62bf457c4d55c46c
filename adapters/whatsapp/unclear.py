"""What is known of a request whose answer is neither Meta's yes nor its no?"""

from http import HTTPStatus

from engine.evidence import NotSent, Unknown


def unclear(status: int, missing: str) -> NotSent | Unknown:
    """Return what such an answer leaves open; `missing` is what a yes would have held."""
    why = f"HTTP {status} with neither {missing} nor a Graph error"
    return NotSent(why=why) if _turned_away(status) else Unknown(why=why)


def _turned_away(status: int) -> bool:
    """Tell whether something before the Graph API refused: a gateway, or a wrong address.

    A fault of a server (5xx) may come from a gateway whose request went through.
    """
    return (
        HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.INTERNAL_SERVER_ERROR
        and status != HTTPStatus.REQUEST_TIMEOUT
    )
