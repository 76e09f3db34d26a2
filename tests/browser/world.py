"""The little world behind the pages in the browser: one case of every look, and where they are."""

from __future__ import annotations

from datetime import date

from app.domain.declared_relation import DeclaredTarget
from app.domain.note import NoteDraft
from app.flows.answer_round import ask_about_item
from app.flows.declare_relation import declare_relation
from app.flows.draw_round import draw_round
from app.flows.open_in_emergency import open_in_emergency
from app.flows.receive_delivery import register_delivery
from app.flows.record_consent import withdraw_consent
from app.flows.stop_delivery import stop_delivery
from app.flows.write_note import correct_note
from app.records.disclosure import disclosures_of_case
from app.records.review_round import items_of, rounds_of
from tests.web.town import PLAIN, Town

TEXT = (
    "Elliot berättar om återkommande kontakt med äldre kamrater kring resecentrum och om "
    "erbjudanden om pengar för att förvara väskor.\n\nHan vill ha hjälp att säga nej."
)


def live(town: Town) -> dict[str, str]:
    """People do what makes every page worth looking at. Returns the names used in paths."""
    case = town.case()
    town.person(case, "Linda Exempelsson")
    first = town.note(case, title="Insats: kontaktperson", text=TEXT)
    town.disclose(town.order(case, first, "polis"))
    town.later(minutes=5)
    _register(town, case)
    withdrawn = town.consent(case, "skola", purpose="schooling")
    kept = town.consent(case, "fritid", valid_until=date(2026, 12, 24))
    town.consent(case, "friskola", answer="refused")
    stopped = town.note(case, title="Kvällarna i oktober", text=TEXT)
    stop_delivery(
        town.disclose(town.order(case, stopped, "polis")), town.actors["karin"], **town.hands
    )
    town.later(minutes=5)
    withdraw_consent(case, withdrawn, town.actors["karin"], **town.hands)  # type: ignore[arg-type]
    note = town.note(case, title="Hembesök 20 november", text=TEXT)
    _correct(town, case, note)
    town.disclose(town.order(case, note, "polis", version=2))
    quiet = town.case(name="Vilma Skyddsson", reference="SN 2026/0423", protected="yes")
    _open_in_emergency(town, "SN 2026/0417")
    _open_in_emergency(town, "SN 2026/0423")
    town.note(quiet, title="Möte 20 november", text=TEXT)
    _declare_relation(town, "SN 2026/0423")
    return {
        **_review(town),
        "arrived": _arrived(town, case),
        "case": case,
        "young": town.persons(case)[0],
        "note": note,
        "consent": kept,
        "withdrawn": withdrawn,
        "protected_case": quiet,
        "protected_young": town.persons(quiet)[0],
    }


def _open_in_emergency(town: Town, reference: str) -> None:
    """Jonas opens a case that is not his; one on somebody protected waits for a colleague."""
    why = "Den unge är försvunnen och polisen har ringt. Jag behöver veta var släktingar bor."
    open_in_emergency(reference, why, town.actors["jonas"], token="", **town.hands)  # type: ignore[arg-type]


def _declare_relation(town: Town, reference: str) -> None:
    target = DeclaredTarget(bond="family", name="Vilma Skyddsson", reference=reference.casefold())
    hands = {"at": town.at, "store": town.store, "rings": town.rings}
    declare_relation(target, town.actors["karin"], token="", **hands)


def _review(town: Town) -> dict[str, str]:
    """A round that is under way, with a question that waits for Karin."""
    chef = town.actors["chef"]
    town.later(minutes=1)
    draw_round(chef, seed=bytes(32), **town.hands)  # type: ignore[arg-type]
    with town.store.look(at=town.at) as tx:
        made = rounds_of(tx, chef.organisation_id, most=1)[0]
        items = items_of(tx, made.id, organisation_id=chef.organisation_id)
    of_karin = [one.item.id for one in items if one.item.staff_id == town.actors["karin"].staff_id]
    question = "Vad behövde du ärendet till den dagen?"
    # The oldest: the page opens its form at one of the newest, and that one is to offer a question.
    ask_about_item(of_karin[-1], question, chef, **town.hands)  # type: ignore[arg-type]
    return {"round": made.id, "item": of_karin[-1]}


def _arrived(town: Town, case: str) -> str:
    """A disclosure that has come to the police."""
    with town.store.look(at=town.at) as tx:
        made = disclosures_of_case(tx, case)
    return next(one.id for one in made[::-1] if one.stopped_at is None)


def _register(town: Town, case: str) -> None:
    """Sara registers what the case's only disclosure has brought her."""
    with town.store.look(at=town.at) as tx:
        made = disclosures_of_case(tx, case)[0]
    register_delivery(made.delivery_id, "A 2026/77", town.actors["sara"], **town.hands)  # type: ignore[arg-type]


def _correct(town: Town, case: str, note: str) -> None:
    draft = NoteDraft(
        title="Hembesök 20 november",
        text=TEXT,
        category="K11",
        attributes=PLAIN,
        described=town.persons(case)[:1],
    )
    correct_note(note, 1, draft, town.actors["karin"], token="", **town.hands)  # type: ignore[arg-type]
