"""How are words that nobody reads most of the time kept small?"""

import zlib

WINDOW_BITS = 12
MEMORY = 4
LEVEL = 1
LARGEST = 16_777_216

OFTEN = (
    b"hidden_choice interactive button_reply list_reply parked could not be decided reaction status delivered read "
    b"restriction consent opted out language window closed gate leaves drop dropped waits owner_replied TimerFired "
    b"StatusReceived RowEnded the owner holds the chat until handoff holder bot owner the bot is silent "
    b"`set` `ask` `choose` `if` takes `then` `else` is false is true `wait` `tag` `goto` `report` `http` `call` `end` "
    b"the answer does not fit: asked again answers the question option saved as queue "
    b"the same words as the question the nearest question trigger nothing else fits otherwise starts `faq "
    b"the run ends flow step business.yaml: flows/ .yaml:11:5 .yaml:7:5 `send` contact bot "
    b"wamid.HBgNNTUxMTk4NzY1AgASGBQzQTdC\x83\xa5about\xa4step\xa5words\xa5place\xc0"
)
"""What logs are full of, the commonest last; whoever changes it can no longer read what was written before."""
_PACKER = zlib.compressobj(LEVEL, zlib.DEFLATED, -WINDOW_BITS, MEMORY, zlib.Z_DEFAULT_STRATEGY, OFTEN)


def squeezed(plain: bytes) -> bytes:
    """Return fewer bytes that say the same."""
    packer = _PACKER.copy()  # one that knows the words already
    return packer.compress(plain) + packer.flush()


def unsqueezed(small: bytes | memoryview) -> bytes:
    """Return what was squeezed; raises `zlib.error` for anything else."""
    return zlib.decompressobj(-WINDOW_BITS, OFTEN).decompress(small, LARGEST)
