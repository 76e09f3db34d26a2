"""What crosses between the organisations of the little world, for the pages of the gate, *Inkommet*
and the trail."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from app.domain.approval import ApprovalAnswer
from app.flows.answer_approval import answer_approval
from app.flows.ask_approval import ApprovalAsked, ask_approval
from app.flows.receive_delivery import register_delivery
from app.flows.seal_log import seal_log
from app.records.disclosure import disclosures_of_case
from audit.key_list import LogKeys
from audit.signer import Signed, SignerState
from audit.signer_keys import SignerFiles, create_signer_keys
from tests.web.town import PLAIN, Town

TEXT = "Alva har sagt ja till en körning på lördag men ångrar sig.\n\nHon vill ha hjälp."


def cross(town: Town) -> dict[str, str]:
    """Notes that meet every kind of answer, and two deliveries. Returns the names in paths."""
    case = town.case(name="Alva Exempelsson", reference="SN 2026/0431")
    town.person(case, "Ture Exempelsson")
    asked = town.note(case, title="Körningen på lördag", text=TEXT)
    both = town.note(case, title="Hemma hos familjen", text=TEXT, described=town.persons(case))
    inquiry = town.note(
        case,
        title="Ur polisens utredning",
        text=TEXT,
        attributes=replace(PLAIN, origin="POLICE", investigation="yes"),
    )
    new = _send(town, case, "Skuld och nya uppdrag")
    registered = _send(town, case, "Iakttagelser under två kvällar")
    register_delivery(registered, "LPO 2026/231", town.actors["sara"], **town.hands)  # type: ignore[arg-type]
    own = town.case("sara", name="Alva Exempelsson", reference="LPO 2026/230")
    school = town.case("farida", name="Tilda Exempelsson", reference="BUN 2026/12")
    duty = town.note(school, "farida", category="K3", title="Samtal hos kuratorn", text=TEXT)
    town.disclose(town.order(school, duty, "soc", "protect_child", rule="D-1"), "farida")
    return {
        **_approvals(town, case),
        "crossing": case,
        "asked": asked,
        "both": both,
        "inquiry": inquiry,
        "duty": duty,
        "new": new,
        "registered": registered,
        "saras_case": own,
        "police": town.organisations["polis"].id,
        "social": town.organisations["soc"].id,
        "school": town.organisations["skola"].id,
        "leisure": town.organisations["fritid"].id,
    }


def _approvals(town: Town, case: str) -> dict[str, str]:
    """One question of approval that waits, and one that has been answered."""
    waiting, answered = (
        _question(town, case, town.note(case, title=title, text=TEXT))
        for title in ("Kvällen vid skolan", "Väskorna i skåpet")
    )
    answer_approval(
        answered,
        ApprovalAnswer(answer="yes", reasons="Skolan behöver det för att kunna ingripa i tid."),
        town.actors["chef"],
        **town.hands,  # type: ignore[arg-type]
    )
    return {"question": waiting, "answered": answered}


def _question(town: Town, case: str, note: str) -> str:
    order = town.order(case, note, "skola", rule="P-15a-26_1")
    outcome = ask_approval(order, town.actors["karin"], **town.hands)  # type: ignore[arg-type]
    assert isinstance(outcome, ApprovalAsked)
    return outcome.approval_id


def signer(town: Town, folder: Path) -> tuple[LogKeys, Callable[[], None]]:
    """The log's key, and what signs the log as it stands, so that the trail has check marks."""
    folder.mkdir()
    public = create_signer_keys(
        folder / "key", folder / "state", name="test.example/log", at=town.at
    )
    files = SignerFiles(folder / "key", SignerState(folder / "state"))

    def sign() -> None:
        assert isinstance(seal_log(files, at=town.at, store=town.store), Signed)

    return public, sign


def _send(town: Town, case: str, title: str) -> str:
    """The id of a delivery that has arrived at the police."""
    note = town.note(case, title=title, text=TEXT)
    sent = town.disclose(town.order(case, note, "polis"))
    town.later(minutes=5)
    with town.store.look(at=town.at) as tx:
        return next(made.delivery_id for made in disclosures_of_case(tx, case) if made.id == sent)
