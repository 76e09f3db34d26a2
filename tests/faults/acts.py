"""Everything that writes, as acts to be tried while the database cannot take them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import sqlalchemy

from app.domain.consent import ConsentTerms
from app.domain.subject import Identity
from app.flows.add_person import add_person
from app.flows.consider_disclosure import consider_disclosure
from app.flows.correct_identity import correct_identity
from app.flows.list_cases import list_cases
from app.flows.read_notes import read_notes
from app.flows.receive_delivery import list_deliveries, open_delivery, register_delivery
from app.flows.record_consent import record_consent, withdraw_consent
from app.flows.review_trail import list_trails
from app.flows.start_case import start_case
from app.flows.stop_delivery import stop_delivery
from app.flows.view_case import view_case
from app.flows.write_note import correct_note, write_note
from app.records.schema import all_tables
from app.records.store import Store
from tests.flows.town import Town

Act = Callable[[], Any]
LONG = "Berättar om kontakter med äldre kamrater. " * 1000


def every_act(town: Town) -> dict[str, Act]:
    """One of each flow, on a case where each would succeed."""
    case = town.case()
    note = town.note(case)
    subject = town.subject_of(case)
    consent = town.consent(case, "school")
    # The same version again to the same recipient, as is meant here each time.
    order = replace(town.assessed(case, note), again=True)
    on_its_way = town.disclose(order)
    arrived = town.disclose(order)
    town.later(seconds=121)
    on_its_way = town.disclose(order)
    delivery = list_deliveries(town.sara, **town.hands)[0]
    identity = Identity(name="Nils Exempelsson", protected="no")
    terms = _terms(town, subject)
    karin, sara, hands = town.karin, town.sara, town.hands
    assert arrived is not on_its_way
    return {
        "list cases": lambda: list_cases(karin, at=town.at, store=town.store, rings=town.rings),
        "view a case": lambda: view_case(case, karin, **hands),
        "read a note": lambda: read_notes(case, [note], karin, **hands),
        "start a case": lambda: start_case(identity, "SN 2026/9", karin, token="", **hands),
        "add a person": lambda: add_person(case, identity, "sibling", karin, token="", **hands),
        "correct a person": lambda: correct_identity(case, subject, identity, karin, **hands),
        "write a note": lambda: write_note(
            case, town.draft(case, text=LONG), karin, token="", **hands
        ),
        "correct a note": lambda: correct_note(
            note, 1, town.draft(case, text=LONG), karin, token="", **hands
        ),
        "record a consent": lambda: record_consent(case, terms, karin, token="", **hands),
        "withdraw a consent": lambda: withdraw_consent(case, consent, karin, **hands),
        "consider": lambda: consider_disclosure(
            replace(order.intent, recipient_id=""), karin, **hands
        ),
        "disclose": lambda: town.disclose(order),
        "stop": lambda: stop_delivery(on_its_way.disclosure_id, karin, **hands),
        "list deliveries": lambda: list_deliveries(sara, **hands),
        "open a delivery": lambda: open_delivery(delivery.id, sara, **hands),
        "register a delivery": lambda: register_delivery(delivery.id, "A 2026/77", sara, **hands),
        "list trails": lambda: list_trails(town.chief, **hands),
        "not find a case": lambda: view_case("no-such-case", karin, **hands),
    }


def _terms(town: Town, subject: str) -> ConsentTerms:
    return ConsentTerms(
        subject_id=subject,
        giver="subject",
        answer="given",
        form="oral",
        recipient_id="school",
        category="K11",
        purpose="care_or_support",
        valid_from=town.at.date(),
        valid_until=town.at.date(),
    )


def digest(store: Store) -> dict[str, int]:
    """How many rows every table has, and a sum over the columns that change in place."""
    with store.engine.connect() as connection:
        found = {}
        for name in all_tables().tables:
            rows = connection.execute(sqlalchemy.text(f'SELECT * FROM "{name}"')).all()  # noqa: S608
            found[name] = hash(tuple(sorted(map(repr, rows))))
        return found


@contextmanager
def nothing_changes(store: Store) -> Iterator[None]:
    """Whatever happens in the block, every row of every table is as it was."""
    before = digest(store)
    yield
    after = digest(store)
    assert after == before, {name for name in after if after[name] != before[name]}
