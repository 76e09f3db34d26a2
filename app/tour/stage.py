"""Where the tour takes place: an installation made for it, and a clock that it moves itself."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from app.demonstration.build import CONFIG_FILE, write_config
from app.demonstration.founding import OPERATOR, found_organisations
from app.demonstration.organisations import ORGANISATIONS
from app.demonstration.signed_in import People
from app.demonstration.staff import STAFF
from app.demonstration.world import Hands
from app.domain.actor import Actor
from app.domain.legal_day import legal_day
from app.identity.password import Passwords
from app.main import House, install, open_house, system_clock
from app.tour.telling import Telling, TourWrong
from policies import NoteDecision

_ORGANISATIONS = ("sunne-soc", "sunne-skola", "polisen-torsby")
_STAFF = ("karin", "jonas", "birgitta", "sara", "anneli")
_SIGNING_SECONDS = 60.0


@dataclass
class Stage:
    """The installation, who is there, and the time."""

    folder: Path
    house: House
    people: People
    telling: Telling
    at: datetime
    _tokens: int = 0

    def as_(self, username: str) -> Actor:
        """That person, signed in; signs in anew when it was long ago."""
        self.later(seconds=20)
        return self.people.actor(username, at=self.at)

    @property
    def hands(self) -> Hands:
        """What the next flow is handed."""
        house = self.house
        return Hands(at=self.at, store=house.store, rings=house.rings, law=house.law)

    def token(self) -> str:
        """A token for a form that is sent once."""
        self._tokens += 1
        return f"tour-{self._tokens}"

    def later(self, *, seconds: int) -> None:
        """Time passes."""
        self.at += timedelta(seconds=seconds)

    def law_said(self, decision: NoteDecision) -> None:
        """Print what the law answered."""
        self.telling.law_said(self.house.law, decision)

    def sign_log(self) -> None:
        """Have the signer, a process of its own, sign what has come since last time."""
        command = [sys.executable, "-m", "app.cli", "seal"]
        command += ["--config", str(self.folder / CONFIG_FILE)]
        done = subprocess.run(  # noqa: S603 - our own command
            command, capture_output=True, text=True, timeout=_SIGNING_SECONDS, check=False
        )
        if done.returncode != 0:
            raise TourWrong(f"the signer did not sign: {done.stderr.strip()}")


@contextmanager
def set_up(folder: Path, pack: Path | None, telling: Telling) -> Iterator[Stage]:
    """A new installation in an empty folder. `pack` stands in for the packaged rules."""
    now = system_clock()
    config = write_config(folder, port=8000)
    install(config, operator_name=OPERATOR, clock=lambda: now, pack=pack)
    house = open_house(config, clock=lambda: now)
    try:
        passwords = Passwords()
        house = found_organisations(
            house,
            passwords=passwords,
            at=now,
            on=legal_day(now),
            organisations=[one for one in ORGANISATIONS if one.id in _ORGANISATIONS],
            staff=[one for one in STAFF if one.username in _STAFF],
        )
        people = People(house, passwords)
        yield Stage(folder=folder, house=house, people=people, telling=telling, at=now)
    finally:
        house.close()
