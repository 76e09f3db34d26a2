"""Make the demonstration in a folder: configuration, keys, tables, people, and what happened.

The whole folder can be moved: nothing in it names where it is.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from app.config import Config
from app.config import load as load_config
from app.demonstration import elsewhere, exporting, karin, karin_elliot, reviewing, sunne
from app.demonstration.founding import OPERATOR, found_organisations
from app.demonstration.moments import Moment
from app.demonstration.signed_in import People, WorldFault
from app.demonstration.world import Step, World, carry_out
from app.domain.legal_day import legal_day
from app.flows.seal_log import seal_log
from app.identity.password import Passwords
from app.main import House, install, open_house
from app.signer_files import signer_files
from audit.signer import Refused

STEPS: tuple[Step, ...] = (
    *karin_elliot.STEPS,
    *karin.STEPS,
    *sunne.STEPS,
    *elsewhere.STEPS,
    *exporting.STEPS,
    *reviewing.STEPS,
)
CONFIG_FILE = "config.toml"

_FOUNDED = Moment(15, "08:00")
_CONFIG = """\
# The demonstration's configuration. Nobody in it exists; everybody's password is known.
[service]
host = "127.0.0.1"
port = {port}
cookie_secure = false
demonstration = true
open_question = true
second_opinion = true

[storage]
database = "sqlite:///sluss.db"
state = "state"

[keys]
root = "root.key"
forms = "forms.key"

[signer]
origin = "sluss-demonstration/log"
key = "signer/signer.key"
state = "signer/signer.state"
"""


def write_config(folder: Path, *, port: int) -> Config:
    """Write the configuration into the folder, and read it as any other is read."""
    path = folder / CONFIG_FILE
    path.write_text(_CONFIG.format(port=port), encoding="utf-8")
    return load_config(path)


def build_world(
    folder: Path,
    *,
    port: int,
    now: datetime,
    progress: Callable[[int, int], None] | None = None,
) -> World:
    """Make the whole world in an empty folder, as it would stand at `now` (aware UTC).

    Leaves the database closed. What is in the world is in the returned value, by its own keys.
    """
    founded = _FOUNDED.at(now)
    config = write_config(folder, port=port)
    install(config, operator_name=OPERATOR, clock=lambda: founded)
    # Cheap to check, because some forty sign-ins are made here; whoever signs in to the finished
    # world has theirs replaced by a hash of full strength.
    passwords = Passwords(memory_kib=64, passes=1)
    house = open_house(config, clock=lambda: now)
    try:
        house = found_organisations(
            house,
            passwords=passwords,
            at=founded + timedelta(minutes=10),
            on=legal_day(founded),
        )
        world = World(house=house, people=People(house, passwords), now=now)
        carry_out(STEPS, world, progress=progress)
        seal(house, at=now)
    finally:
        house.close()
    return world


def seal(house: House, *, at: datetime) -> None:
    """Have the log signed as it stands."""
    outcome = seal_log(signer_files(house.config), at=at, store=house.store)
    if isinstance(outcome, Refused):
        raise WorldFault(f"the log was not signed: {outcome.message}")
