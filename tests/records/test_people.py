"""Organisations, staff, their roles and what they may decide: kept as given, ended at once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select

from app.domain.ids import new_id
from app.domain.organisation import Organisation, Period
from app.domain.staff import Delegation, RoleGrant, StaffMember
from app.records.delegation import (
    delegations_held,
    delegations_of,
    end_delegation,
    insert_delegation,
)
from app.records.errors import StoreConflict, StoreFault
from app.records.organisation import all_organisations, insert_organisation, organisation_of
from app.records.role_grant import (
    end_role_grant,
    grants_of,
    insert_role_grant,
    role_grant,
    roles_of,
    staff_of,
    standings_of,
)
from app.records.staff import find_staff, insert_staff, staff_by_id
from app.records.store import Store
from app.records.transaction import Transaction
from audit.entry import Event
from audit.log import DetailSealer

TODAY = date(2026, 11, 23)
SOC = Organisation(
    id="soc",
    name="Socialtjänsten Sunne",
    kind="SOC",
    authority_id="social-board",
    authority_name="Socialnämnden i Sunne",
    municipality="Sunne",
    controller="Socialnämnden i Sunne kommun",
    authority_periods=(Period(valid_from=date(1992, 1, 1)),),
    own_secrecy=("OSL 26:1",),
)
SCHOOL = Organisation(
    id="school",
    name="Fryxellska friskolan",
    kind="SCHOOL_I",
    authority_id="school-company",
    authority_name="Fryxellska AB",
    municipality="Sunne",
    controller="Fryxellska AB",
    authority_periods=(Period(valid_from=date(2027, 1, 1), valid_until=date(2030, 6, 30)),),
    undo_seconds=0,
)
KARIN = StaffMember(id="karin", name="Karin Berg", title="socialsekreterare")
SARA = StaffMember(id="sara", name="Sara Lind", title="kommunpolis")

Act = Callable[[Callable[[Transaction, str], object]], object]


@pytest.fixture
def act(store: Store, at: datetime, an_event: Callable[..., Event], sealer: DetailSealer) -> Act:
    """Run one act with an entry of its own; the act is given the entry's id."""

    def run(step: Callable[[Transaction, str], object]) -> object:
        happened = an_event("register.changed")
        with store.begin(at=at) as tx:
            outcome = step(tx, happened.id)
            tx.record(happened, sealer=sealer)
        return outcome

    return run


@pytest.fixture
def people(act: Act) -> None:
    """Two organisations and two people without roles."""

    def add(tx: Transaction, entry_id: str) -> None:
        for organisation in (SOC, SCHOOL):
            insert_organisation(tx, organisation, entry_id=entry_id)
        for member in (KARIN, SARA):
            insert_staff(tx, member, entry_id=entry_id)

    act(add)


def a_grant(at: datetime, **given: object) -> RoleGrant:
    values: dict[str, object] = {
        "id": new_id(at),
        "staff_id": "karin",
        "organisation_id": "soc",
        "role": "case_worker",
        "period": Period(valid_from=date(2026, 1, 1)),
    }
    return RoleGrant(**(values | given))  # type: ignore[arg-type]


def a_delegation(at: datetime, **given: object) -> Delegation:
    values: dict[str, object] = {
        "id": new_id(at),
        "organisation_id": "soc",
        "staff_id": None,
        "role": "case_worker",
        "decision": "disclose",
        "item": "4.2",
        "period": Period(valid_from=date(2026, 1, 1)),
        "confirmed_at": at,
    }
    return Delegation(**(values | given))  # type: ignore[arg-type]


@pytest.mark.usefixtures("people")
def test_an_organisation_comes_back_as_it_was_given(store: Store, at: datetime) -> None:
    with store.look(at=at) as tx:
        assert organisation_of(tx, "school") == SCHOOL
        assert all_organisations(tx) == (SCHOOL, SOC)
        assert organisation_of(tx, "nowhere") is None


@pytest.mark.usefixtures("people")
def test_a_member_of_staff_comes_back_as_given(store: Store, at: datetime) -> None:
    with store.look(at=at) as tx:
        assert find_staff(tx, "karin") == KARIN
        assert staff_by_id(tx, ["sara", "karin", "nobody"]) == {"karin": KARIN, "sara": SARA}
        assert staff_by_id(tx, []) == {}


@pytest.mark.usefixtures("people")
def test_two_organisations_cannot_have_one_name(act: Act) -> None:
    twin = Organisation(**{**SOC.__dict__, "id": "soc-2"})
    with pytest.raises(StoreConflict):
        act(lambda tx, entry_id: insert_organisation(tx, twin, entry_id=entry_id))


@pytest.mark.usefixtures("people")
def test_a_role_in_an_organisation_that_does_not_exist_is_refused(act: Act, at: datetime) -> None:
    with pytest.raises(StoreFault):
        act(
            lambda tx, entry_id: insert_role_grant(
                tx, a_grant(at, organisation_id="nowhere"), entry_id=entry_id
            )
        )


@pytest.mark.parametrize(
    ("on", "held"),
    [
        (date(2026, 2, 28), False),
        (date(2026, 3, 1), True),
        (date(2026, 11, 23), True),
        (date(2026, 11, 24), False),
    ],
)
@pytest.mark.usefixtures("people")
def test_a_role_is_held_from_its_first_day_to_its_last(
    store: Store, act: Act, at: datetime, on: date, held: bool
) -> None:
    grant = a_grant(at, period=Period(valid_from=date(2026, 3, 1), valid_until=TODAY))
    act(lambda tx, entry_id: insert_role_grant(tx, grant, entry_id=entry_id))
    with store.look(at=at) as tx:
        roles = roles_of(tx, staff_id="karin", organisation_id="soc", on=on, at=at)
        assert (roles == {"case_worker"}) is held
        assert grant.holds(on=on, at=at) is held
        assert bool(standings_of(tx, "karin", on=on, at=at)) is held


@pytest.mark.usefixtures("people")
def test_a_role_that_is_ended_is_gone_in_the_same_instant_and_its_history_stays(
    store: Store, act: Act, at: datetime
) -> None:
    grant = a_grant(at)
    act(lambda tx, entry_id: insert_role_grant(tx, grant, entry_id=entry_id))
    assert act(lambda tx, entry_id: end_role_grant(tx, grant.id, at=at, entry_id=entry_id)) is True
    assert act(lambda tx, entry_id: end_role_grant(tx, grant.id, at=at, entry_id=entry_id)) is False
    earlier = at - timedelta(microseconds=1)
    with store.look(at=at) as tx:
        where = {"staff_id": "karin", "organisation_id": "soc", "on": TODAY}
        assert roles_of(tx, **where, at=at) == frozenset()
        assert roles_of(tx, **where, at=earlier) == {"case_worker"}
        assert [one.ended_at for one in grants_of(tx, "karin")] == [at]


@pytest.mark.usefixtures("people")
def test_a_persons_roles_are_told_apart_by_organisation(
    store: Store, act: Act, at: datetime
) -> None:
    for given in (
        {},
        {"role": "supervisor"},
        {"organisation_id": "school", "role": "coordinator"},
        {"staff_id": "sara", "role": "records_officer"},
    ):
        grant = a_grant(at, **given)
        act(lambda tx, entry_id, grant=grant: insert_role_grant(tx, grant, entry_id=entry_id))
    with store.look(at=at) as tx:
        assert standings_of(tx, "karin", on=TODAY, at=at) == (
            (SCHOOL, frozenset({"coordinator"})),
            (SOC, frozenset({"case_worker", "supervisor"})),
        )
        assert staff_of(tx, "soc", on=TODAY, at=at) == (
            (KARIN, frozenset({"case_worker", "supervisor"})),
            (SARA, frozenset({"records_officer"})),
        )


@pytest.mark.usefixtures("people")
def test_a_delegation_speaks_of_a_person_or_of_a_role(store: Store, act: Act, at: datetime) -> None:
    by_role, by_name = a_delegation(at), a_delegation(at, staff_id="sara", role=None, item="4.3")
    elsewhere = a_delegation(at, organisation_id="school")
    unconfirmed = a_delegation(at, confirmed_at=None, item="4.4")
    for one in (by_role, by_name, elsewhere, unconfirmed):
        act(lambda tx, entry_id, one=one: insert_delegation(tx, one, entry_id=entry_id))

    def held(staff_id: str, *roles: str) -> tuple[Delegation, ...]:
        with store.look(at=at) as tx:
            return delegations_held(
                tx,
                organisation_id="soc",
                staff_id=staff_id,
                roles=frozenset(roles),
                on=TODAY,
                at=at,
            )

    assert held("karin", "case_worker") == (by_role,)
    assert held("karin", "supervisor") == ()
    assert held("sara", "case_worker") == (by_role, by_name)
    assert held("sara", "supervisor") == (by_name,)


@pytest.mark.usefixtures("people")
def test_a_delegation_that_is_ended_gives_nothing_more_and_stays_in_the_list(
    store: Store, act: Act, at: datetime
) -> None:
    given = a_delegation(at)
    act(lambda tx, entry_id: insert_delegation(tx, given, entry_id=entry_id))
    assert act(lambda tx, entry_id: end_delegation(tx, given.id, at=at, entry_id=entry_id)) is True
    with store.look(at=at) as tx:
        roles = frozenset({"case_worker"})
        assert (
            delegations_held(
                tx, organisation_id="soc", staff_id="karin", roles=roles, on=TODAY, at=at
            )
            == ()
        )
        assert [one.ended_at for one in delegations_of(tx, "soc")] == [at]


@pytest.mark.usefixtures("people")
def test_an_ended_role_without_an_entry_that_tells_it_is_refused(
    store: Store, act: Act, at: datetime
) -> None:
    grant = a_grant(at)
    act(lambda tx, entry_id: insert_role_grant(tx, grant, entry_id=entry_id))
    with pytest.raises(StoreFault):
        act(lambda tx, _entry_id: tx.execute(role_grant.update().values(ended_at=at)))
    with store.look(at=at) as tx:
        assert tx.execute(select(role_grant.c.ended_at)).scalar_one() is None


def test_a_period_that_ends_before_it_begins_cannot_be_made() -> None:
    with pytest.raises(ValueError, match="before it begins"):
        Period(valid_from=TODAY, valid_until=TODAY - timedelta(days=1))


@pytest.mark.parametrize(
    ("on", "is_authority"),
    [
        (date(2026, 12, 31), False),
        (date(2027, 1, 1), True),
        (date(2030, 6, 30), True),
        (date(2030, 7, 1), False),
    ],
)
def test_an_independent_school_is_an_authority_from_the_day_the_law_says(
    on: date, is_authority: bool
) -> None:
    assert SCHOOL.is_authority(on) is is_authority


def test_an_undo_time_of_more_than_an_hour_is_refused() -> None:
    with pytest.raises(ValueError, match="undo time"):
        Organisation(**{**SOC.__dict__, "undo_seconds": 3601})


def test_a_delegation_names_a_person_or_a_role_and_not_both(at: datetime) -> None:
    with pytest.raises(ValueError, match="not both"):
        a_delegation(at, staff_id="karin", role="case_worker")
