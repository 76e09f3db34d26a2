"""The log's keys have changed: tell the log of it, where its house can be opened."""

from __future__ import annotations

from collections.abc import Sequence

from app.config import Config
from app.flows.tell_log_keys import tell_log_keys
from app.keys import KeyFault
from app.main import CannotStart, Clock, open_house, system_clock
from app.signer_files import signer_files
from audit.key_list import KnownKey
from audit.signer_keys import complete_signer_keys


def complete_signer(config: Config, *, operator_name: str, clock: Clock = system_clock) -> bool:
    """Give a signer from before there were two algorithms its second key; whether it lacked one."""
    files = signer_files(config)
    listed = complete_signer_keys(files.key, files.state)
    if listed is None:
        return False
    tell_changed_keys(config, listed, operator_name=operator_name, clock=clock)
    return True


def tell_changed_keys(
    config: Config,
    listed: Sequence[KnownKey],
    *,
    operator_name: str,
    clock: Clock = system_clock,
) -> bool:
    """Tell the log of its keys at once, where the house can be opened; whether it could.

    Where it cannot, because the signer's account rightly has no root key, the service does when it
    next starts.
    """
    try:
        house = open_house(config, clock=clock)
    except (KeyFault, CannotStart):
        return False
    try:
        tell_log_keys(listed, house.operator(operator_name), at=clock(), store=house.store)
    finally:
        house.close()
    return True
