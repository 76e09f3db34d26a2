"""The races: for each, two acts, and what must be true afterwards whoever came first.

Every race is prepared anew for each round, in one case, with the clock moved on in between.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any

import sqlalchemy
from sqlalchemy import func, select, update

from app.domain.actor import Actor
from app.domain.approval import ApprovalAnswer
from app.domain.ids import new_id
from app.domain.protection import LoweringTerms
from app.domain.subject import Identity
from app.flows.answer_approval import ApprovalAnswered, ApprovalNotAnswered, answer_approval
from app.flows.ask_approval import (
    ApprovalAsked,
    ApprovalNotAsked,
    ApprovalNotWithdrawn,
    ApprovalWithdrawn,
    ask_approval,
    withdraw_approval,
)
from app.flows.change_team import change_team
from app.flows.correct_identity import correct_identity
from app.flows.disclose_note import Disclosed, NotDisclosed, disclose_note
from app.flows.happened import happened
from app.flows.lower_protection import (
    ProtectionSeen,
    ask_lowering,
    see_protection,
    settle_lowering,
)
from app.flows.not_found import NotFound
from app.flows.receive_delivery import (
    DeliveryOpened,
    NotRegistered,
    Registered,
    list_deliveries,
    open_delivery,
    register_delivery,
)
from app.flows.record_consent import Withdrawn, withdraw_consent
from app.flows.stop_delivery import Stopped, TooLate, stop_delivery
from app.flows.write_note import NoteNotWritten, NoteWritten, correct_note
from app.keys import event_sealer
from app.records.case import case_member
from app.records.delivery import delivery
from app.records.disclosure import disclosure
from app.records.role_grant import end_role_grant, grants_of
from tests.flows.town import Town, hired

ADULT = date(2007, 5, 4)
At = Callable[[datetime], Any]


@dataclass
class Race:
    """Two acts, each given its own clock's reading, and what must hold of their answers."""

    one: At
    other: At
    check: Callable[[Any, Any], None]


@dataclass
class Scene:
    """A case with a note in it, and the ways to look at what a round has left."""

    town: Town
    case: str
    note: str
    undo: int = 120
    began: int = 0
    version: int = 1

    def hands(self, at: datetime) -> dict[str, Any]:
        return {**self.town.hands, "at": at}

    @property
    def karin(self) -> Actor:
        town = self.town
        return replace(
            town.karin, organisation=replace(town.karin.organisation, undo_seconds=self.undo)
        )

    @cached_property
    def other_chief(self) -> Actor:
        """A second one who leads the work, and reviews the log."""
        return hired(self.town, "Maj Lund", "soc", "supervisor")

    @cached_property
    def second_worker(self) -> Actor:
        """One more who can work in cases."""
        return hired(self.town, "Ida Wik", "soc", "case_worker")

    def new_round(self) -> None:
        self.town.later(minutes=10)
        self.began = len(self.town.entries())

    def order(self) -> list[str]:
        """What the log tells of this round in the sender's organisation, in its order."""
        return [entry.op for entry in self.town.entries()[self.began :]]

    def came_after(self, late: str, early: str) -> bool:
        order = self.order()
        return late in order and early in order and order.index(late) > order.index(early)

    def there(self, made: Any) -> int:
        """How many deliveries there are of a disclosure."""
        with self.town.store.look(at=self.town.at) as tx:
            return tx.execute(
                select(func.count())
                .select_from(delivery.join(disclosure, disclosure.c.delivery_id == delivery.c.id))
                .where(disclosure.c.id == made.disclosure_id)
            ).scalar_one()

    def disclose(self, order: Any, at: datetime, actor: Actor | None = None) -> Any:
        # The same version goes many times to the same recipient here, and that is meant.
        return disclose_note(replace(order, again=True), actor or self.karin, **self.hands(at))


def disclosing_and_withdrawing(scene: Scene) -> Race:
    """Nothing that rests on a consent leaves after it is withdrawn, nor stays on its way."""
    consent = scene.town.consent(scene.case, "school")
    order = scene.town.order(scene.note, "school", "care_or_support", version=scene.version)

    def check(made: Any, withdrawn: Any) -> None:
        assert isinstance(withdrawn, Withdrawn)
        assert not scene.came_after("note.disclosed", "consent.withdrawn"), scene.order()
        if isinstance(made, Disclosed):
            assert (withdrawn.stopped, withdrawn.already_arrived) in ((1, 0), (0, 1))
            assert scene.there(made) == withdrawn.already_arrived
            assert scene.undo == 0 or withdrawn.stopped
        else:
            assert isinstance(made, NotDisclosed)
            assert scene.came_after("note.disclosure_refused", "consent.withdrawn")

    return Race(
        lambda at: scene.disclose(order, at),
        lambda at: withdraw_consent(scene.case, consent, scene.karin, **scene.hands(at)),
        check,
    )


def disclosing_and_correcting(scene: Scene) -> Race:
    """What leaves is what the note said when it left."""
    town = scene.town
    order = town.assessed(scene.case, scene.note, version=scene.version)
    draft = town.draft(scene.case, text=f"Rättad, {scene.version + 1}.")

    def check(made: Any, corrected: Any) -> None:
        assert isinstance(corrected, NoteWritten)
        scene.version = corrected.version
        assert not scene.came_after("note.disclosed", "note.corrected"), scene.order()
        if isinstance(made, NotDisclosed):
            assert made.reason == "newer_version"
        else:
            assert isinstance(made, Disclosed)

    seen = scene.version
    return Race(
        lambda at: scene.disclose(order, at),
        lambda at: correct_note(scene.note, seen, draft, scene.karin, token="", **scene.hands(at)),
        check,
    )


def the_same_form_twice(scene: Scene) -> Race:
    """One disclosure, one delivery, one answer."""
    token = new_id(scene.town.at)
    order = scene.town.assessed(scene.case, scene.note, version=scene.version, token=token)

    def check(made: Any, again: Any) -> None:
        assert isinstance(made, Disclosed)
        assert made == again
        assert sorted(scene.order()) == ["note.disclosed", "note.disclosure_repeated"]
        assert scene.there(made) == 1

    return Race(lambda at: scene.disclose(order, at), lambda at: scene.disclose(order, at), check)


def stopping_twice(scene: Scene) -> Race:
    """It is stopped once."""
    made = scene.disclose(
        scene.town.assessed(scene.case, scene.note, version=scene.version), scene.town.at
    )

    def check(one: Any, other: Any) -> None:
        assert {type(one), type(other)} == {Stopped}
        assert sorted(scene.order()[1:]) == ["delivery.stop_repeated", "delivery.stopped"]
        assert scene.there(made) == 0

    return Race(_stop(scene, made), _stop(scene, made), check)


def _stop(scene: Scene, made: Any) -> At:
    return lambda at: stop_delivery(made.disclosure_id, scene.karin, **scene.hands(at))


def stopping_and_opening(scene: Scene) -> Race:
    """What somebody has been shown is never made to vanish, and what is stopped is not shown."""
    return _stopping_while_it_arrives(scene, _open)


def stopping_and_listing(scene: Scene) -> Race:
    """The list of what has arrived shows titles and persons, so it counts as being shown."""
    return _stopping_while_it_arrives(scene, _listed)


def _stopping_while_it_arrives(scene: Scene, look: Callable[..., bool]) -> Race:
    town = scene.town
    sent = town.assessed(scene.case, scene.note, version=scene.version)
    made = scene.disclose(sent, town.at)
    town.at = made.arrives_at
    id_ = _delivery_of(town, made)

    def check(stopped: Any, shown: Any) -> None:
        if shown:
            assert isinstance(stopped, TooLate)
        assert scene.there(made) == (1 if isinstance(stopped, TooLate) else 0)

    # The sender's clock was read just before it arrived, the recipient's just after.
    return Race(
        lambda at: _stop(scene, made)(at - timedelta(milliseconds=500)),
        lambda at: look(town, id_, at + timedelta(milliseconds=500)),
        check,
    )


def _open(town: Town, id_: str, at: datetime) -> bool:
    return isinstance(open_delivery(id_, town.sara, **{**town.hands, "at": at}), DeliveryOpened)


def _listed(town: Town, id_: str, at: datetime) -> bool:
    found = list_deliveries(town.sara, **{**town.hands, "at": at})
    return id_ in {one.id for one in found}


def _delivery_of(town: Town, made: Any) -> str:
    with town.store.look(at=town.at) as tx:
        asked = select(disclosure.c.delivery_id).where(disclosure.c.id == made.disclosure_id)
        return tx.execute(asked).scalar_one()


def registering_twice(scene: Scene) -> Race:
    """It gets one number."""
    town = scene.town
    made = scene.disclose(town.assessed(scene.case, scene.note, version=scene.version), town.at)
    town.later(minutes=5)
    id_ = _delivery_of(town, made)
    began = len(town.entries("police"))

    def check(one: Any, other: Any) -> None:
        assert {type(one), type(other)} == {Registered, NotRegistered}
        ops = [entry.op for entry in town.entries("police")[began:]]
        assert ops == ["delivery.registered", "delivery.register_repeated"]

    def register(number: str) -> At:
        return lambda at: register_delivery(id_, number, town.sara, **scene.hands(at))

    return Race(register("A 2026/77"), register("A 2026/78"), check)


def disclosing_and_leaving_the_team(scene: Scene) -> Race:
    """Who has left the case team discloses nothing from it."""
    town = scene.town
    order = town.assessed(scene.case, scene.note, version=scene.version)

    def leave(at: datetime) -> None:
        with town.store.begin(at=at) as tx:
            event = happened("case.member_left", "allow", town.chief, at=at, case=scene.case)
            tx.execute(
                update(case_member)
                .where(case_member.c.case_id == scene.case, case_member.c.member_to.is_(None))
                .values(member_to=at)
            )
            tx.record(event, sealer=event_sealer(town.rings.current("soc"), None))

    def check(made: Any, _left: None) -> None:
        again(town, "UPDATE case_member SET member_to = NULL")
        assert isinstance(made, Disclosed | NotFound)
        assert not scene.came_after("note.disclosed", "case.member_left"), scene.order()

    return Race(lambda at: scene.disclose(order, at), leave, check)


def again(town: Town, statement: str) -> None:
    """As it was, for the next round."""
    with town.store.engine.begin() as connection:
        connection.execute(sqlalchemy.text(statement))


def disclosing_and_losing_the_role(scene: Scene) -> Race:
    """Who has lost their role discloses nothing more, though they were let in before."""
    town = scene.town
    sealer = event_sealer(town.rings.current("soc"), None)
    with town.store.look(at=town.at) as tx:
        (grant,) = grants_of(tx, town.karin.staff_id)
    order = town.assessed(scene.case, scene.note, version=scene.version)

    def end(at: datetime) -> None:
        with town.store.begin(at=at) as tx:
            ended = happened("role.ended", "allow", town.chief, at=at)
            assert end_role_grant(tx, grant.id, at=at, entry_id=ended.id)
            tx.record(ended, sealer=sealer)

    def check(made: Any, _ended: None) -> None:
        again(town, "UPDATE role_grant SET ended_at = NULL, ended_audit_id = NULL")
        assert isinstance(made, Disclosed | NotFound)
        assert not scene.came_after("note.disclosed", "role.ended"), scene.order()

    return Race(lambda at: scene.disclose(order, at), end, check)


def disclosing_and_learning_of_protection(scene: Scene) -> Race:
    """Once the log tells that a person is protected, nothing leaves as if they were not."""
    town = scene.town
    subject = town.subject_of(scene.case)
    order = town.assessed(scene.case, scene.note, version=scene.version)
    open_ = Identity(name="Vera Exempelsson", born=date(2009, 5, 4), protected="no")
    correct_identity(scene.case, subject, open_, town.karin, **town.hands)
    _take_mark_away(scene, subject)
    scene.began = len(town.entries())
    protected = replace(open_, protected="yes")

    def check(made: Any, _learned: Any) -> None:
        if isinstance(made, Disclosed) and scene.came_after("note.disclosed", "person.corrected"):
            assert _told_protected(town, made), "the copy says that nobody is protected"

    return Race(
        lambda at: scene.disclose(order, at),
        lambda at: correct_identity(scene.case, subject, protected, scene.karin, **scene.hands(at)),
        check,
    )


def _take_mark_away(scene: Scene, subject: str) -> None:
    """What the round before learnt, forgotten by two persons."""
    town, hands = scene.town, scene.town.hands
    change_team(scene.case, town.per.staff_id, "let_in", town.chief, **hands)
    terms = LoweringTerms(to="no", reason="Skatteverket meddelade att skyddet har upphört.")
    ask_lowering(scene.case, subject, terms, town.karin, **hands)
    found = see_protection(scene.case, subject, town.per, **hands)
    if isinstance(found, ProtectionSeen) and found.waits and found.lowering:
        settle_lowering(scene.case, subject, found.lowering.id, "lowered", town.per, **hands)


def _told_protected(town: Town, made: Any) -> bool:
    found = list_deliveries(town.sara, **{**town.hands, "at": made.arrives_at})
    id_ = _delivery_of(town, made)
    (one,) = (one for one in found if one.id == id_)
    return one.head.persons[0].protected == "yes"


def correcting_twice(scene: Scene) -> Race:
    """Two who correct the same version: one of them is told, and nothing is overwritten."""
    town, seen = scene.town, scene.version
    draft = town.draft(scene.case, text=f"Rättad, {seen + 1}.")

    def correct(at: datetime) -> Any:
        return correct_note(scene.note, seen, draft, scene.karin, token="", **scene.hands(at))

    def check(one: Any, other: Any) -> None:
        assert {type(one), type(other)} == {NoteWritten, NoteNotWritten}
        assert sorted(scene.order()) == ["note.corrected", "note.write_refused"]
        scene.version = seen + 1

    return Race(correct, correct, check)


def answering_and_taking_back(scene: Scene) -> Race:
    """A question of approval is answered or taken back, and never both."""
    asked = ask(scene, scene.town.at)
    assert isinstance(asked, ApprovalAsked)

    def check(answered: Any, withdrawn: Any) -> None:
        kinds = (type(answered), type(withdrawn))
        assert kinds in (
            (ApprovalAnswered, ApprovalNotWithdrawn),
            (ApprovalNotAnswered, ApprovalWithdrawn),
        )
        again(scene.town, "DELETE FROM approval")

    answer = ApprovalAnswer(answer="yes", reasons="Behövs.")
    return Race(
        lambda at: answer_approval(asked.approval_id, answer, scene.town.chief, **scene.hands(at)),
        lambda at: withdraw_approval(asked.approval_id, scene.karin, **scene.hands(at)),
        check,
    )


def asking_twice(scene: Scene) -> Race:
    """Two who ask the same at once put one question."""

    def check(one: Any, other: Any) -> None:
        assert {type(one), type(other)} == {ApprovalAsked, ApprovalNotAsked}
        assert sorted(scene.order()) == ["approval.ask_refused", "approval.asked"]
        again(scene.town, "DELETE FROM approval")

    return Race(lambda at: ask(scene, at), lambda at: ask(scene, at), check)


def ask(scene: Scene, at: datetime) -> Any:
    town = scene.town
    answers = dict.fromkeys(("needed_for_purpose", "no_predominant_reasons"), "yes")
    order = town.order(
        scene.note,
        "rektor",
        answers=answers,
        about=town.subject_of(scene.case),
        version=scene.version,
    )
    return ask_approval(order, scene.karin, **scene.hands(at))


RACES = (
    answering_and_taking_back,
    asking_twice,
    disclosing_and_withdrawing,
    disclosing_and_correcting,
    the_same_form_twice,
    stopping_twice,
    stopping_and_opening,
    stopping_and_listing,
    registering_twice,
    disclosing_and_leaving_the_team,
    disclosing_and_losing_the_role,
    disclosing_and_learning_of_protection,
    correcting_twice,
)
