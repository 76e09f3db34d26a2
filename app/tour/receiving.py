"""The tour at the recipient, and what each side can see of the other."""

from __future__ import annotations

from app.demonstration.invented import YOUNG
from app.domain.ids import new_id
from app.domain.legal_day import legal_day
from app.flows.file_delivery import Filed, file_delivery
from app.flows.not_found import NotFound
from app.flows.read_notes import NotesRead, read_notes
from app.flows.receive_delivery import (
    DeliveryOpened,
    Registered,
    open_delivery,
    register_delivery,
)
from app.flows.start_case import CaseStarted, start_case
from app.flows.view_case import CasePage, view_case
from app.tour.casework import TEXT, Written
from app.tour.orders import POLICE
from app.tour.stage import Stage


def receive(stage: Stage, delivery_id: str) -> None:
    """Sara opens the delivery, registers it and files it into a case of her own."""
    telling = stage.telling
    telling.step("Sara, police officer in Torsby, opens what stands under Inkommet")
    sara = stage.as_("sara")
    opened = telling.got(open_delivery(delivery_id, sara, **stage.hands), DeliveryOpened)
    head = opened.delivery.head
    grounds = "; ".join(f"{ground.sv} ({', '.join(ground.cite)})" for ground in head.grounds)
    telling.did(f"From {head.sender_name}, decided by {head.decided_by}. Ground: {grounds}")
    telling.check(opened.text == TEXT, "the text is the one that Karin disclosed")

    telling.step("Sara registers it and files it into a case of her own")
    year = legal_day(stage.at).year
    sara = stage.as_("sara")
    number = f"LPO {year}/118"
    telling.got(register_delivery(delivery_id, number, sara, **stage.hands), Registered)
    identity = YOUNG["elliot"].identity(legal_day(stage.at))
    started = telling.got(
        start_case(identity, f"LPO {year}/0231", sara, token=stage.token(), **stage.hands),
        CaseStarted,
    )
    filed = telling.got(
        file_delivery(delivery_id, started.case_id, "K17", sara, **stage.hands), Filed
    )
    read = read_notes(started.case_id, [filed.note_id], sara, **stage.hands)
    texts = [one.text for one in telling.got(read, NotesRead).texts]
    telling.did(f"Registered as {number}")
    telling.check(texts == [TEXT], "it is a note in her case, under the police's own key")


def see_the_other_side(stage: Stage, written: Written, delivery_id: str) -> None:
    """Sara cannot see Karin's case; Karin sees that it was acknowledged, and no more."""
    telling = stage.telling
    telling.step("Sara asks for Karin's case, for her note, and for a case that does not exist")
    sara = stage.as_("sara")
    case = view_case(written.case_id, sara, **stage.hands)
    note = read_notes(written.case_id, [written.note_id], sara, **stage.hands)
    nothing = view_case(new_id(stage.at), sara, **stage.hands)
    telling.check(
        case == note == nothing == NotFound(),
        "all three are not found, and nothing tells one from another",
    )

    telling.step("Karin sees that the police have acknowledged it")
    karin = stage.as_("karin")
    page = telling.got(view_case(written.case_id, karin, **stage.hands), CasePage)
    states = [one.state(stage.at) for one in page.disclosures if one.recipient_id == POLICE]
    telling.check(sorted(states) == ["arrived", "stopped"], "one was stopped and one arrived")
    telling.check(list(page.acknowledged) == [delivery_id], "the one that arrived is acknowledged")
