"""The races of loggkontroll: two reviewers, one thing to answer.

Whoever comes second is told who was first; nothing of the first's is changed, and the log tells one
answer and one that came too late.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from app.domain.actor import Actor
from app.domain.approval import ApprovalAnswer
from app.domain.protection import LoweringTerms
from app.domain.subject import Identity
from app.flows.answer_approval import ApprovalAnswered, answer_approval
from app.flows.answer_round import ItemAnswered, RoundSigned, answer_item, sign_round
from app.flows.answered_already import AnsweredAlready
from app.flows.ask_approval import ApprovalAsked
from app.flows.change_team import change_team
from app.flows.correct_identity import correct_identity
from app.flows.draw_round import draw_round
from app.flows.lower_protection import (
    LoweringSettled,
    ProtectionSeen,
    ask_lowering,
    see_protection,
    settle_lowering,
)
from app.flows.open_in_emergency import OpenedInEmergency, confirm_opening, open_in_emergency
from app.flows.review_emergency import (
    OpeningSeen,
    OpeningsSeen,
    Reviewed,
    review_opening,
    see_openings,
)
from app.flows.review_signals import SignalAnswered, SignalsSeen, answer_signal, see_signals
from app.flows.see_round import RoundSeen, RoundsSeen, see_round, see_rounds
from app.flows.start_case import start_case
from app.flows.view_case import view_case
from tests.attacks.races import Race, Scene, again, ask

REMARK = "Karin hade jour den kvällen."
WHY = "Pojken är försvunnen och hans mamma är på väg hit."


def answering_a_signal_twice(scene: Scene) -> Race:
    """A signal has no row of its own to wait for, and has one answer all the same."""
    key = _signal(scene)
    return _one_of_two(
        scene,
        lambda who, at: answer_signal(key, "justified", REMARK, who, **scene.hands(at)),
        first=SignalAnswered,
        told=["signal.answer_repeated", "signal.answered"],
        undo=("DELETE FROM signal_answer",),
    )


def answering_an_item_twice(scene: Scene) -> Race:
    """What was drawn by chance."""
    return _item_twice(scene, "chance")


def answering_a_drawn_signal_twice(scene: Scene) -> Race:
    """Its answer is the signal's, in a table of its own."""
    return _item_twice(scene, "signal")


def answering_a_drawn_opening_twice(scene: Scene) -> Race:
    """Its answer is the opening's, in a table of its own."""
    return _item_twice(scene, "emergency")


def answering_a_signal_here_and_there(scene: Scene) -> Race:
    """The same signal under Signaler and in the month's round."""
    key, item = _signal(scene), _item(scene, "signal")

    def check(one: Any, other: Any) -> None:
        assert {type(one), type(other)} in (
            {SignalAnswered, AnsweredAlready},
            {AnsweredAlready, ItemAnswered},
        )
        for statement in _UNANSWERED:
            again(scene.town, statement)

    chief, other = scene.town.chief, scene.other_chief
    return Race(
        lambda at: answer_signal(key, "justified", REMARK, chief, **scene.hands(at)),
        lambda at: answer_item(item, "remark", REMARK, other, **scene.hands(at)),
        check,
    )


def signing_twice(scene: Scene) -> Race:
    """A round has one signature."""
    found = _round(scene)
    round_id = found.round.id
    for item in found.open_items:
        answer_item(item.item.id, "justified", REMARK, scene.town.chief, **scene.town.hands)
    return _one_of_two(
        scene,
        lambda who, at: sign_round(round_id, who, **scene.hands(at)),
        first=RoundSigned,
        told=["round.sign_refused", "round.signed"],
        undo=(_UNSIGNED,),
    )


def reviewing_an_opening_twice(scene: Scene) -> Race:
    """An emergency opening has one verdict."""
    _happened(scene)
    (opening,) = (one.opening.terms.id for one in _openings(scene))
    return _one_of_two(
        scene,
        lambda who, at: review_opening(opening, "justified", REMARK, who, **scene.hands(at)),
        first=Reviewed,
        told=["emergency.review_repeated", "emergency.reviewed"],
        undo=(_UNREVIEWED,),
    )


def confirming_twice(scene: Scene) -> Race:
    """One second person stands behind an emergency opening, and the log names no other."""
    town = scene.town
    if scene.version == 1:
        scene.version = 2
        hidden = Identity(name="Vilma Skyddsson", born=None, protected="yes")
        start_case(hidden, "SN 2026/0002", town.karin, token="", **town.hands)
    asked = open_in_emergency("SN 2026/0002", WHY, town.per, token="", **town.hands)
    assert isinstance(asked, OpenedInEmergency)
    (opening,) = (one.opening.terms.id for one in _openings(scene))
    return _one_of_two(
        scene,
        lambda who, at: confirm_opening(opening, who, **scene.hands(at)),
        first=OpenedInEmergency,
        told=["emergency.confirm_repeated", "emergency.confirmed"],
        undo=("DELETE FROM emergency_opening",),
    )


def answering_an_approval_twice(scene: Scene) -> Race:
    """The question has one answer, and who came second is told whose."""
    asked = ask(scene, scene.town.at)
    assert isinstance(asked, ApprovalAsked)
    yes = ApprovalAnswer(answer="yes", reasons="Behövs.")
    return _one_of_two(
        scene,
        lambda who, at: answer_approval(asked.approval_id, yes, who, **scene.hands(at)),
        first=ApprovalAnswered,
        told=["approval.answer_refused", "approval.given"],
        undo=("DELETE FROM approval",),
    )


def lowering_a_mark_and_keeping_it(scene: Scene) -> Race:
    """A mark of protection is taken away or stays, as the first of two others says."""
    town, subject = scene.town, scene.town.subject_of(scene.case)
    second = scene.second_worker
    for who in (town.per, second):
        change_team(scene.case, who.staff_id, "let_in", town.chief, **town.hands)
    marked = Identity(name="Vera Exempelsson", protected="yes")
    correct_identity(scene.case, subject, marked, town.karin, **town.hands)
    terms = LoweringTerms(to="no", reason="Skatteverket meddelade att skyddet har upphört.")
    ask_lowering(scene.case, subject, terms, town.karin, **town.hands)
    found = see_protection(scene.case, subject, town.karin, **town.hands)
    assert isinstance(found, ProtectionSeen)
    assert found.lowering is not None
    asked = found.lowering.id
    scene.began = len(town.entries())

    def check(lowered: Any, kept: Any) -> None:
        assert {type(lowered), type(kept)} == {LoweringSettled, AnsweredAlready}
        after = see_protection(scene.case, subject, town.karin, **town.hands)
        assert isinstance(after, ProtectionSeen)
        mark = "no" if isinstance(lowered, LoweringSettled) else "yes"
        assert after.subject.identity.protected == mark
        again(town, "DELETE FROM protection_lowering")

    return Race(
        lambda at: settle_lowering(
            scene.case, subject, asked, "lowered", town.per, **scene.hands(at)
        ),
        lambda at: settle_lowering(scene.case, subject, asked, "kept", second, **scene.hands(at)),
        check,
    )


REVIEW_RACES = (
    lowering_a_mark_and_keeping_it,
    answering_a_signal_twice,
    answering_an_item_twice,
    answering_a_drawn_signal_twice,
    answering_a_drawn_opening_twice,
    answering_a_signal_here_and_there,
    signing_twice,
    reviewing_an_opening_twice,
    confirming_twice,
    answering_an_approval_twice,
)

_UNREVIEWED = (
    "UPDATE emergency_opening SET reviewed_by = NULL, reviewed_at = NULL, verdict = NULL, "
    "remark = NULL, reviewed_audit_id = NULL"
)
_UNANSWERED = (
    "DELETE FROM signal_answer",
    _UNREVIEWED,
    "UPDATE review_item SET answered_by = NULL, answered_at = NULL, verdict = NULL, "
    "remark = NULL, answered_audit_id = NULL",
)
_UNSIGNED = "UPDATE review_round SET signed_by = NULL, signed_at = NULL, signed_audit_id = NULL"


def _one_of_two(
    scene: Scene,
    act: Callable[[Actor, datetime], Any],
    *,
    first: type,
    told: list[str],
    undo: tuple[str, ...],
) -> Race:
    """The same act by two: one has it done, the other is told by whom, and the log tells both."""
    one, other = scene.town.chief, scene.other_chief
    scene.began = len(scene.town.entries())

    def check(of_one: Any, of_other: Any) -> None:
        late, by = (of_one, other) if isinstance(of_one, AnsweredAlready) else (of_other, one)
        assert {type(of_one), type(of_other)} == {first, AnsweredAlready}
        assert late.by is not None
        assert late.by.id == by.staff_id
        assert sorted(scene.order()) == told
        for statement in undo:
            again(scene.town, statement)

    return Race(lambda at: act(one, at), lambda at: act(other, at), check)


def _item_twice(scene: Scene, why: str) -> Race:
    item = _item(scene, why)
    return _one_of_two(
        scene,
        lambda who, at: answer_item(item, "justified", REMARK, who, **scene.hands(at)),
        first=ItemAnswered,
        told=["round.answer_repeated", "round.answered"],
        undo=_UNANSWERED,
    )


def _happened(scene: Scene) -> None:
    """An emergency opening and a reading at night, once for all rounds."""
    town = scene.town
    if "emergency.opened" in town.ops():
        return
    open_in_emergency("SN 2026/0001", WHY, town.per, token="", **town.hands)
    town.later(hours=13)
    view_case(scene.case, town.karin, **town.hands)
    town.later(hours=11)


def _signal(scene: Scene) -> str:
    _happened(scene)
    found = see_signals(scene.town.chief, **scene.town.hands)
    assert isinstance(found, SignalsSeen)
    return next(one.key for one in found.lines if one.signal.kind == "outside_schedule")


def _openings(scene: Scene) -> tuple[OpeningSeen, ...]:
    found = see_openings(scene.town.chief, **scene.town.hands)
    assert isinstance(found, OpeningsSeen)
    return found.lines


def _round(scene: Scene) -> RoundSeen:
    """The month's round, drawn once for all rounds of the race."""
    _happened(scene)
    town = scene.town
    draw_round(town.chief, seed=bytes(32), **town.hands)
    rounds = see_rounds(town.chief, due_day=7, **town.hands)
    assert isinstance(rounds, RoundsSeen)
    found = see_round(rounds.rounds[0].id, town.chief, part="items", **town.hands)
    assert isinstance(found, RoundSeen)
    return found


def _item(scene: Scene, why: str) -> str:
    return next(one.item.id for one in _round(scene).items if one.item.why == why)
