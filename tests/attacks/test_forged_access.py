"""Somebody with the database's password gives a role, a place or a delegation to a friend."""

from __future__ import annotations

import sqlalchemy

from app.records.counted_statements import counted_statements
from tests.attacks.house import House

FORGED = (
    "INSERT INTO role_grant (id, staff_id, organisation_id, role, valid_from, audit_id) "
    "SELECT :id, account.staff_id, organisation.id, 'supervisor', '2020-01-01', "
    "organisation.audit_id "
    "FROM account, organisation WHERE account.username = :who AND organisation.id = :where"
)


def forge(house: House, who: str) -> None:
    where = house.organisations["soc"]
    values = {"id": "0" * 36, "who": who, "where": where}
    with house.opened.store.engine.begin() as connection:
        assert connection.execute(sqlalchemy.text(FORGED), values).rowcount == 1


def test_whoever_signs_in_with_a_role_written_by_hand_is_told_and_gets_nowhere(
    house: House,
) -> None:
    forge(house, "karin")
    karin = house.as_("karin")
    page = karin.get("/valj-organisation").get_data(as_text=True)
    assert "annorlunda i databasen än i loggen" in page
    assert karin.get("/").status_code == 303


def test_a_role_written_by_hand_while_somebody_is_signed_in_stops_them(house: House) -> None:
    karin = house.as_("karin")
    assert karin.get("/").status_code == 200
    forge(house, "karin")
    assert karin.get("/").status_code == 303
    assert karin.get("/loggkontroll").status_code == 303


def test_the_roles_of_a_session_are_held_to_the_log_now_and_then(house: House) -> None:
    karin, store = house.as_("karin"), house.opened.store
    karin.get("/")
    with counted_statements(store) as soon:
        karin.get("/")
    house.later(minutes=6)
    with counted_statements(store) as after:
        karin.get("/")
    assert len(after.queries) == len(soon.queries) + 2
