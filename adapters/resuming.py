"""The command `resume`: let messages leave again after the store lost something."""

import rich_click as click

from adapters.operating import do, store_in_force
from adapters.watch import WHY_HELD


@click.command()
def resume() -> None:
    """Send again, after the store had lost something; what left in the moments that it lost may leave a second time."""
    do(_resume())


async def _resume() -> None:
    async with store_in_force() as (store, _):
        held = await store.go_on()
    click.echo(f"It was held: {WHY_HELD.get(held, held)}\nMessages leave again." if held else "Nothing was held.")
