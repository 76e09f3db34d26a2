"""Signals from a real log: what makes one, who sees it, and that the answer is kept."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy

from app.domain.emergency import parse_reason
from app.domain.ids import new_id
from app.domain.organisation import Period
from app.domain.staff import RoleGrant
from app.domain.subject import Identity
from app.flows.happened import happened
from app.flows.not_found import NotFound
from app.flows.open_in_emergency import confirm_opening, list_openings, open_in_emergency
from app.flows.read_notes import read_notes
from app.flows.review_emergency import Reviewed, review_opening, see_openings
from app.flows.review_signals import (
    SHOWN,
    SignalAnswered,
    SignalsSeen,
    answer_signal,
    see_signals,
)
from app.flows.start_case import start_case
from app.flows.view_case import view_case
from app.keys import event_sealer
from app.records.role_grant import end_role_grant, grants_of, insert_role_grant

WHY = "Pojken är försvunnen och hans mamma är på väg hit."
REMARK = "Karin hade jour den kvällen."


def seen(town, who="chief") -> SignalsSeen:
    found = see_signals(getattr(town, who), **town.hands)
    assert isinstance(found, SignalsSeen)
    return found


def kinds(town) -> list[str]:
    return [line.signal.kind for line in seen(town).lines]


def test_ordinary_work_gives_no_signal(town) -> None:
    case = town.case()
    note = town.note(case)
    for _ in range(3):
        read_notes(case, [note], town.karin, **town.hands)
    assert kinds(town) == []


def test_an_emergency_opening_is_a_signal(town) -> None:
    town.case()
    open_in_emergency("SN 2026/0001", WHY, town.per, token="", **town.hands)
    assert kinds(town) == ["emergency"]


def test_asking_to_open_a_protected_case_is_no_reading_of_it_and_confirming_no_opening(
    town,
) -> None:
    identity = Identity(name="Vilma Skyddsson", born=None, protected="yes")
    start_case(identity, "SN 2026/0001", town.karin, token="", **town.hands)
    open_in_emergency("SN 2026/0001", WHY, town.per, token="", **town.hands)
    waiting = list_openings(town.chief, **town.hands).waiting
    confirm_opening(waiting[0].opening.terms.id, town.chief, **town.hands)
    found = seen(town)
    assert [(line.signal.kind, line.signal.staff_id) for line in found.lines] == [
        ("emergency", town.per.staff_id)
    ]


def test_reading_at_night_is_a_signal_and_the_polices_is_not(town) -> None:
    case, theirs = town.case(), town.case(town.sara, reference="A 2026/1")
    town.later(hours=14)
    view_case(case, town.karin, **town.hands)
    view_case(theirs, town.sara, **town.hands)
    assert kinds(town) == ["outside_schedule"]


def test_reading_at_night_is_no_signal_for_one_who_is_on_call(town) -> None:
    case = town.case()
    grant = RoleGrant(
        id=new_id(town.at),
        staff_id=town.karin.staff_id,
        organisation_id="soc",
        role="on_call",
        period=Period(valid_from=town.at.date(), valid_until=town.at.date()),
    )
    event = happened("role.granted", "allow", town.chief, at=town.at)
    with town.store.begin(at=town.at) as tx:
        insert_role_grant(tx, grant, entry_id=event.id)
        tx.record(event, sealer=event_sealer(town.rings.current("soc"), None))
    town.later(hours=13)
    view_case(case, town.karin, **town.hands)
    assert kinds(town) == []
    town.later(days=1)
    view_case(case, town.karin, **town.hands)
    assert kinds(town) == ["outside_schedule"]


def test_a_rare_surname_is_compared_in_memory_and_told_nowhere(town) -> None:
    case = town.case(town.per, name="Vera Ek")
    note = town.note(case, town.per)
    read_notes(case, [note], town.per, **town.hands)
    assert kinds(town) == ["rare_surname"]
    with town.store.look(at=town.at) as tx:
        rows = tx.execute(sqlalchemy.text("SELECT entry FROM audit_leaf")).all()
    assert not any("rare_surname" in bytes(row.entry).decode() for row in rows)


def test_a_surname_is_as_rare_as_it_is_in_all_the_cases_and_not_in_those_that_were_read(
    town,
) -> None:
    """Three cases are few enough to be rare; the fourth is one that nobody has opened for years."""
    for number, name in enumerate(("Åke Ek", "Ylva Ek", "Olle Ek", "Ulla Ek")):
        read = town.case(town.per, name=name, reference=f"SN 2024/000{number}")
        if number == 2:
            view_case(read, town.per, **town.hands)
            assert set(kinds(town)) == {"rare_surname"}
    town.later(days=365)
    view_case(read, town.per, **town.hands)
    assert "rare_surname" not in kinds(town)


def test_one_who_has_left_is_still_known_by_name(town) -> None:
    view_case(town.case(town.per, name="Vera Ek"), town.per, **town.hands)
    event = happened("role.ended", "allow", town.chief, at=town.at)
    with town.store.begin(at=town.at) as tx:
        for grant in grants_of(tx, town.per.staff_id):
            end_role_grant(tx, grant.id, at=town.at, entry_id=event.id)
        tx.record(event, sealer=event_sealer(town.rings.current("soc"), None))
    town.later(hours=1)
    assert kinds(town) == ["rare_surname"]


def test_repeated_refusals_are_a_signal(town) -> None:
    case = town.case()
    for _ in range(5):
        view_case(case, town.per, **town.hands)
    found = seen(town)
    assert [line.signal.kind for line in found.lines] == ["repeated_refusals"]
    assert found.lines[0].signal.count == 5


def test_another_organisation_sees_none_of_it(town) -> None:
    town.case()
    open_in_emergency("SN 2026/0001", WHY, town.per, token="", **town.hands)
    for who in ("karin", "sara"):
        assert isinstance(see_signals(getattr(town, who), **town.hands), NotFound)


def test_an_answer_is_kept_and_the_signal_moves_down(town) -> None:
    case = town.case()
    town.later(hours=14)
    view_case(case, town.karin, **town.hands)
    key = seen(town).lines[0].key
    assert answer_signal(key, "justified", REMARK, town.chief, **town.hands) == SignalAnswered()
    line = seen(town).lines[0]
    assert line.answer is not None
    assert (line.answer.verdict, line.remark) == ("justified", REMARK)
    # A second answer changes nothing.
    answer_signal(key, "remark", "Jag ångrar mig nu.", town.chief, **town.hands)
    assert seen(town).lines[0].remark == REMARK
    assert "signal.answer_repeated" in town.ops()


def test_an_emergency_opening_is_answered_in_one_place(town) -> None:
    town.case()
    open_in_emergency("SN 2026/0001", WHY, town.per, token="", **town.hands)
    line = seen(town).lines[0]
    answered = answer_signal(line.key, "remark", REMARK, town.chief, **town.hands)
    assert isinstance(answered, NotFound)
    [opening] = see_openings(town.chief, **town.hands).lines
    assert line.opening_id == opening.opening.terms.id
    reviewed = review_opening(line.opening_id, "justified", REMARK, town.chief, **town.hands)
    assert reviewed == Reviewed()
    line = seen(town).lines[0]
    assert line.answer is not None
    assert (line.answer.verdict, line.answer.answered_by, line.remark) == (
        "justified",
        town.chief.staff_id,
        REMARK,
    )


def test_a_later_opening_of_the_same_case_has_an_answer_of_its_own(town) -> None:
    town.case()
    open_in_emergency("SN 2026/0001", WHY, town.per, token="", **town.hands)
    first = seen(town).lines[0]
    assert first.opening_id is not None
    review_opening(first.opening_id, "justified", REMARK, town.chief, **town.hands)
    town.later(hours=26)
    open_in_emergency("SN 2026/0001", WHY, town.per, token="b", **town.hands)
    assert [one.answer is None for one in seen(town).lines] == [True, False]


def test_nobody_answers_a_signal_of_their_own(town) -> None:
    case = town.case(town.chief, name="Nora Norrby")
    town.later(hours=14)
    view_case(case, town.chief, **town.hands)
    key = next(one.key for one in seen(town).lines if one.signal.kind == "outside_schedule")
    assert isinstance(answer_signal(key, "justified", REMARK, town.chief, **town.hands), NotFound)
    assert town.ops()[-1] == "signal.not_found"


def test_a_signal_that_is_not_there_cannot_be_answered(town) -> None:
    answered = answer_signal("emergency|x|y|2026-01-01", "justified", "", town.chief, **town.hands)
    assert isinstance(answered, NotFound)


def test_old_signals_are_not_shown(town) -> None:
    town.case()
    open_in_emergency("SN 2026/0001", WHY, town.per, token="", **town.hands)
    town.at += SHOWN
    assert kinds(town) == ["emergency"]
    town.at += timedelta(seconds=1)
    assert kinds(town) == []


def test_each_look_is_an_entry(town) -> None:
    seen(town)
    assert town.ops()[-1] == "signal.listed"


def test_the_number_of_queries_does_not_grow(town) -> None:
    def queries() -> int:
        asked: list[int] = []

        def count(*_: object) -> None:
            asked.append(1)

        sqlalchemy.event.listen(town.store.engine, "before_cursor_execute", count)
        try:
            seen(town)
        finally:
            sqlalchemy.event.remove(town.store.engine, "before_cursor_execute", count)
        return len(asked)

    town.case()
    open_in_emergency("SN 2026/0001", WHY, town.per, token="", **town.hands)
    few = queries()
    for number in range(8):
        town.case(reference=f"SN 2026/200{number}")
        open_in_emergency(f"SN 2026/200{number}", WHY, town.per, token="", **town.hands)
    # Where the time begins is found by halving the log, which has grown.
    assert queries() <= few + 3


def test_the_reasons_here_are_long_enough_to_judge() -> None:
    assert parse_reason(WHY) == WHY
    assert parse_reason(REMARK) == REMARK
