"""Each detector at its boundary: what makes a signal, and what nearly does."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from app.signals import Access, Known, detect
from app.signals.access import Kind, KnownCase

MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
TUESDAY = datetime(2026, 3, 3, 9, 0, tzinfo=UTC)
"""No public holiday is a whole number of weeks after it, for some months."""


class Log:
    """Accesses added in any order and read in the order of time."""

    def __init__(self) -> None:
        self.acts: list[tuple[datetime, str, str | None, Kind, bool]] = []

    def act(
        self,
        at: datetime = MONDAY,
        *,
        who: str = "anna",
        case: str | None = "c1",
        kind: Kind = "read",
        override: bool = False,
    ) -> Log:
        self.acts.append((at, who, case, kind, override))
        return self

    def kinds(self, known: Known | None = None) -> list[str]:
        ordered = sorted(self.acts, key=lambda act: act[0])
        accesses = [
            Access(n=n, at=at, staff_id=who, case_id=case, kind=kind, override=override)
            for n, (at, who, case, kind, override) in enumerate(ordered)
        ]
        self.found = detect(accesses, known or Known())
        return [one.kind for one in self.found]


@pytest.fixture
def log() -> Log:
    return Log()


def days(count: float) -> timedelta:
    return timedelta(days=count)


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)


def test_an_emergency_opening_is_one_signal_for_its_four_hours(log: Log) -> None:
    log.act(override=True).act(MONDAY + minutes(239), override=True)
    assert log.kinds() == ["emergency"]


def test_reading_on_two_days_without_working_there_is_outside_usual_work(log: Log) -> None:
    log.act().act(MONDAY + days(1))
    assert log.kinds() == ["outside_usual_work"]


def test_reading_oneself_in_on_one_day_is_not(log: Log) -> None:
    assert log.act().act(MONDAY + minutes(90)).kinds() == []


@pytest.mark.parametrize(("apart", "expected"), [(56, ["outside_usual_work"]), (63, [])])
def test_coming_back_to_the_same_case_counts_for_two_months(
    log: Log, apart: int, expected: list[str]
) -> None:
    assert log.act().act(MONDAY + days(apart)).kinds() == expected


def test_a_case_a_week_that_one_does_nothing_in_is_seen_at_the_sixth(log: Log) -> None:
    for week in range(5):
        log.act(TUESDAY + days(7 * week), case=f"c{week}")
    assert log.kinds() == []
    assert log.act(TUESDAY + days(35), case="c5").kinds() == ["many_unworked"]


def test_cases_that_one_then_works_in_are_not_counted(log: Log) -> None:
    for week in range(8):
        log.act(TUESDAY + days(7 * week), case=f"c{week}")
        log.act(TUESDAY + days(7 * week + 2), case=f"c{week}", kind="work")
    assert log.kinds() == []


def test_six_cases_over_more_than_two_months_are_not_many(log: Log) -> None:
    for number in range(6):
        log.act(TUESDAY + days(14 * number), case=f"c{number}")
    assert log.kinds() == []


def test_an_emergency_opening_is_not_counted_among_them(log: Log) -> None:
    for week in range(6):
        log.act(TUESDAY + days(7 * week), case=f"c{week}", override=True)
    assert set(log.kinds()) == {"emergency"}


def test_reading_before_working_is_usual_work(log: Log) -> None:
    log.act().act(MONDAY + days(1)).act(MONDAY + days(14), kind="work")
    assert log.kinds() == []


def test_reading_after_old_work_is_not_usual_any_more(log: Log) -> None:
    log.act(MONDAY - days(61), kind="work").act().act(MONDAY + days(1))
    assert log.kinds() == ["outside_usual_work"]


def test_a_colleague_who_is_in_the_case_is_a_signal_unless_one_works_there(log: Log) -> None:
    known = Known(
        cases={"c1": KnownCase(names=frozenset({"bo ek"}))},
        staff_names={"anna": "anna dal", "bo": "bo ek"},
    )
    assert log.act().kinds(known) == ["colleague"]
    assert log.act(MONDAY + minutes(5), kind="work").kinds(known) == []


def test_ones_own_name_in_the_case_is_a_signal_even_if_one_works_there(log: Log) -> None:
    known = Known(
        cases={"c1": KnownCase(names=frozenset({"anna dal"}))}, staff_names={"anna": "anna dal"}
    )
    assert "colleague" in log.act().act(kind="work").kinds(known)


def test_a_declared_relation_is_a_signal_whatever_one_does(log: Log) -> None:
    known = Known(relations=frozenset({("anna", "c1")}))
    assert log.act(kind="work").kinds(known) == ["declared_relation"]
    assert Log().act(case="c2", kind="work").kinds(known) == []


@pytest.mark.parametrize(
    ("surname", "count", "expected"),
    [("skogsvret", 3, ["rare_surname"]), ("skogsvret", 4, []), ("andersson", 1, [])],
)
def test_a_shared_surname_is_a_signal_if_it_is_rare(
    log: Log, surname: str, count: int, expected: list[str]
) -> None:
    known = Known(
        cases={"c1": KnownCase(surnames=frozenset({surname}))},
        staff_names={"anna": f"anna {surname}"},
        surname_counts={surname: count},
    )
    assert log.act().kinds(known) == expected


@pytest.mark.parametrize(("cases", "expected"), [(12, ["many_cases"]), (11, [])])
def test_twelve_cases_in_half_an_hour_are_many(log: Log, cases: int, expected: list[str]) -> None:
    for number in range(cases):
        log.act(MONDAY - days(7), case=f"c{number}", kind="work")
        log.act(MONDAY + minutes(30 * number / 11), case=f"c{number}")
    assert log.kinds() == expected


def test_a_signal_about_many_cases_tells_how_many_they_came_to(log: Log) -> None:
    for n in range(20):
        log.act(MONDAY + minutes(n), case=f"c{n}")
    assert "many_cases" in log.kinds()
    assert [(one.n, one.count) for one in log.found if one.kind == "many_cases"] == [(11, 20)]


def test_whoever_registers_many_cases_does_not_look_into_many(log: Log) -> None:
    for n in range(20):
        log.act(MONDAY + minutes(n), case=f"c{n}", kind="work")
        log.act(MONDAY + minutes(n + 0.5), case=f"c{n}")
    assert log.kinds() == []


@pytest.mark.parametrize(
    ("local", "expected"),
    [
        ("2026-03-02T06:00", []),
        ("2026-03-02T05:59", ["outside_schedule"]),
        ("2026-03-02T19:59", []),
        ("2026-03-02T20:00", ["outside_schedule"]),
        ("2026-03-07T12:00", ["outside_schedule"]),
    ],
)
def test_office_hours_have_their_bounds(log: Log, local: str, expected: list[str]) -> None:
    at = datetime.fromisoformat(f"{local}+01:00").astimezone(UTC)
    assert log.act(at).kinds() == expected


@pytest.mark.parametrize(
    "day",
    ["01-01", "01-06", "04-03", "04-06", "05-01", "05-14", "06-19", "12-24", "12-25", "12-31"],
)
def test_the_offices_are_closed_on_public_holidays_and_their_eves(log: Log, day: str) -> None:
    at = datetime.fromisoformat(f"2026-{day}T10:00+01:00").astimezone(UTC)
    assert log.act(at).kinds() == ["outside_schedule"]


def test_what_has_come_in_and_is_in_no_case_yet_is_read_outside_the_schedule_too(log: Log) -> None:
    at = datetime(2026, 3, 2, 22, 30, tzinfo=UTC)
    assert log.act(at, case=None).kinds() == ["outside_schedule"]


def test_police_and_those_on_call_work_nights(log: Log) -> None:
    at = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
    assert log.act(at).kinds(Known(works_nights=frozenset({"anna"}))) == []


@pytest.mark.parametrize(
    ("last", "expected"),
    [(None, []), (date(2026, 3, 2), []), (date(2026, 3, 1), ["outside_schedule"])],
)
def test_one_on_call_has_the_days_of_that_call(
    log: Log, last: date | None, expected: list[str]
) -> None:
    at = datetime(2026, 3, 2, 22, 30, tzinfo=UTC)
    weeks = Known(on_call={"anna": ((date(2026, 2, 23), last),)})
    assert log.act(at).kinds(weeks) == expected


@pytest.mark.parametrize(("after", "expected"), [(30, []), (30.001, ["after_closing"])])
def test_a_month_after_closing_is_time_to_finish_for_one_who_worked_there(
    log: Log, after: float, expected: list[str]
) -> None:
    known = Known(cases={"c1": KnownCase(closed_at=MONDAY - days(after))})
    assert log.act(MONDAY - days(50), kind="work").act().kinds(known) == expected


def test_one_who_never_worked_in_a_closed_case_has_nothing_to_finish_there(log: Log) -> None:
    known = Known(cases={"c1": KnownCase(closed_at=MONDAY - days(3))})
    assert log.act().kinds(known) == ["after_closing"]


def test_finding_a_closed_file_to_disclose_it_is_work(log: Log) -> None:
    known = Known(cases={"c1": KnownCase(closed_at=MONDAY - days(90))})
    assert log.act().act(MONDAY + minutes(30), kind="work").kinds(known) == []


def test_protected_identity_read_by_one_who_does_not_work_there(log: Log) -> None:
    known = Known(cases={"c1": KnownCase(protected=True)})
    assert log.act().kinds(known) == ["protected"]
    assert log.act(MONDAY + minutes(5), kind="work").kinds(known) == []


@pytest.mark.parametrize(("tries", "expected"), [(5, ["repeated_refusals"]), (4, [])])
def test_five_refusals_within_the_hour_repeat(log: Log, tries: int, expected: list[str]) -> None:
    for number in range(tries):
        log.act(MONDAY + minutes(60 * number / 4), case=None, kind="refused")
    assert log.kinds() == expected


def test_a_supervisor_looks_into_many_cases_as_their_work(log: Log) -> None:
    known = Known(overseers=frozenset({"anna"}), cases={"c1": KnownCase(protected=True)})
    for number in range(20):
        log.act(MONDAY + minutes(number), case=f"c{number}")
    log.act(MONDAY + days(1))
    assert log.kinds(known) == []
