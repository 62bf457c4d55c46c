"""Who uses which template?"""

from flows.load import load_files
from flows.uses import uses_of

FILES = {
    "business.yaml": """
business: Shop
timezone: UTC
language: en
numbers: [{id: "1", phone: "+55 11 91234-5678", waba: "7"}]
fallback: {template: back}
handoff: {nobody_came: {after: 15m, steps: [{send: "Sorry", template: sorry}]}}
""",
    "flows.yaml": """
flow: order
start: [{when: text has "order"}]
steps:
  - if: text has "now"
    then: [{send: {template: ready}}]
    else: [{send: "Later", template: back}]
otherwise: {steps: [{send: {template: ready}}]}
""",
    "templates.yaml": """
templates: "7"
list:
  - {name: back, language: en, category: UTILITY, status: APPROVED, body: "Back"}
  - {name: ready, language: en, category: UTILITY, status: APPROVED, body: "Ready"}
  - {name: sorry, language: en, category: UTILITY, status: APPROVED, body: "Sorry"}
  - {name: unused, language: en, category: UTILITY, status: APPROVED, body: "Nobody"}
""",
}


def test_flows_and_the_business_itself_are_named():
    """Steps inside of steps, those that are said aside, and the fallback."""
    folder = load_files(FILES).folder

    assert folder is not None
    assert uses_of(folder) == {
        "ready": ("order",),
        "back": ("order", "business.yaml"),
        "sorry": ("business.yaml",),
    }
