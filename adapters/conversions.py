"""How is a conversion told to Meta, and when is it not?

The gate let it through: it has a click, is young enough, and the lists allow its contact. The operator says to which
dataset it goes, or that it goes nowhere.
"""

import structlog

from adapters.settings import DATASET_PREFIX, Conversions, Settings
from adapters.whatsapp.client import GraphClient
from adapters.whatsapp.conversions import body
from engine.chat import Number
from engine.effects import Report
from engine.evidence import Evidence, Forbidden
from engine.row import Row
from rules.policy.restrictions import Clearance

log = structlog.get_logger()


class Reporter:
    """Tells Meta of conversions, as the operator wants it."""

    def __init__(self, client: GraphClient, settings: Settings) -> None:
        """Take where they go from the settings."""
        self._client = client
        self._settings = settings

    def withheld(self, row: Row, effect: Report) -> str:
        """Return why this conversion is not to be told to Meta, as the reason of its end; nothing if it is."""
        match self._settings.conversions:
            case Conversions.LIVE:
                return ""
            case Conversions.OFF:
                return "conversions_off"
            case Conversions.DRY:
                told = {"event_name": effect.event, "value": effect.value, "currency": effect.currency}
                log.info("conversion_dry", number=row.number, dataset=self._settings.dataset(row.number), **told)
                return "dry_run"

    async def report(self, clearance: Clearance, row: Row, effect: Report, number: Number, until: float) -> Evidence:
        """Tell Meta of it, and return what is known then; only a `Clearance` lets it leave.

        After `until`, a moment of `time.monotonic`, it does not leave any more.
        """
        dataset, token = self._settings.dataset(number.id), self._settings.token(number.id)
        if not dataset:
            return Forbidden(unset(number.id))
        told = body(row, effect, number.waba, self._settings.conversions_test_code)
        return await self._client.report(clearance, dataset, token, told, until=until)


def unset(number: str) -> str:
    """Say that there is no dataset for a number."""
    return (
        f"A flow reports conversions of {number}, and no dataset is set for them: `BATON_DATASET_ID`, or "
        f"`{DATASET_PREFIX}{number}`. They wait for seven days; `BATON_CONVERSIONS=off` drops them."
    )
