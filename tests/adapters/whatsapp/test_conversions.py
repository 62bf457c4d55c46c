"""What does an answer to a reported conversion say?"""

import pytest

from adapters.whatsapp.conversions import judged
from engine.evidence import NotSent, Refused, Reported, Unknown

WHY = "with neither a count of events nor a Graph error"


@pytest.mark.parametrize(
    ("status", "answer", "refusal", "known"),
    [
        (200, {"events_received": 1, "messages": []}, None, Reported(taken=True)),
        (
            200,
            {"events_received": 1, "messages": ["Odd.", {"a": 1}]},
            None,
            Reported(taken=True, notes='Odd.; {"a":1}'),
        ),
        (200, {"events_received": 0}, None, Reported(taken=False)),
        (200, {}, None, Unknown(f"HTTP 200 {WHY}")),
        (302, {}, None, NotSent(f"HTTP 302 {WHY}")),
        (404, {}, None, NotSent(f"HTTP 404 {WHY}")),
        (408, {}, None, Unknown(f"HTTP 408 {WHY}")),
        (502, {}, None, Unknown(f"HTTP 502 {WHY}")),
        (503, {}, None, Unknown(f"HTTP 503 {WHY}")),
        (400, {}, Refused(100, 400), Refused(100, 400)),
    ],
)
def test_what_an_answer_says(status, answer, refusal, known):
    """Yes, no, later, or nothing that anybody could know."""
    assert judged(status, answer, refusal) == known
