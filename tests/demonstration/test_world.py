"""Who is in the demonstration world, what each of them finds there, and what nobody finds."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.demonstration.build import build_world
from app.demonstration.invented import PEOPLE, YOUNG, Invented
from app.demonstration.moments import Moment, working_day_before
from app.demonstration.organisations import ORGANISATIONS
from app.demonstration.staff import PASSWORD, STAFF
from app.domain.legal_day import birthday
from app.domain.personal_number import parse_personal_number
from app.flows.list_cases import list_cases
from app.flows.not_found import NotFound
from app.flows.read_notes import read_notes
from app.flows.receive_delivery import list_deliveries
from app.flows.review_trail import Trail, review_trail
from app.flows.view_case import CasePage, view_case
from app.identity.password import problems_with_password
from audit.check import Checked

DAYS = st.dates(min_value=date(2026, 1, 1), max_value=date(2032, 12, 31))


def cases_of(visit, username):
    own = list_cases(visit.as_(username), **_without_law(visit))
    return [one.case.id for one in own]


def _without_law(visit):
    return {name: value for name, value in visit.hands.items() if name != "law"}


def test_karin_has_several_cases_with_several_notes_each(visit) -> None:
    karin = visit.as_("karin")
    pages = [view_case(case, karin, **visit.hands) for case in cases_of(visit, "karin")]
    assert 4 <= len(pages) <= 5
    assert all(len(page.notes) >= 3 for page in pages)


def test_nobody_but_karin_finds_karins_cases(visit) -> None:
    karins = cases_of(visit, "karin")
    notes = {
        case: [note.id for note in view_case(case, visit.as_("karin"), **visit.hands).notes]
        for case in karins
    }
    for employee in STAFF:
        if employee.username == "karin":
            continue
        actor = visit.as_(employee.username, employee.organisations[0])
        assert not set(karins) & set(cases_of(visit, employee.username))
        for case in karins:
            assert view_case(case, actor, **visit.hands) == NotFound()
            assert read_notes(case, notes[case], actor, **visit.hands) == NotFound()


def test_sara_has_new_deliveries_and_one_that_is_registered_and_filed(visit) -> None:
    listed = list_deliveries(visit.as_("sara"), **visit.hands)
    assert [one.head.title for one in listed if one.acknowledged_at is None] == [
        "Skuld och nya uppdrag",
        "Rutorna i slöjdsalen",
    ]
    (filed,) = (one for one in listed if one.filed_case_id)
    assert filed.registered_as == "LPO 2026/118"


def test_a_delivery_to_leisure_carries_the_warning_that_secrecy_does_not_follow(visit) -> None:
    (arrived,) = list_deliveries(visit.as_("nadja"), **visit.hands)
    assert not arrived.head.secrecy_follows


def test_karin_sees_what_was_stopped_received_and_withdrawn(visit) -> None:
    karin = visit.as_("karin")
    elliot = view_case(visit.world.cases["elliot"], karin, **visit.hands)
    malte = view_case(visit.world.cases["malte"], karin, **visit.hands)
    assert isinstance(elliot, CasePage)
    assert len(elliot.acknowledged) == 2
    assert [one.withdrawn_at is not None for one in elliot.consents].count(True) == 1
    assert {one.state(visit.hands["at"]) for one in malte.disclosures} == {"stopped", "arrived"}


def test_the_supervisors_trail_tells_of_it_all_and_every_row_is_verified(visit) -> None:
    trail = review_trail(
        visit.world.cases["elliot"],
        visit.as_("birgitta"),
        log_keys=visit.house.log_keys,
        **visit.hands,
    )
    assert isinstance(trail, Trail)
    before = [row for row in trail.rows if row.entry.at < visit.hands["at"]]
    assert all(isinstance(row.check, Checked) for row in before)
    assert {row.entry.op for row in before} >= {
        "case.started",
        "note.written",
        "note.corrected",
        "note.read",
        "note.disclosed",
        "note.disclosure_refused",
        "consent.recorded",
        "consent.withdrawn",
        "delivery.filed",
        "trail.reviewed",
    }


def test_events_lie_on_recent_working_days_and_none_in_the_future(visit) -> None:
    trail = review_trail(
        visit.world.cases["elliot"],
        visit.as_("birgitta"),
        log_keys=visit.house.log_keys,
        **visit.hands,
    )
    times = [row.entry.at for row in trail.rows]
    now = visit.hands["at"]
    assert max(times) <= now
    assert min(times) > now - timedelta(days=30)
    assert {at.weekday() for at in times} <= {0, 1, 2, 3, 4}


def test_there_is_somebody_in_every_role_and_in_every_organisation(visit) -> None:
    assert {role for one in STAFF for role in (one.role, *one.beside)} == set(
        visit.house.law.vocabulary.roles
    )
    assert {one.id for one in ORGANISATIONS} == {
        place for employee in STAFF for place in employee.organisations
    }


def test_the_list_of_recipients_can_be_read_at_a_glance() -> None:
    assert 16 <= len(ORGANISATIONS) <= 20
    assert len({one.name for one in ORGANISATIONS}) == len(ORGANISATIONS)


def test_there_are_about_a_dozen_young_people_of_ages_that_matter() -> None:
    assert 10 <= len(YOUNG) <= 14
    assert {13, 15, 17, 19, 20, 22, None} <= {one.age for one in YOUNG.values()}
    assert [one.name for one in YOUNG.values() if one.protected == "yes"] == ["Alva Skärmon"]


def test_everybodys_password_could_be_a_password() -> None:
    for employee in STAFF:
        assert problems_with_password(PASSWORD, username=employee.username) == []


@given(on=DAYS, one=st.sampled_from(sorted(PEOPLE)))
def test_everybody_has_their_age_on_the_day_the_world_is_made(on, one) -> None:
    invented = PEOPLE[one]
    born = invented.identity(on).born
    if invented.age is None:
        assert born is None
        return
    assert birthday(born, invented.age) <= on < birthday(born, invented.age + 1)


@given(on=DAYS, one=st.sampled_from(sorted(PEOPLE)))
def test_a_number_is_a_test_number_of_the_birth_date_or_missing(on, one) -> None:
    identity = PEOPLE[one].identity(on)
    if identity.number is None:
        assert identity.born is None or not 1980 <= identity.born.year <= 2013
        return
    assert identity.number == parse_personal_number(identity.number.digits, on=on)
    assert identity.number.born == identity.born
    assert identity.number.digits[8:11] in {"238", "239"}


def test_two_people_never_have_the_same_number() -> None:
    on = date(2026, 11, 23)
    numbers = [one.identity(on).number for one in PEOPLE.values()]
    given_numbers = [number.digits for number in numbers if number]
    assert len(given_numbers) > 10
    assert all(a != b for a, b in itertools.combinations(given_numbers, 2))


def test_someone_whose_birthday_would_be_a_leap_day_is_born_the_day_before() -> None:
    one = Invented(name="Skott Dagsson", woman=False, age=16, days=0)
    assert one.identity(date(2028, 2, 29)).born == date(2012, 2, 28)


@given(today=DAYS, days=st.integers(min_value=1, max_value=30))
def test_a_moment_is_on_a_working_day_before_today(today, days) -> None:
    day = working_day_before(today, days)
    assert day < today
    assert day.weekday() < 5
    between = [day + timedelta(days=n) for n in range((today - day).days)]
    assert sum(one.weekday() < 5 for one in between) == days


def test_a_moment_follows_the_clock_in_sweden_over_the_change_to_winter_time() -> None:
    monday = datetime(2026, 10, 26, 12, tzinfo=UTC)
    assert Moment(1, "09:00").at(monday) == datetime(2026, 10, 23, 7, tzinfo=UTC)


def test_a_moment_today_is_refused_because_it_may_be_in_the_future() -> None:
    with pytest.raises(ValueError, match="at least one working day ago"):
        Moment(0, "08:00")


@pytest.mark.parametrize(
    "now", [datetime(2027, 3, 1, 0, 5, tzinfo=UTC), datetime(2028, 2, 29, 22, tzinfo=UTC)]
)
def test_the_world_can_be_made_on_another_day(tmp_path, now) -> None:
    world = build_world(tmp_path, port=8000, now=now)
    assert len(world.notes) > 20
