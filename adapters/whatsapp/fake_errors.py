"""What does a refusal of the Graph API look like, at once and in a failed status?"""

import secrets
from typing import Any, Final

DEFAULT_STATUS: Final = 400
AUTHENTICATION_STATUS: Final = 401
TOKEN: Final = 190
NUMBER_GONE: Final = 33
INVALID_PARAMETER: Final = 100
THROUGHPUT: Final = 130429
RECIPIENT_IS_SENDER: Final = 131021
UNDELIVERABLE: Final = 131026
WINDOW_CLOSED: Final = 131047
UNKNOWN_VALUE: Final = 131009
MEDIA_UPLOAD: Final = 131053
PAIR_RATE: Final = 131056
PHONE_NEEDED: Final = 131062
CURSOR: Final = 131059
PARAMETER_COUNT: Final = 132000
NO_TEMPLATE: Final = 132001
TEMPLATE_PAUSED: Final = 132015
TEMPLATE_DISABLED: Final = 132016

_TITLES: Final = {
    0: "AuthException",
    1: "API Unknown",
    2: "API Service",
    3: "API Method",
    4: "API Too Many Calls",
    10: "Permission Denied",
    NUMBER_GONE: "Parameter value is not valid",
    INVALID_PARAMETER: "Invalid parameter",
    TOKEN: "Access token has expired",
    200: "API Permission",
    368: "Temporarily blocked for policies violations",
    80007: "Rate limit issues",
    130403: "Business blocked the user",
    THROUGHPUT: "Rate limit hit",
    130472: "User's number is part of an experiment",
    130497: "Business account restricted from messaging users in this country",
    131000: "Something went wrong",
    131005: "Access denied",
    131008: "Required parameter is missing",
    UNKNOWN_VALUE: "Parameter value is not valid",
    131016: "Service unavailable",
    RECIPIENT_IS_SENDER: "Recipient cannot be sender",
    UNDELIVERABLE: "Message Undeliverable",
    131031: "Business Account locked",
    131037: "Provided number needs display name approval",
    131042: "Business eligibility payment issue",
    131045: "Incorrect certificate",
    WINDOW_CLOSED: "Re-engagement message",
    131048: "Spam rate limit hit",
    131049: "Meta chose not to deliver",
    131050: "User has stopped receipt of marketing messages",
    131051: "Unsupported message type",
    MEDIA_UPLOAD: "Media upload error",
    PAIR_RATE: "(Business Account, Consumer Account) pair rate limit hit",
    131057: "Account in maintenance mode",
    CURSOR: "Invalid cursor",
    PHONE_NEEDED: "BSUID recipients not supported for this message",
    131064: "Account messaging limit after template misclassification",
    PARAMETER_COUNT: "Template Param Count Mismatch",
    NO_TEMPLATE: "Template does not exist",
    132005: "Template Hydrated Text Too Long",
    132007: "Template Format Character Policy Violated",
    132012: "Template Parameter Format Mismatch",
    TEMPLATE_PAUSED: "Template is Paused",
    TEMPLATE_DISABLED: "Template is Disabled",
    132068: "Flow is blocked",
    132069: "Flow is throttled",
    133004: "Server Temporarily Unavailable",
    133010: "Phone number Not Registered",
}
_STATUSES: Final = {
    401: (0, TOKEN),
    403: (10, 200, 368, 130403, 130497, 131005, 131031),
    404: (NO_TEMPLATE,),
    500: (3, 131000, 131016, 131045, 131057),
    503: (2, 133004),
}
_STATUS_OF: Final = {code: status for status, codes in _STATUSES.items() for code in codes}
_WITHOUT_DETAILS: Final = frozenset((0, TOKEN))
_HREF: Final = "https://developers.facebook.com/documentation/business-messaging/whatsapp/support/error-codes"


def http_status(code: int) -> int:
    """Say with which HTTP status Meta documents an error."""
    return _STATUS_OF.get(code, DEFAULT_STATUS)


def error_answer(code: int, details: str) -> dict[str, Any]:
    """Build the body of a refusal; those about the token carry their words as the message alone."""
    error: dict[str, Any] = {"message": f"(#{code}) {_title(code)}", "type": "OAuthException", "code": code}
    if code in _WITHOUT_DETAILS:
        error["message"] = details
    else:
        error["error_data"] = {"messaging_product": "whatsapp", "details": details}
    return {"error": {**error, "fbtrace_id": secrets.token_urlsafe(16)}}


def error_entry(code: int, details: str) -> dict[str, Any]:
    """Build an item of `errors` in a failed status."""
    title = _title(code)
    return {"code": code, "title": title, "message": title, "error_data": {"details": details}, "href": _HREF}


def _title(code: int) -> str:
    return _TITLES.get(code, "Something went wrong")
