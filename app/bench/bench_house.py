"""A real, small installation in a throw-away folder: the code that serves, invented people."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from types import TracebackType
from typing import TypedDict

from app.config import parse
from app.domain.actor import Actor
from app.domain.ids import new_id
from app.domain.note import NoteAttributes, NoteDraft
from app.domain.organisation import Organisation, Period
from app.domain.staff import Delegation, RoleGrant, StaffMember
from app.domain.subject import Identity
from app.flows.happened import happened
from app.flows.install import (
    Added,
    NotAdded,
    add_organisation,
    add_staff,
    grant_delegation,
    grant_role,
)
from app.flows.not_found import NotFound
from app.flows.seal_log import seal_log
from app.flows.start_case import CaseStarted, start_case
from app.flows.write_note import NoteWritten, write_note
from app.identity.password import Passwords
from app.keys import Rings, event_sealer
from app.main import House, install, open_house, system_clock
from app.records.case import persons_of
from app.records.store import Store
from app.signer_files import signer_files
from audit.canonical import Json
from policies import Law

PASSWORD = "mäta är att veta nog"  # noqa: S105 - of a house that is thrown away
USERNAME = "karin"
ALWAYS = Period(valid_from=date(2019, 1, 1))
NOTE_CHARACTERS = 1_500


class BenchFault(Exception):
    """The bench itself could not do what it measures."""


class _Hands(TypedDict):
    """What flows are handed."""

    at: datetime
    store: Store
    rings: Rings
    law: Law


class BenchHouse:
    """Open with `with`. `database` None makes an SQLite file in the folder."""

    def __init__(self, folder: Path, database: str | None = None) -> None:
        folder.mkdir(parents=True)
        self._config = parse(_configuration(folder, database), folder / "config.toml")
        self.at = system_clock()

    def __enter__(self) -> BenchHouse:
        install(self._config, operator_name="bench", clock=lambda: self.at)
        founding = open_house(self._config)
        try:
            self._found(founding)
        finally:
            founding.close()
        self.house: House = open_house(self._config)
        self.store, self.rings, self.law = self.house.store, self.house.rings, self.house.law
        self.log_keys = self.house.log_keys
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.house.close()

    def case_with_notes(self, count: int) -> tuple[str, tuple[str, ...]]:
        """A case of the actor's with `count` notes."""
        hands = _Hands(at=self.at, store=self.store, rings=self.rings, law=self.law)
        started = start_case(
            Identity(name="Vera Exempelsson", born=date(2009, 5, 4), protected="no"),
            f"SN 2026/{count}",
            self.actor,
            token="",
            **hands,
        )
        if not isinstance(started, CaseStarted):
            raise BenchFault(f"the case could not be started: {started}")
        with self.store.look(at=self.at) as tx:
            subject = persons_of(tx, started.case_id)[0][0].id
        notes = []
        for number in range(count):
            draft = NoteDraft(
                title=f"Anteckning {number}",
                text="Berättar om kontakter med äldre kamrater. " * (NOTE_CHARACTERS // 42),
                category="K11",
                attributes=NoteAttributes(contact_known=True, committed_crime="no"),
                described=(subject,),
            )
            written = write_note(started.case_id, draft, self.actor, token="", **hands)
            if not isinstance(written, NoteWritten):
                raise BenchFault(f"the note could not be written: {written}")
            notes.append(written.note_id)
        return started.case_id, tuple(notes)

    def add_neighbours(self, kinds: Sequence[str]) -> None:
        """More organisations to address, one of each kind."""
        operator = self.house.operator("bench")
        for kind in kinds:
            other = _organisation(f"bench-{kind.lower()}", f"Verksamhet {kind}", kind)
            keyring = self.house.keyring
            _done(add_organisation(other, operator, at=self.at, store=self.store, keyring=keyring))

    def fill_log(self, count: int) -> None:
        """Entries as flows make them, many to a transaction, and a checkpoint over them."""
        sealer = event_sealer(self.rings.current(self.actor.organisation_id), None)
        with self.store.begin(at=self.at) as tx:
            for number in range(count):
                detail: dict[str, Json] = {"purpose": "prevent_crime", "number": number}
                tx.record(
                    happened("note.read", "allow", self.actor, at=self.at, detail=detail),
                    sealer=sealer,
                )
        seal_log(signer_files(self._config), at=self.at, store=self.store)

    def _found(self, house: House) -> None:
        operator = house.operator("bench")
        for organisation in (SENDER, RECIPIENT):
            _done(
                add_organisation(
                    organisation, operator, at=self.at, store=house.store, keyring=house.keyring
                )
            )
        member = StaffMember(id=new_id(self.at), name="Karin Holm", title="socialsekreterare")
        hashed = Passwords().hash(PASSWORD)
        _done(add_staff(member, USERNAME, hashed, operator, at=self.at, store=house.store))
        grant = RoleGrant(
            id=new_id(self.at),
            staff_id=member.id,
            organisation_id=SENDER.id,
            role="case_worker",
            period=ALWAYS,
        )
        held = Delegation(
            id=new_id(self.at),
            organisation_id=SENDER.id,
            staff_id=member.id,
            role=None,
            decision="disclose",
            item="4.2",
            period=ALWAYS,
        )
        _done(grant_role(grant, operator, at=self.at, store=house.store))
        _done(grant_delegation(held, operator, at=self.at, store=house.store))
        self.actor = Actor(
            staff_id=member.id,
            name=member.name,
            title=member.title,
            organisation=SENDER,
            roles=frozenset({"case_worker"}),
            delegations=(held,),
            session_id=new_id(self.at),
        )


def _organisation(id_: str, name: str, kind: str) -> Organisation:
    return Organisation(
        id=id_,
        name=name,
        kind=kind,
        authority_id=id_,
        authority_name=name,
        municipality="Sunne",
        controller=name,
        authority_periods=(ALWAYS,),
    )


SENDER = _organisation("bench-soc", "Socialtjänsten", "SOC")
RECIPIENT = _organisation("bench-police", "Polisen", "POLICE")


def _done(outcome: Added | NotAdded | NotFound) -> None:
    if not isinstance(outcome, Added):
        raise BenchFault(f"the bench could not be set up: {outcome}")


def _configuration(folder: Path, database: str | None) -> str:
    url = database or f"sqlite:///{folder / 'sluss.db'}"
    return f"""
[service]
cookie_secure = false
[storage]
database = "{url}"
state = "{folder / "state"}"
[keys]
root = "{folder / "root.key"}"
forms = "{folder / "forms.key"}"
[signer]
origin = "bench.example/log"
key = "{folder / "signer.key"}"
state = "{folder / "signer.state"}"
"""
