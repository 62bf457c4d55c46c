"""Can somebody who is asked something end the question?"""

import asyncio
import signal

import pytest

from adapters.operating import asking


def test_one_interrupt_ends_a_question_that_is_asked_in_a_loop():
    """The loop would put it off until there is an answer; afterwards it is the loop's again."""

    async def question():
        of_the_loop = signal.getsignal(signal.SIGINT)
        with pytest.raises(KeyboardInterrupt), asking():
            signal.raise_signal(signal.SIGINT)
        return of_the_loop, signal.getsignal(signal.SIGINT)

    before, after = asyncio.run(question())

    assert before == after
