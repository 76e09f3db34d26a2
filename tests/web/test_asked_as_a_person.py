"""Every published answer, reached as a person reaches it: by what the form on the page offers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlencode

import msgspec
import pytest
from flask.testing import FlaskClient

import policies
from app.web import question_form
from policies import Law
from policies.coded import codes_of_facts
from policies.pack import Answer, Cite, OutcomeClass, Scenario
from policies.scenarios import facts_of_answer, granted_facts, granted_in, read_scenarios
from policies.selectors import parse_code, written_out
from tests.web.conftest import TEMPLATES
from tests.web.stand_in import a_site, an_app

FOLDER = Path(policies.__file__).parent / "scenarios"
PUBLISHED = [one for _, one in read_scenarios(FOLDER) if one.id[0] in "SD"]
"""Those of published guidance and those derived beside it; others are asked by codes alone."""
ASKED = [
    pytest.param(one, answer, id=f"{one.id}-{answer.on}-{n}")
    for one in PUBLISHED
    for n, answer in enumerate(one.answer)
]
MOST_ROUNDS = 12


class _Form(HTMLParser):
    """What can be chosen on the page: each field with its choices, empty for one to write in."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.offered: dict[str, set[str]] = {}
        self._select = ""
        self.feed(page[page.index('<form method="get" action="/fraga"') :])

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "select":
            self._select = given["name"]
            self.offered.setdefault(self._select, set())
        elif tag == "option" and self._select:
            self.offered[self._select].add(given["value"])
        elif tag == "input" and "name" in given:
            choices = self.offered.setdefault(given["name"], set())
            if given.get("type") in ("radio", "checkbox"):
                choices.add(given["value"])

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self._select = ""

    def takes(self, name: str, code: str) -> bool:
        choices = self.offered.get(name)
        return choices is not None and (not choices or code in choices)


@dataclass(frozen=True)
class Shown:
    """What a person sees when everything that the form asked for has been answered."""

    verdict: str
    held: str
    """The grounds that hold."""
    in_the_way: str
    """The stops and the strikes."""
    whole: str
    never_asked: frozenset[str]


@pytest.fixture(scope="module")
def anyone() -> FlaskClient:
    site, _, _ = a_site()
    site = replace(site, settings=replace(site.settings, open_question=True))
    return an_app(site, TEMPLATES).test_client()


def asked_by_hand(client: FlaskClient, wanted: Mapping[str, str]) -> Shown:
    """Answer what the page asks, as far as it is known, until it asks no more of it."""
    given: dict[str, str] = {}
    for _ in range(MOST_ROUNDS):
        answer = client.get(f"/fraga?{urlencode(given)}")
        page = answer.get_data(as_text=True)
        assert answer.status_code == 200, (answer.status_code, answer.headers.get("Location"))
        form = _Form(page)
        more = {n: c for n, c in wanted.items() if n not in given and form.takes(n, c)}
        if not more:
            return _shown(page, frozenset(wanted.keys() - given.keys()))
        given |= more
    raise AssertionError("the page goes on asking")


def _shown(page: str, never_asked: frozenset[str]) -> Shown:
    (verdict,) = re.findall(r'data-verdict="(\w+)"', page)
    held = _list_under(page, "Grunder som är uppfyllda")
    way = _list_under(page, "Spärrar") + _list_under(page, "Bestämmelser som stänger en grund")
    return Shown(verdict, held, way, _words(page), never_asked)


def _list_under(page: str, heading: str) -> str:
    found = re.search(rf"<strong>{heading}</strong></p>\s*<ul>(.*?)</ul>", page, re.S)
    return _words(found[1]) if found else ""


def _words(html: str) -> str:
    plain = unescape(re.sub(r"<[^>]+>", " ", html)).replace("\xa0", " ")
    return re.sub(r" ([,.;)])", r"\1", " ".join(plain.split()))


VERDICTS = {
    "PERMITTED": {"may"},
    "DUTY": {"must"},
    "CONSENT_ONLY": {"needs_consent"},
    "HARM_ASSESSMENT": {"needs_assessment", "needs_approval"},
    "FORBIDDEN": {"none", "stop"},
}
"""What a person must read where the guidance answers so."""


def wrong_on_the_page(
    client: FlaskClient, law: Law, scenario: Scenario, answer: Answer
) -> list[str]:
    """What the page says otherwise than the published answer."""
    facts = facts_of_answer(law, scenario, answer)
    granted = granted_facts(facts, granted_in(scenario, answer))
    before, after = (asked_by_hand(client, codes_of_facts(law, one)) for one in (facts, granted))
    rules = law.rules.values()
    family = {r.id for r in rules if answer.asks in (r.id, r.version_of)}
    # What the engine itself opens by has no rule of its own in the pack.
    family |= {answer.asks} if answer.asks and not family else set()
    latest = max(scenario.answer, key=lambda one: one.on)
    wrong = []
    if answer.outcome_class:
        wrong += _other_verdict(answer, family, before, after)
    for name in answer.fired:
        ids = {r.id for r in rules if name in (r.id, r.version_of)} or {name}
        if not _told(ids, after.held + after.in_the_way):
            wrong.append(f"{name} is not shown to hold")
    wrong += [f"{name} is shown to hold" for name in answer.not_fired if _told({name}, after.held)]
    shown = (before.whole, after.whole)
    if answer is latest:
        untold = [n for n in scenario.rests_on if not any(_provision(n) in one for one in shown)]
        wrong += [f"{name} is not cited" for name in untold]
    return wrong


def _other_verdict(answer: Answer, family: set[str], before: Shown, after: Shown) -> Iterator[str]:
    settled = answer.outcome_class in ("PERMITTED", "DUTY")
    shown = after if settled else before
    if answer.outcome_class == "FORBIDDEN" and family:
        if _told(family, after.held):
            yield f"{answer.asks} is shown to hold"
        return
    if shown.verdict not in VERDICTS[answer.outcome_class]:
        yield f"{answer.outcome_class} expected, {shown.verdict} shown"
    if settled and family and not _told(family, after.held):
        yield f"{answer.asks} is not shown to hold"
    if family and not _told(family, shown.whole):
        yield f"{answer.asks} is not shown at all"


def _told(ids: set[str], text: str) -> bool:
    return any(re.search(rf"(?<![\w-]){re.escape(one)}(?![\w-])", text) for one in ids)


@pytest.mark.parametrize(("scenario", "answer"), ASKED)
def test_a_person_reads_the_published_answer(
    anyone: FlaskClient, law: Law, scenario: Scenario, answer: Answer
) -> None:
    assert wrong_on_the_page(anyone, law, scenario, answer) == []


def _provision(code: str) -> str:
    parsed = parse_code(code.partition(" p ")[0])
    assert parsed is not None, code
    section = f"{parsed.section}{parsed.letter}"
    at = f"{parsed.chapter}:{section}" if parsed.chapter else section
    return written_out(Cite(act=parsed.act, at=at)).replace("\xa0", " ")


def _scenario(name: str) -> Scenario:
    return next(one for one in PUBLISHED if one.id == name)


@pytest.mark.parametrize("claimed", VERDICTS)
@pytest.mark.parametrize("name", ["S08", "S17", "D07", "S45", "D02"])
def test_another_answer_than_the_published_one_is_seen(
    anyone: FlaskClient, law: Law, name: str, claimed: OutcomeClass
) -> None:
    """One scenario of each answer, said to have every answer in turn."""
    scenario = _scenario(name)
    answer = max(scenario.answer, key=lambda one: one.on)
    said = msgspec.structs.replace(answer, outcome_class=claimed, asks="")
    wrong = wrong_on_the_page(anyone, law, scenario, said)
    right = {answer.outcome_class}
    if answer.outcome_class in ("PERMITTED", "DUTY"):
        # What is granted is what somebody assesses, so before that the page asks for it.
        right.add("HARM_ASSESSMENT")
    assert (wrong == []) is (claimed in right), wrong


def test_a_provision_that_the_page_does_not_cite_is_seen(anyone: FlaskClient, law: Law) -> None:
    scenario = msgspec.structs.replace(_scenario("S08"), rests_on=("OSL 10:99",))
    latest = max(scenario.answer, key=lambda one: one.on)
    assert wrong_on_the_page(anyone, law, scenario, latest) == ["OSL 10:99 is not cited"]


def test_a_question_that_the_form_does_not_ask_is_seen(
    anyone: FlaskClient, law: Law, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That somebody would have standing access, which is all that stops D07."""
    monkeypatch.setattr(question_form, "QUIET_FACTS", ())
    scenario = _scenario("D07")
    wrong = wrong_on_the_page(anyone, law, scenario, scenario.answer[0])
    untold = ["OSL 11:4 is not cited", "lag (2018:1693) 2:12 is not cited"]
    assert wrong == ["FORBIDDEN expected, may shown", "H12 is not shown to hold", *untold]
