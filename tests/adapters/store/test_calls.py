"""Whose fault is it when the store refuses a call?"""

import pytest
from redis.exceptions import BusyLoadingError, OutOfMemoryError, ReadOnlyError, ResponseError

from adapters.store import blames_a_record


@pytest.mark.parametrize(
    ("error", "blames"),
    [
        (ResponseError("WRONGTYPE Operation against a key holding the wrong kind of value"), True),
        (ResponseError("user_script:2: attempt to perform arithmetic on a nil value script: on @user_script:2."), True),
        (ResponseError("value is not an integer or out of range script: on @user_script:2."), True),
        (ResponseError("BUSY Redis is busy running a script."), False),
        (ResponseError("MISCONF Errors writing to the AOF file: No space left on device"), False),
        (ResponseError("NOREPLICAS Not enough good replicas to write."), False),
        (ResponseError("NOTLIVE Nothing is published here."), False),
        (OutOfMemoryError("command not allowed when used memory > 'maxmemory'."), False),
        (ReadOnlyError("You can't write against a read only replica."), False),
        (BusyLoadingError("Redis is loading the dataset in memory"), False),
        (OSError("Timeout reading from socket"), False),
        (ValueError("no error of the store"), False),
    ],
)
def test_a_refusal_is_the_record_s_or_the_store_s(error, blames):
    """Where it is a record's, others are answered."""
    assert blames_a_record(error) is blames
