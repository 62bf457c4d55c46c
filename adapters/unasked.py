"""What do the `http` and `report` steps of a folder need that the environment does not give?"""

from collections.abc import Iterable, Iterator

from adapters.conversions import unset
from adapters.hosts import Hosts
from adapters.settings import SECRET_PREFIX, Conversions, Settings
from adapters.store import Store
from engine.request import Secret, target_of
from flows.compile import unpack
from flows.folder import Folder
from flows.graph import every_step
from flows.step import StepKind
from flows.steps.http import Http
from flows.steps.report import Report


def unmet(folder: Folder, settings: Settings) -> list[str]:
    """Return a sentence for each host that may not be asked, each secret and each dataset that is not set."""
    every = [step for steps in folder.all_steps() for step in every_step(steps)]
    reports = any(isinstance(step, Report) for step in every) and settings.conversions is Conversions.LIVE
    numbers = (number.id for number in folder.business.numbers if reports and not settings.dataset(number.id))
    return [*_of_http(every, settings), *map(unset, numbers)]


def _of_http(every: Iterable[StepKind], settings: Settings) -> list[str]:
    hosts = Hosts(settings.http_hosts)
    steps = [step for step in every if isinstance(step, Http)]
    targets = (target_of(step.http.head) for step in steps)
    refused = (hosts.refusal(target) for target in targets if target)
    secrets = (name for step in steps for name in _secrets(step) if name not in settings.http_secrets)
    missing = (f"A flow needs the secret `{name}`, which is not set: `{SECRET_PREFIX}{name}`." for name in secrets)
    return sorted({*filter(None, refused), *missing})


async def unmet_by_what_is_live(store: Store, settings: Settings) -> list[str]:
    """Return the same for every business of the store; a version of another Baton is left out."""
    found: list[str] = []
    for business in await store.businesses():
        live = await store.version(business, await store.live(business) or "")
        try:
            found += unmet(unpack(live.typed), settings) if live else []
        except ValueError:
            continue
    return found


def _secrets(step: Http) -> Iterator[str]:
    for wire in (step.http, *step.headers.values()):
        yield from (part.name for part in wire.parts if isinstance(part, Secret))
