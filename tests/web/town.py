"""A town with a real database, real law and real keys behind the pages; only its door is invented.

The clock stands still until a test moves it with `later`.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from app.domain.actor import Actor
from app.domain.assessment import Assessment
from app.domain.consent import ConsentTerms
from app.domain.disclosure import DisclosureOrder, Intent
from app.domain.ids import INSTALLATION, new_id
from app.domain.note import NoteAttributes, NoteDraft
from app.domain.organisation import Organisation, Period
from app.domain.staff import Delegation, RoleGrant, StaffMember
from app.domain.subject import Identity, Relation
from app.flows.active_law import ActiveLaw
from app.flows.add_person import PersonAdded, add_person
from app.flows.disclose_note import Disclosed, disclose_note
from app.flows.install import (
    Operator,
    add_organisation,
    add_staff,
    grant_delegation,
    grant_role,
    open_installation,
)
from app.flows.keep_pack import activate_first_pack
from app.flows.list_approvals import count_waiting_approvals
from app.flows.receive_delivery import count_new_deliveries
from app.flows.record_consent import ConsentRecorded, record_consent
from app.flows.review_emergency import unreviewed_openings
from app.flows.round_questions import waiting_questions
from app.flows.see_round import round_state
from app.flows.start_case import CaseStarted, start_case
from app.flows.write_note import NoteWritten, write_note
from app.keys import Rings, SoftwareKeyring
from app.records.audit_view import SeenEntry, entries_of_organisation
from app.records.case import persons_of
from app.records.store import Store
from app.web.front_door import Entered, Throttled, WrongSignIn
from app.web.site import Fault, Site, SiteSettings, Work
from policies import Law, pack_contents
from tests.flows.town import opened_rings
from tests.web.stand_in import PASSWORD, StandInDoor

START = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
EVER = Period(valid_from=date(2019, 1, 1))
PLAIN = NoteAttributes(
    contact_known=True,
    committed_crime="no",
    investigation="no",
    reporter_identity="no",
    concern_report="no",
    health_serious="no",
)

ORGANISATIONS = {
    "soc": ("Socialtjänsten, Sunne", "SOC", "socialnamnden"),
    "polis": ("Lokalpolisområde Torsby", "POLICE", "polisen"),
    "elevhalsa": ("Elevhälsan, Sunne", "SCHOOL_M_EH", "bildningsnamnden"),
    "skola": ("Fryxellska skolan", "SCHOOL_M", "bildningsnamnden"),
    "akuten": ("Akuten, Torsby", "REGION", "regionen"),
    "fritid": ("Fritidsgården, Sunne", "LEISURE", "kulturnamnden"),
    "friskola": ("Frykens friskola", "SCHOOL_I", "frykens-friskola-ab"),
}
"""Short name -> name, kind, authority. Ids are UUIDs, as in an installation."""

STAFF = {
    "karin": ("Karin Holm", "socialsekreterare", "soc", "case_worker"),
    "jonas": ("Jonas Ek", "socialsekreterare", "soc", "case_worker"),
    "chef": ("Eva Dahl", "enhetschef", "soc", "supervisor"),
    "ombud": ("Ola Strand", "dataskyddsombud", "soc", "data_protection_officer"),
    "petra": ("Petra Kabelvik", "systemförvaltare", "soc", "administrator"),
    "sara": ("Sara Lind", "kommunpolis", "polis", "case_worker"),
    "farida": ("Farida Berg", "kurator", "elevhalsa", "case_worker"),
}
"""User name -> name, title, organisation, role. All sign in with PASSWORD."""


@dataclass
class TownDoor(StandInDoor):
    """Lets in the staff of the town, and those of the stand-in door that it does not have."""

    actors: dict[str, Actor] = field(default_factory=dict)

    def sign_in(
        self, name: str, password: str, *, device_token: str | None, at: datetime
    ) -> Entered | WrongSignIn | Throttled:
        if name in self.actors and password == PASSWORD:
            return self.let_in(name, self.actors[name])
        return super().sign_in(name, password, device_token=device_token, at=at)


@dataclass
class Town:
    """Everything the pages are handed, and short ways to say what people do."""

    store: Store
    rings: Rings
    law: Law
    organisations: dict[str, Organisation]
    actors: dict[str, Actor]
    at: datetime = START
    round_due_day: int = 7
    state: Path = Path("state")
    """Where exports are put together; a test of them names a folder of its own."""
    faults: list[Fault] = field(default_factory=list)

    def again(self, store: Store, keyring: SoftwareKeyring) -> Town:
        """The same town, on a database that holds its rows."""
        return replace(
            self,
            store=store,
            rings=opened_rings(store, keyring),
            organisations=dict(self.organisations),
            actors=dict(self.actors),
            faults=[],
        )

    def later(self, **span: float) -> None:
        self.at += timedelta(**span)

    def site(self) -> Site:
        return Site(
            settings=SiteSettings(
                form_secret=b"only for tests, never anything else",
                secure=False,
                demonstration=True,
                hosts=("127.0.0.1", "localhost"),
            ),
            clock=lambda: self.at,
            front_door=TownDoor(actors=self.actors),
            work=Work(
                store=self.store,
                rings=self.rings,
                active=ActiveLaw(self.store, self.law),
                log_keys=(),  # a test of the trail brings its own
                state=self.state,
            ),
            unreviewed=lambda actor, at: unreviewed_openings(
                actor, at=at, store=self.store, law=self.law
            ),
            asked=lambda actor, at: waiting_questions(actor, at=at, store=self.store),
            round_state=lambda actor, at: round_state(
                actor, due_day=self.round_due_day, at=at, store=self.store, law=self.law
            ),
            waiting=lambda actor, at: count_new_deliveries(
                actor, at=at, store=self.store, law=self.law
            ),
            unanswered=lambda actor, at: count_waiting_approvals(
                actor, at=at, store=self.store, law=self.law
            ),
            record_fault=self.faults.append,
        )

    @property
    def hands(self) -> dict[str, object]:
        return {"at": self.at, "store": self.store, "rings": self.rings, "law": self.law}

    def case(
        self,
        who: str = "karin",
        *,
        name: str = "Elliot Exempelsson",
        born: date | None = date(2010, 5, 4),
        reference: str = "SN 2026/0417",
        protected: str = "no",
    ) -> str:
        identity = Identity(name=name, born=born, protected=protected)  # type: ignore[arg-type]
        outcome = start_case(
            identity, reference, self.actors[who], token=new_id(self.at), **self.hands
        )
        assert isinstance(outcome, CaseStarted)
        return outcome.case_id

    def persons(self, case_id: str) -> tuple[str, ...]:
        """Subject ids, the young person first."""
        with self.store.look(at=self.at) as tx:
            return tuple(sealed.id for sealed, _ in persons_of(tx, case_id))

    def person(
        self, case_id: str, name: str, relation: Relation = "guardian", who: str = "karin"
    ) -> str:
        outcome = add_person(
            case_id,
            Identity(name=name, born=date(1983, 2, 1), protected="no"),
            relation,
            self.actors[who],
            token=new_id(self.at),
            **self.hands,
        )
        assert isinstance(outcome, PersonAdded)
        return outcome.subject_id

    def note(self, case_id: str, who: str = "karin", **changes: object) -> str:
        draft = NoteDraft(
            title="Hembesök 20 november",
            text="Berättar om kontakter med äldre kamrater.",
            category="K11",
            attributes=PLAIN,
            described=self.persons(case_id)[:1],
        )
        outcome = write_note(
            case_id,
            replace(draft, **changes),  # type: ignore[arg-type]
            self.actors[who],
            token=new_id(self.at),
            **self.hands,
        )
        assert isinstance(outcome, NoteWritten)
        return outcome.note_id

    def order(
        self,
        case_id: str,
        note_id: str,
        to: str,
        purpose: str = "prevent_crime",
        *,
        rule: str = "P-18a",
        version: int = 1,
    ) -> DisclosureOrder:
        """An order with every assessment that `rule` asks for answered yes."""
        return DisclosureOrder(
            intent=Intent(
                note_id=note_id,
                version=version,
                recipient_id=self.organisations[to].id,
                purpose=purpose,
                initiative="own",
            ),
            assessments=tuple(
                Assessment(
                    subject_id=self.persons(case_id)[0],
                    statement=statement,
                    answer="yes",
                    reasons="Därför att.",
                    circumstances="2026-11-20, sett av handläggaren.",
                )
                for statement in self.statements(rule)
            ),
            token=new_id(self.at),
        )

    def statements(self, rule: str) -> tuple[str, ...]:
        """The statements a rule in force today asks for, from the pack itself."""
        known = {condition.name for condition in self.law.vocabulary.statements()}
        found = next(one for one in self.law.in_force(self.at.date()) if one.id == rule)
        return tuple(name for name in found.all if name in known)

    def disclose(self, order: DisclosureOrder, who: str = "karin") -> str:
        """The id of the disclosure."""
        outcome = disclose_note(order, self.actors[who], **self.hands)
        assert isinstance(outcome, Disclosed), outcome
        return outcome.disclosure_id

    def consent(self, case_id: str, to: str, who: str = "karin", **changes: object) -> str:
        terms = ConsentTerms(
            subject_id=self.persons(case_id)[0],
            giver="subject",
            answer="given",
            form="written",
            recipient_id=self.organisations[to].id,
            category="K11",
            purpose="coordinate_support",
            valid_from=date(2026, 11, 23),
            valid_until=date(2027, 1, 31),
        )
        outcome = record_consent(
            case_id,
            replace(terms, **changes),  # type: ignore[arg-type]
            self.actors[who],
            token=new_id(self.at),
            **self.hands,
        )
        assert isinstance(outcome, ConsentRecorded)
        return outcome.consent_id

    def entries(self, organisation: str = "soc") -> list[SeenEntry]:
        with self.store.look(at=self.at) as tx:
            found = entries_of_organisation(tx, self.organisations[organisation].id)
        return list(found)

    def ops(self, organisation: str = "soc") -> list[str]:
        return [entry.op for entry in self.entries(organisation)]


def build(store: Store, keyring: SoftwareKeyring, law: Law) -> Town:
    """The town on an empty, migrated database."""
    installation = keyring.new_ring(INSTALLATION)
    operator = Operator(name="tester", ring=keyring.open_ring(installation))
    open_installation(installation, operator, at=START, store=store)
    activate_first_pack(law, pack_contents(), operator, at=START, store=store)
    organisations = {}
    for short, (name, kind, authority) in ORGANISATIONS.items():
        periods = (Period(valid_from=date(2027, 1, 1)),) if kind == "SCHOOL_I" else (EVER,)
        organisations[short] = Organisation(
            id=new_id(START),
            name=name,
            kind=kind,
            authority_id=authority,
            authority_name=authority,
            municipality="Sunne",
            controller=authority,
            authority_periods=periods,
        )
        add_organisation(organisations[short], operator, at=START, store=store, keyring=keyring)
    actors = {}
    for user_name, (name, title, organisation, role) in STAFF.items():
        member = StaffMember(id=new_id(START), name=name, title=title)
        add_staff(member, user_name, "x", operator, at=START, store=store)
        actor = actors[user_name] = _actor(member, organisations[organisation], role)
        _grant(actor, operator, store)
    return Town(
        store=store,
        rings=opened_rings(store, keyring),
        law=law,
        organisations=organisations,
        actors=actors,
    )


def _grant(actor: Actor, operator: Operator, store: Store) -> None:
    """Records what the actor is, because a disclosure reads it again."""
    for role in actor.roles:
        granted = RoleGrant(
            id=new_id(START),
            staff_id=actor.staff_id,
            organisation_id=actor.organisation_id,
            role=role,
            period=EVER,
        )
        grant_role(granted, operator, at=START, store=store)
    for held in actor.delegations:
        grant_delegation(held, operator, at=START, store=store)


def _actor(member: StaffMember, organisation: Organisation, role: str) -> Actor:
    held = Delegation(
        id=new_id(START),
        organisation_id=organisation.id,
        staff_id=member.id,
        role=None,
        decision="disclose",
        item="4.2",
        period=EVER,
    )
    return Actor(
        staff_id=member.id,
        name=member.name,
        title=member.title,
        organisation=organisation,
        roles=frozenset({role}),
        delegations=(held,),
        session_id=new_id(START),
    )
