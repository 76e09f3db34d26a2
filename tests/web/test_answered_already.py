"""Two reviewers, one page: the second is told of the first, and loses nothing they wrote."""

from __future__ import annotations

import re

import pytest

from app.flows.open_in_emergency import open_in_emergency
from app.flows.view_case import view_case
from tests.web.test_trail_pages import words
from tests.web.town import Town

REMARK = "Det hör till uppgiften i ärendet."
LATE = "Jag såg det på ett annat sätt än kollegan gjorde."
WHY = "Pojken är försvunnen och hans mamma är på väg hit."
WHERE = {
    "signal": "/loggkontroll/signaler",
    "opening": "/loggkontroll/nodoppningar",
}


@pytest.fixture
def nightly(town: Town) -> Town:
    """A case that Karin read at night and Jonas opened in an emergency."""
    case = town.case()
    open_in_emergency("SN 2026/0417", WHY, town.actors["jonas"], token="", **town.hands)
    town.later(hours=13)
    view_case(case, town.actors["karin"], **town.hands)
    town.later(hours=11)
    return town


def _field(html: str, name: str) -> str:
    return re.findall(rf'name="{name}" value="([^"]+)"', html)[0]


def _late(answer) -> str:  # type: ignore[no-untyped-def]
    assert answer.status_code == 409
    return words(answer.get_data(as_text=True))


def test_a_signal_that_a_colleague_has_answered(nightly: Town, sign_in) -> None:  # type: ignore[no-untyped-def]
    chef, ombud = sign_in("chef"), sign_in("ombud")
    key = _field(chef.see(WHERE["signal"]), "signal")
    sent = {"signal": key, "verdict": "justified", "remark": REMARK}
    assert chef.post(WHERE["signal"], **sent).status_code == 303
    told = _late(ombud.post(WHERE["signal"], **(sent | {"remark": LATE})))
    assert "Eva Dahl har redan svarat på signalen, 2026-11-24 10:00." in told
    assert LATE in told
    assert not nightly.faults


def test_an_opening_that_a_colleague_has_reviewed(nightly: Town, sign_in) -> None:  # type: ignore[no-untyped-def]
    chef, ombud = sign_in("chef"), sign_in("ombud")
    opening = _field(chef.see(WHERE["opening"]), "opening")
    sent = {"opening": opening, "verdict": "justified", "remark": REMARK}
    assert chef.post(WHERE["opening"], **sent).status_code == 303
    told = _late(ombud.post(WHERE["opening"], **(sent | {"remark": LATE})))
    assert "Eva Dahl har redan gjort loggkontrollen av nödöppningen" in told
    assert LATE in told


def test_an_item_that_a_colleague_has_answered_or_asked_about(nightly: Town, sign_in) -> None:  # type: ignore[no-untyped-def]
    chef, ombud = sign_in("chef"), sign_in("ombud")
    chef.post("/loggkontroll/rundor")
    page = chef.see("/loggkontroll/rundor")
    (path,) = set(re.findall(r'href="(/loggkontroll/rundor/[0-9a-f-]{36})"', page))
    item = _field(chef.see(path), "item")
    assert chef.post(path, item=item, ask="1", question=REMARK).status_code == 303
    told = _late(ombud.post(path, item=item, ask="1", question=LATE))
    assert "Eva Dahl har redan ställt en fråga om posten" in told
    assert LATE in told
    assert chef.post(path, item=item, verdict="justified", remark=REMARK).status_code == 303
    for sent in ({"verdict": "remark", "remark": LATE}, {"ask": "1", "question": LATE}):
        told = _late(ombud.post(path, item=item, **sent))
        assert "Eva Dahl har redan svarat på posten" in told
        assert LATE in told


def test_the_same_press_twice_is_one_answer(nightly: Town, sign_in) -> None:  # type: ignore[no-untyped-def]
    chef = sign_in("chef")
    key = _field(chef.see(WHERE["signal"]), "signal")
    sent = {"signal": key, "verdict": "justified", "remark": REMARK}
    for _ in range(2):
        assert chef.post(WHERE["signal"], **sent).status_code == 303
    told = _late(chef.post(WHERE["signal"], **(sent | {"remark": LATE})))
    assert "Du har själv redan gjort det" in told
    assert LATE in told


def test_a_form_that_could_not_be_sent_comes_back_as_it_was(nightly: Town, sign_in) -> None:  # type: ignore[no-untyped-def]
    chef = sign_in("chef")
    key = _field(chef.see(WHERE["signal"]), "signal")
    opening = _field(chef.see(WHERE["opening"]), "opening")
    chef.post("/loggkontroll/rundor")
    rounds = chef.see("/loggkontroll/rundor")
    (round_,) = set(re.findall(r'href="(/loggkontroll/rundor/[0-9a-f-]{36})"', rounds))
    item = _field(chef.see(round_), "item")
    for path, named in (
        (WHERE["signal"], {"signal": key}),
        (WHERE["opening"], {"opening": opening}),
        (round_, {"item": item}),
    ):
        answer = chef.post(path, verdict="remark", remark=LATE, resume="1", **named)
        assert answer.status_code == 200, path
        assert LATE in answer.get_data(as_text=True)
        assert "väntar på loggkontroll" in answer.get_data(as_text=True)
