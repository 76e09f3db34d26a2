"""A small town: four organisations, a handful of staff, real law, real keys, either database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Protocol

from app.domain.actor import Actor
from app.domain.assessment import Assessment
from app.domain.consent import ConsentTerms
from app.domain.disclosure import Circumstance, DisclosureOrder, Intent
from app.domain.ids import INSTALLATION, new_id
from app.domain.note import NoteAttributes, NoteDraft
from app.domain.organisation import Organisation, Period
from app.domain.staff import Delegation, RoleGrant, StaffMember
from app.domain.subject import Identity
from app.flows.disclose_note import Disclosed, NotDisclosed, disclose_note
from app.flows.happened import happened
from app.flows.install import (
    Operator,
    add_organisation,
    add_staff,
    grant_delegation,
    grant_role,
    open_installation,
)
from app.flows.keep_pack import activate_first_pack, keep_pack
from app.flows.not_found import NotFound
from app.flows.record_consent import ConsentRecorded, record_consent
from app.flows.sealing import sealed_ring
from app.flows.start_case import CaseStarted, start_case
from app.flows.write_note import NoteWritten, write_note
from app.keys import Rings, SealedRing, SoftwareKeyring, event_sealer
from app.records.audit_view import SeenEntry, entries_of_organisation
from app.records.organisation_key import all_rings
from app.records.pack_activation import hold_activation, insert_activation
from app.records.store import Store
from policies import Law, load, pack_contents

AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
EVER = Period(valid_from=date(2019, 1, 1))
PLAIN = NoteAttributes(
    contact_known=True,
    committed_crime="no",
    investigation="no",
    reporter_identity="no",
    concern_report="no",
    health_serious="no",
)
YES_P18A = ("at_risk_of_crime", "not_inappropriate")


@dataclass
class Town:
    """Everything a flow is handed, and short ways to say what people do."""

    store: Store
    keyring: SoftwareKeyring
    rings: Rings
    law: Law
    karin: Actor
    per: Actor
    sara: Actor
    kurator: Actor
    chief: Actor
    officer: Actor
    at: datetime = AT

    @property
    def hands(self) -> dict[str, object]:
        return {"at": self.at, "store": self.store, "rings": self.rings, "law": self.law}

    def again(self, store: Store) -> Town:
        """The same town, on a database that holds its rows."""
        return replace(self, store=store, rings=opened_rings(store, self.keyring))

    def later(self, **span: float) -> None:
        self.at += timedelta(**span)

    def case(
        self,
        actor: Actor | None = None,
        *,
        name: str = "Vera Exempelsson",
        born: date | None = date(2009, 5, 4),
        reference: str = "SN 2026/0001",
    ) -> str:
        outcome = start_case(
            Identity(name=name, born=born, protected="no"),
            reference,
            actor or self.karin,
            token="",
            **self.hands,
        )
        assert isinstance(outcome, CaseStarted)
        return outcome.case_id

    def subject_of(self, case_id: str) -> str:
        from app.records.case import persons_of

        with self.store.look(at=self.at) as tx:
            return persons_of(tx, case_id)[0][0].id

    def draft(self, case_id: str, **changes: object) -> NoteDraft:
        return replace(
            NoteDraft(
                title="Hembesök",
                text="Berättar om kontakter med äldre kamrater.",
                category="K11",
                attributes=PLAIN,
                described=(self.subject_of(case_id),),
            ),
            **changes,
        )

    def note(self, case_id: str, actor: Actor | None = None, **changes: object) -> str:
        outcome = write_note(
            case_id, self.draft(case_id, **changes), actor or self.karin, token="", **self.hands
        )
        assert isinstance(outcome, NoteWritten)
        return outcome.note_id

    def order(
        self,
        note_id: str,
        recipient: str = "police",
        purpose: str = "prevent_crime",
        *,
        answers: Mapping[str, str] | None = None,
        about: str = "",
        token: str = "",
        version: int = 1,
        circumstances: Mapping[str, str] | None = None,
    ) -> DisclosureOrder:
        return DisclosureOrder(
            intent=Intent(
                note_id=note_id,
                version=version,
                recipient_id=recipient,
                purpose=purpose,
                initiative="own",
                circumstances=tuple(
                    Circumstance(subject_id=about, fact=fact, answer=answer)
                    for fact, answer in (circumstances or {}).items()
                ),
            ),
            assessments=tuple(
                Assessment(
                    subject_id=about,
                    statement=statement,
                    answer="yes" if answer == "yes" else "no",
                    reasons="Därför att.",
                    circumstances="2026-11-20, sett av handläggaren.",
                )
                for statement, answer in (answers or {}).items()
            ),
            token=token,
        )

    def assessed(self, case_id: str, note_id: str, **more: object) -> DisclosureOrder:
        """An order to the police with every assessment of 10 kap. 18 a § answered yes."""
        answers = dict.fromkeys(self.statements("P-18a"), "yes")
        return self.order(note_id, answers=answers, about=self.subject_of(case_id), **more)

    def statements(self, rule: str) -> tuple[str, ...]:
        """The statements a rule in force today asks for, from the pack itself."""
        known = {condition.name for condition in self.law.vocabulary.statements()}
        found = next(r for r in self.law.in_force(self.at.date()) if r.id == rule)
        return tuple(name for name in found.all if name in known)

    def disclose(
        self, order: DisclosureOrder, actor: Actor | None = None
    ) -> Disclosed | NotDisclosed | NotFound:
        return disclose_note(order, actor or self.karin, **self.hands)

    def consent(self, case_id: str, recipient: str, **changes: object) -> str:
        terms = replace(
            ConsentTerms(
                subject_id=self.subject_of(case_id),
                giver="subject",
                answer="given",
                form="written",
                recipient_id=recipient,
                category="K11",
                purpose="care_or_support",
                valid_from=self.at.date(),
                valid_until=self.at.date() + timedelta(days=90),
            ),
            **changes,
        )
        outcome = record_consent(case_id, terms, self.karin, token="", **self.hands)
        assert isinstance(outcome, ConsentRecorded)
        return outcome.consent_id

    def take_in_use(self, folder: Path) -> Law:
        """Another pack, as Per proposes and the chief activates it, without what comes between."""
        self.law = put_in_use(self, folder, self.per, self.chief)
        return self.law

    def entries(self, organisation: str = "soc") -> list[SeenEntry]:
        """Every entry of an organisation, oldest first."""
        with self.store.look(at=self.at) as tx:
            return list(entries_of_organisation(tx, organisation, most=10_000))[::-1]

    def ops(self, organisation: str = "soc") -> list[str]:
        return [entry.op for entry in self.entries(organisation)]


def _organisation(id_: str, name: str, kind: str, authority: str) -> Organisation:
    private = kind == "SCHOOL_I"
    return Organisation(
        id=id_,
        name=name,
        kind=kind,
        authority_id=authority,
        authority_name=authority,
        municipality="Sunne",
        controller=authority,
        authority_periods=(Period(valid_from=date(2027, 1, 1)),) if private else (EVER,),
    )


ORGANISATIONS = {
    id_: _organisation(id_, name, kind, authority)
    for id_, name, kind, authority in (
        ("soc", "Socialtjänsten, Sunne", "SOC", "socialnamnden"),
        ("police", "Lokalpolisområde Torsby", "POLICE", "polisen"),
        ("school", "Elevhälsan, Sunne", "SCHOOL_M_EH", "bildningsnamnden"),
        ("rektor", "Fryxellska skolan", "SCHOOL_M", "bildningsnamnden"),
        ("region", "Akuten, Torsby", "REGION", "regionen"),
        ("leisure", "Fritidsgården, Sunne", "LEISURE", "kulturnamnden"),
        ("independent", "Frykens friskola", "SCHOOL_I", "frykens-friskola-ab"),
    )
}


def build_town(store: Store, keyring: SoftwareKeyring, law: Law) -> Town:
    """Found the organisations, employ the staff."""
    installation: SealedRing = keyring.new_ring(INSTALLATION)
    operator = Operator(name="tester", ring=keyring.open_ring(installation))
    open_installation(installation, operator, at=AT, store=store)
    activate_first_pack(law, pack_contents(), operator, at=AT, store=store)
    for organisation in ORGANISATIONS.values():
        add_organisation(organisation, operator, at=AT, store=store, keyring=keyring)

    def employ(name: str, where: str, *roles: str) -> Actor:
        return _employed(name, ORGANISATIONS[where], frozenset(roles), operator, store)

    return Town(
        store=store,
        keyring=keyring,
        rings=opened_rings(store, keyring),
        law=law,
        karin=employ("Karin Holm", "soc", "case_worker"),
        per=employ("Per Ek", "soc", "case_worker"),
        sara=employ("Sara Lind", "police", "case_worker"),
        kurator=employ("Nils Berg", "school", "case_worker"),
        chief=employ("Eva Dahl", "soc", "supervisor"),
        officer=employ("Ola Strand", "soc", "data_protection_officer"),
    )


class Housed(Protocol):
    """What a town of any kind has."""

    store: Store
    rings: Rings
    at: datetime


def put_in_use(town: Housed, folder: Path, proposer: Actor, activator: Actor) -> Law:
    """A pack in use as two persons put it there, without what comes between."""
    law = load(folder)
    operator = Operator(name="tester", ring=town.rings.current(INSTALLATION))
    keep_pack(law, pack_contents(folder), operator, at=town.at, store=town.store)
    with town.store.begin(at=town.at) as tx:
        held = hold_activation(tx)
        assert held is not None
        event = happened("pack.activated", "allow", activator, at=town.at, pack=law.sha256)
        insert_activation(
            tx,
            law.sha256,
            n=held[0] + 1,
            proposed_by=proposer.staff_id,
            activated_by=activator.staff_id,
            entry_id=event.id,
        )
        ring = town.rings.current(activator.organisation_id)
        tx.record(event, sealer=event_sealer(ring, None))
    return law


def operator_of(town: Town) -> Operator:
    """Whoever sits at the town's terminal."""
    return Operator(name="tester", ring=town.rings.current(INSTALLATION))


def hired(town: Town, name: str, where: str, *roles: str) -> Actor:
    """One more who works there, as the first ones do."""
    return _employed(name, ORGANISATIONS[where], frozenset(roles), operator_of(town), town.store)


def opened_rings(store: Store, keyring: SoftwareKeyring) -> Rings:
    """Every ring the database holds, opened."""
    with store.look(at=AT) as tx:
        stored = all_rings(tx)
    return Rings(keyring.open_ring(sealed_ring(one)) for one in stored)


def _employed(
    name: str, where: Organisation, roles: frozenset[str], operator: Operator, store: Store
) -> Actor:
    """A member of staff with an account, and what they are in the organisation."""
    member = StaffMember(id=new_id(AT), name=name, title="handläggare")
    add_staff(member, f"{name}-{where.id}", "x", operator, at=AT, store=store)
    for role in roles:
        granted = RoleGrant(
            id=new_id(AT),
            staff_id=member.id,
            organisation_id=where.id,
            role=role,
            period=EVER,
        )
        grant_role(granted, operator, at=AT, store=store)
    held = Delegation(
        id=new_id(AT),
        organisation_id=where.id,
        staff_id=member.id,
        role=None,
        decision="disclose",
        item="4.2",
        period=EVER,
    )
    grant_delegation(held, operator, at=AT, store=store)
    return Actor(
        staff_id=member.id,
        name=name,
        title="handläggare",
        organisation=where,
        roles=roles,
        delegations=(held,),
        session_id=new_id(AT),
    )
