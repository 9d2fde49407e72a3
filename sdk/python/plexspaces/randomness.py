"""Makes a message draw the same random numbers wherever it is handled: live, or replayed after a snapshot.

The host serves randomness from one seed for each message, but Python's `random` and `uuid` keep generators in
memory, which an instance restored from a snapshot does not have. `os.urandom`, `secrets` and `uuid4` keep none.
"""

from __future__ import annotations

import os
import random
import sys

_SEED_BYTES = 32


def begin_message() -> None:
    random.seed(int.from_bytes(os.urandom(_SEED_BYTES), "little"))
    uuid = sys.modules.get("uuid")
    if uuid is not None:
        _forget_uuid_state(vars(uuid))


def _forget_uuid_state(state: dict[str, object]) -> None:
    """The node drawn for uuid1 and the last time stamps of uuid1, uuid6 and uuid7."""
    for name in ("_node", "_last_timestamp", "_last_timestamp_v6", "_last_timestamp_v7"):
        if name in state:
            state[name] = None
    if "_last_counter_v7" in state:
        state["_last_counter_v7"] = 0
