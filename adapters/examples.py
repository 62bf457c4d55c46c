"""Which numbers of a business are still those of an example, so that nothing would ever come in?"""

from collections.abc import Iterator

from flows.business import BusinessDocument

IDS = frozenset({"106540352242922", "107660352242955", "108880352242966", "109990352242977"})
WABAS = frozenset({"102290129340398", "103390129340377", "104490129340366", "105590129340355"})
"""What blueprints suggest and the examples hold."""
BESIDE = "Meta shows it beside the phone number."


def still_examples(business: BusinessDocument) -> Iterator[str]:
    """Say in a sentence for each what to put in its place, and where."""
    for number in business.numbers:
        shown = {"id": number.id if number.id in IDS else "", "waba": number.waba if number.waba in WABAS else ""}
        for field, value in shown.items():
            if value:
                where = f"in business.yaml, under `numbers`, write yours as `{field}` of {number.phone}"
                yield f"`{value}` is an example, and nothing comes in under it: {where}. {BESIDE}"
