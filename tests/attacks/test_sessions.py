"""Cookies that were copied, planted, changed or kept too long open nothing."""

from __future__ import annotations

import re
import secrets

import pytest

from app.flows.happened import happened
from app.flows.recognise import Recognised, recognise
from app.keys import event_sealer
from app.records.account import disable_account, find_account
from app.records.role_grant import end_role_grant, grants_of
from tests.attacks.house import Browser, House
from tests.attacks.story import Story

SESSION, VISIT = "sluss-session", "sluss-visit"


@pytest.fixture
def story(house: House) -> Story:
    made = Story(house, lambda name: f"Ord om {name}")
    made.start_case()
    return made


def _cookie(browser: Browser, name: str = SESSION) -> str:
    found = browser.client.get_cookie(name)
    assert found is not None
    return str(found.value)


def _with(house: House, value: str, name: str = SESSION) -> Browser:
    """A browser that holds a cookie it was never given."""
    browser = house.new_browser()
    browser.client.set_cookie(name, value)
    return browser


def _is_in(browser: Browser) -> bool:
    answer = browser.get("/")
    assert answer.status_code in (200, 303)
    return answer.status_code == 200


def test_a_copied_cookie_opens_nothing_after_signing_out(story: Story) -> None:
    house, karin = story.house, story.house.as_("karin")
    copy = _with(house, _cookie(karin))
    assert _is_in(copy)
    assert karin.post("/logga-ut").status_code == 303
    assert not _is_in(copy)
    copy.token = karin.token
    answer = copy.post(f"/arenden/{story.case}/person", {"name": "Vera", "protected": "no"})
    assert answer.status_code == 403


def test_a_planted_cookie_is_not_the_one_that_signing_in_makes_good(house: House) -> None:
    for name in (SESSION, VISIT):
        planted = secrets.token_urlsafe(32)
        victim = _with(house, planted, name)
        assert victim.sign_in("karin").status_code == 303
        assert _cookie(victim) != planted
        assert not _is_in(_with(house, planted))


def test_a_new_sign_in_is_a_new_session_and_the_old_token_of_forms_is_gone(story: Story) -> None:
    house, karin = story.house, story.house.as_("karin")
    old_cookie, old_token = _cookie(karin), karin.token
    karin.post("/logga-ut")
    karin.sign_in("karin")
    assert _cookie(karin) != old_cookie
    karin.token, new_token = old_token, karin.token
    answer = karin.post("/arenden/nytt", {"name": "Vera Exempelsson"})
    assert answer.status_code == 400
    assert new_token != old_token
    assert house.as_("karin") is karin


def test_anothers_cookie_with_ones_own_form_changes_nothing(story: Story) -> None:
    house, karin, jonas = story.house, story.house.as_("karin"), story.house.as_("jonas")
    mixed = _with(house, _cookie(karin))
    mixed.token = jonas.token
    answer = mixed.post(
        f"/arenden/{story.case}/person",
        {"name": "Vera Exempelsson", "protected": "no", "relation": "other"},
    )
    assert answer.status_code == 400
    assert "person.added" not in [entry.op for entry in house.entries()][-2:]


def test_what_is_not_a_cookie_of_ours_is_nobody(house: House) -> None:
    good = _cookie(house.as_("karin"))
    for value in (
        "",
        good[:-1],
        good + "A",
        good.swapcase(),
        "A" * 43,
        "x" * 4000,
        "' OR '1'='1",
        "../../../etc/passwd",
        f"{good}, {good}",
        "%00",
    ):
        browser = house.new_browser()
        answer = browser.get("/", headers={"Cookie": f"{SESSION}={value}"})
        assert answer.status_code == 303, value
        assert answer.headers["Location"] == "/logga-in"


def test_a_lost_role_counts_on_the_next_request(story: Story) -> None:
    house, karin = story.house, story.house.as_("karin")
    actor = _actor(house, karin)
    sealer = event_sealer(house.opened.rings.current(actor.organisation_id), None)
    with house.opened.store.begin(at=house.at) as tx:
        event = happened("role.ended", "allow", actor, at=house.at)
        (grant,) = grants_of(tx, actor.staff_id)
        assert end_role_grant(tx, grant.id, at=house.at, entry_id=event.id)
        tx.record(event, sealer=sealer)
    answer = karin.get(f"/arenden/{story.case}")
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/valj-organisation"
    assert karin.post(f"/arenden/{story.case}/anteckning", {"title": "x"}).status_code == 303


def _actor(house: House, browser: Browser):
    found = recognise(_cookie(browser), at=house.at, store=house.opened.store)
    assert isinstance(found, Recognised)
    assert found.actor is not None
    return found.actor


def test_a_disabled_account_counts_on_the_next_request(house: House) -> None:
    karin = house.as_("karin")
    actor = _actor(house, karin)
    with house.opened.store.begin(at=house.at) as tx:
        account = find_account(tx, "karin")
        assert account is not None
        event = happened("account.disabled", "allow", actor, at=house.at)
        assert disable_account(tx, account.id, at=house.at, entry_id=event.id)
        sealer = event_sealer(house.opened.rings.current(actor.organisation_id), None)
        tx.record(event, sealer=sealer)
    assert not _is_in(karin)
    assert house.new_browser().sign_in("karin").status_code == 422


def test_who_is_not_signed_in_reaches_nothing(story: Story) -> None:
    house = story.house
    stranger = house.new_browser()
    stranger.see("/logga-in")
    shut = 0
    for rule in house.app.url_map.iter_rules():
        path = re.sub(r"<(\w+:)?\w+>", story.case, rule.rule.replace("<int:number>", "1"))
        if rule.endpoint in ("static", "sign_in.enter", "language.switch"):
            continue
        for method in sorted((rule.methods or set()) & {"GET", "POST"}):
            if method == "GET":
                answer = stranger.get(path)
                assert answer.status_code == 303, path
                assert answer.headers["Location"] == "/logga-in", path
            else:
                answer = stranger.post(path, {"name": "Vera"})
                assert answer.status_code in (400, 403), path
            assert story.word("young name") not in answer.get_data(as_text=True)
            shut += 1
    assert shut > 25


def test_a_wrong_name_and_a_wrong_password_get_the_same_bytes(house: House) -> None:
    answers = []
    for name in ("karin", "nobody", "karin"):
        browser = house.new_browser()
        browser.client.set_cookie(VISIT, "A" * 43)
        answer = browser.sign_in(name, "fel lösenord, femton tecken")
        page = re.sub(r'value="[^"]*"', "", answer.get_data(as_text=True))
        answers.append((answer.status_code, sorted(answer.headers.items()), page))
    # The name that was typed stands in its own field again, so headers differ by its length.
    lengths = [dict(headers).get("Content-Length") for _, headers, _ in answers]
    assert int(lengths[1] or 0) - int(lengths[0] or 0) == len("nobody") - len("karin")
    assert answers[0] == answers[2]
    assert answers[0][2] == answers[1][2]
