"""Whatever is asked for leaves an entry, and nothing is shown whose entry could not be kept.

Every route is found in the application's own map and tried by people with different tasks, so that
a new one cannot be forgotten: it tells, or it is named below with the reason why it need not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import sqlalchemy
from werkzeug.test import TestResponse

from app.records.errors import StoreFull
from app.records.transaction import LOG_TABLES
from app.records.written_tables import written_tables
from tests.attacks.house import House
from tests.attacks.story import Story
from tests.attacks.test_not_yours import FIELDS, _path, _theirs

WHO = ("karin", "chef", "ombud", "sara")
WORD = "Ord om"
"""Every word of the story that somebody wrote begins so, and nothing else does."""

TELLS_NOTHING = {
    ("GET", "/arenden/<uuid:case_id>/las"): "sends back to the case, which tells",
    ("GET", "/inkommet/<uuid:delivery_id>/oppna"): "sends back to the delivery, which tells",
    ("GET", "/godkannanden/<uuid:approval_id>/las"): "sends back to the question, which tells",
    ("GET", "/godkannanden/<uuid:approval_id>/svara"): "sends back to the question, which tells",
    ("GET", "/logga-in"): "nobody has said who they are",
    ("POST", "/logga-in"): "without a user name and a password there is no try",
    ("GET", "/losenord"): "an empty form of one's own",
    ("GET", "/valj-organisation"): "one's own organisations",
    ("POST", "/valj-organisation"): "without an organisation there is no choice",
    ("GET", "/fraga"): "what the law says, about nobody",
    ("GET", "/ova"): "made-up cases",
    ("GET", "/ova/<int:number>"): "a made-up case",
    ("GET", "/ova/intyg"): "one's own answers to made-up cases, from the address",
    ("GET", "/regler"): "the law",
    ("GET", "/regler/kallor"): "the law",
    ("GET", "/regler/matris"): "the law",
    ("GET", "/regler/fall/<scenario_id>"): "the law",
    ("GET", "/regler/regel/<rule_id>"): "the law",
    ("GET", "/sprak/<language>"): "a cookie of one's own",
    ("GET", "/static/<path:filename>"): "files that everybody gets",
}
SOMETIMES = {
    ("GET", "/arenden/nytt"): "an empty form, for those who may open a case",
    ("POST", "/logga-ut"): "the session is needed for the next route",
}
NAMED = {"number": "1", "scenario_id": "x", "rule_id": "x", "language": "sv", "filename": "x"}
SHOWS_TEXT = {
    ("POST", "/arenden/<uuid:case_id>/las"),
    ("POST", "/anteckningar/<uuid:note_id>/versioner"),
    ("POST", "/inkommet/<uuid:delivery_id>/oppna"),
    ("POST", "/godkannanden/<uuid:approval_id>/las"),
}
Route = tuple[str, str]


@pytest.fixture
def story(house: House) -> Story:
    story = Story(house, lambda name: f"{WORD} {name}").tell()
    story.send_another()
    return story


def _routes(house: House) -> list[Route]:
    return sorted(
        (method, rule.rule)
        for rule in house.app.url_map.iter_rules()
        for method in (rule.methods or set()) & {"GET", "POST"}
        if (method, rule.rule) not in SOMETIMES or rule.rule != "/logga-ut"
    )


def _ask(story: Story, who: str, route: Route) -> TestResponse:
    method, rule = route
    for name, value in NAMED.items():
        for kind in ("int:", "path:", ""):
            rule = rule.replace(f"<{kind}{name}>", value)
    path, browser = _path(rule, _theirs(story, who)), story.house.as_(who)
    if method == "GET":
        return browser.get(f"{path}?purpose=prevent_crime")
    about = {"described": story.young, "subject_id": story.young, "note": story.notes[0]}
    to = {"recipient_id": story.house.organisations["polis"], "case": story.case}
    return browser.post(path, FIELDS | about | to)


def _entries(house: House) -> int:
    with house.opened.store.engine.connect() as connection:
        return int(connection.exec_driver_sql("SELECT n FROM audit_head").scalar_one())


def test_every_request_leaves_an_entry_or_has_a_reason(story: Story) -> None:
    untold, told, showing = [], [], set()
    for route in _routes(story.house):
        for who in WHO:
            before = _entries(story.house)
            answer = _ask(story, who, route)
            new, shown = _entries(story.house) - before, WORD in answer.get_data(as_text=True)
            showing |= {route} if shown else set()
            if route in TELLS_NOTHING:
                told += [(route, who, new)] if new else []
                assert not shown, route
            elif not new and not (route in SOMETIMES and answer.status_code == 200):
                untold.append((route, who, answer.status_code))
            elif not new:
                assert not shown, route
    assert untold == []
    assert told == [], "these tell, so they need no reason"
    assert showing >= SHOWS_TEXT
    assert len(showing) > 15, "the next test says that none of these shows anything"


def test_the_reasons_are_about_routes_that_are_there(house: House) -> None:
    there = {
        (method, rule.rule)
        for rule in house.app.url_map.iter_rules()
        for method in rule.methods or set()
    }
    assert set(TELLS_NOTHING) | set(SOMETIMES) <= there


@contextmanager
def no_entry_is_kept(house: House) -> Iterator[list[str]]:
    """Everything works, and each commit of a transaction that adds to the log fails."""
    engine, failed = house.opened.store.engine, []

    def saw(connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if "audit_append(" in statement or written_tables(statement) & LOG_TABLES:
            connection.info["adds to the log"] = True

    def commit(connection: Any) -> None:
        if connection.info.pop("adds to the log", False):
            failed.append("commit")
            raise StoreFull("the disk that holds the database is full")

    listeners: list[tuple[str, Callable[..., None]]] = [
        ("before_cursor_execute", saw),
        ("commit", commit),
        ("rollback", lambda connection: connection.info.pop("adds to the log", None)),
    ]
    for name, act in listeners:
        sqlalchemy.event.listen(engine, name, act)
    yield failed
    for name, act in listeners:
        sqlalchemy.event.remove(engine, name, act)


def test_nothing_is_shown_whose_entry_could_not_be_kept(story: Story) -> None:
    for who in WHO:
        story.house.as_(who)
    before = _entries(story.house)
    shown, answered = [], []
    for route in _routes(story.house):
        for who in WHO:
            with no_entry_is_kept(story.house) as failed:
                answer = _ask(story, who, route)
            if WORD in answer.get_data(as_text=True):
                shown.append((route, who))
            if failed and answer.status_code != 503:
                answered.append((route, who, answer.status_code))
            if route not in TELLS_NOTHING and route not in SOMETIMES:
                assert failed, (route, who, "it tried to tell nothing")
    assert shown == []
    assert answered == []
    assert _entries(story.house) == before
