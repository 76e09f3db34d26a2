"""What does not exist and what is not yours: the same answer to the byte, and a trace of both.

Every route with an id in it is found in the application's own map, so that a new one cannot be
forgotten: it must be named here with somebody else's ids.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass

import pytest
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from app.records.case import persons_of
from tests.attacks.house import House
from tests.attacks.story import Story

# The answer to a stranger's id and to one that never was, as far as anybody can see it.
Seen = tuple[int, tuple[tuple[str, str], ...], bytes]
NO_ACT = {
    ("GET", "/arenden/<uuid:case_id>/las"),
    ("GET", "/inkommet/<uuid:delivery_id>/oppna"),
    ("GET", "/godkannanden/<uuid:approval_id>/las"),
    ("GET", "/godkannanden/<uuid:approval_id>/svara"),
}
"""They read nothing and send back to the page above, which is the one that answers."""
MALFORMED = (
    "1",
    "../../etc/passwd",
    "%00",
    "0" * 36,
    "x" * 1000,
    "01A207A2-3280-7302-A8AB-A49100113DE9'",
)


@dataclass(frozen=True)
class Route:
    """One method on one rule, and the fields a form there must have to be acted upon."""

    method: str
    rule: str

    def __str__(self) -> str:
        return f"{self.method} {self.rule}"


def _routes(house: House) -> list[Route]:
    """Every method of every rule with an id."""
    return [
        Route(method, rule.rule)
        for rule in house.app.url_map.iter_rules()
        if _has_id(rule)
        for method in sorted((rule.methods or set()) & {"GET", "POST"})
        if (method, rule.rule) not in NO_ACT
    ]


def _has_id(rule: Rule) -> bool:
    # The ids of rules and scenarios are printed on the law's own pages: they are nobody's.
    return any(name.endswith("_id") for name in rule.arguments - {"rule_id", "scenario_id"})


def _theirs(story: Story, who: str) -> dict[str, str]:
    """Ids that exist, of the kind each name stands for, none of which is `who`'s."""
    return {
        "case_id": story.case,
        "subject_id": story.young,
        "note_id": story.notes[0],
        "consent_id": story.consent,
        "disclosure_id": story.disclosures[1],
        "delivery_id": story.delivery,
        "export_id": story.exports[1],
        "opening_id": story.opening,
        "round_id": story.round,
        "item_id": story.item,
        "approval_id": story.approval,
        "delegation_id": story.delegation,
        "proposal_id": story.proposal,
        "certificate_id": story.certificate,
        "organisation_id": story.house.organisations["polis"],
    }


def _path(rule: str, ids: dict[str, str]) -> str:
    for name, value in ids.items():
        rule = rule.replace(f"<uuid:{name}>", value).replace(f"<{name}>", value)
    assert "<" not in rule, f"{rule}: say whose id it is in _theirs"
    return rule


FIELDS = {
    "name": "Vera Exempelsson",
    "protected": "no",
    "relation": "sibling",
    "title": "Titel",
    "text": "Text",
    "category": "K11",
    "reference": "SN 2026/77",
    "purpose": "prevent_crime",
    "version": "2",
    "seen_version": "2",
    "initiative": "own",
    "checked": "yes",
    "ordinary": "yes",
    "giver": "subject",
    "answer": "given",
    "form": "oral",
    "valid_until": "2026-12-24",
    "match-0": "new",
    "verdict": "justified",
    "remark": "Det kunde inte vänta.",
    "lowered_to": "no",
    "reason": "Någon har tittat utan uppgift.",
    "opening": "00000000-0000-4000-8000-000000000000",
    "colleague": "00000000-0000-4000-8000-000000000000",
}


def _ask(story: Story, who: str, route: Route, ids: dict[str, str]) -> TestResponse:
    browser = story.house.as_(who)
    path = _path(route.rule, ids)
    if route.method == "GET":
        # A purpose, because without one the page about a disclosure asks for that first.
        return browser.get(f"{path}?purpose=prevent_crime")
    fields = FIELDS | {
        "described": ids["subject_id"],
        "subject_id": ids["subject_id"],
        "recipient_id": story.house.organisations["polis"],
        "note": ids["note_id"],
        "case": ids["case_id"],
    }
    return browser.post(path, fields)


def _seen(answer: TestResponse) -> Seen:
    headers = tuple(sorted((name, value) for name, value in answer.headers.items()))
    return answer.status_code, headers, answer.get_data()


@pytest.fixture
def story(house: House) -> Story:
    return Story(house, lambda name: f"Ord om {name}").tell()


@pytest.mark.parametrize("who", ["jonas", "farida", "chef"])
def test_what_is_not_yours_looks_like_what_never_was(who: str, story: Story) -> None:
    own = {"jonas": "soc", "chef": "soc", "farida": "elevhalsa"}[who]
    # A supervisor reviews every case's log, decides who works in it, and answers what is asked.
    reached = (
        "/loggkontroll/<uuid:case_id>",
        "/exporter/<uuid:export_id>",
        "/arenden/<uuid:case_id>/arendegrupp",
        "/godkannanden/",
    )
    routes = [
        one for one in _routes(story.house) if who != "chef" or not one.rule.startswith(reached)
    ]
    assert len(routes) > 20
    for route in routes:
        theirs = _theirs(story, who)
        never = {name: str(uuid.uuid4()) for name in theirs}
        # An organisation is no secret, and its id is in every list of recipients.
        never["organisation_id"] = theirs["organisation_id"]
        answers = []
        for ids in (theirs, never):
            before = len(story.house.entries(own))
            answers.append(_seen(_ask(story, who, route, ids)))
            new = story.house.entries(own)[before:]
            assert [entry.res for entry in new] == ["deny"], (str(route), [e.op for e in new])
        assert answers[0][0] == 404, str(route)
        assert answers[0] == answers[1], str(route)


def test_what_is_malformed_looks_the_same(story: Story) -> None:
    karin = story.house.as_("karin")
    never = _seen(karin.get(f"/arenden/{uuid.uuid4()}"))
    for route in _routes(story.house):
        for id_ in MALFORMED:
            theirs = _theirs(story, "karin")
            path = _path(route.rule, dict.fromkeys(theirs, id_))
            answer = karin.get(path) if route.method == "GET" else karin.post(path, FIELDS)
            assert _seen(answer) == never, (str(route), id_)


def test_what_is_in_another_case_of_ones_own_looks_like_what_never_was(story: Story) -> None:
    """The inner id belongs to a case one may not see, the outer to one's own."""
    house, karin = story.house, story.house.as_("karin")
    jonas = house.as_("jonas")
    made = jonas.post(
        "/arenden/nytt", {"name": "Nils Exempelsson", "reference": "SN 2026/5", "protected": "no"}
    )
    others = str(made.headers["Location"]).rsplit("/", 1)[-1]
    with house.opened.store.look(at=house.at) as tx:
        other_person = persons_of(tx, others)[0][0].id
    for path in (
        f"/arenden/{story.case}/person/{{}}",
        f"/arenden/{story.case}/samtycke/{{}}/aterkalla",
    ):
        for method in ("get", "post"):
            answers = []
            for inner in (other_person, str(uuid.uuid4())):
                before = len(house.entries())
                answers.append(_seen(getattr(karin, method)(path.format(inner), *_sent(method))))
                new = house.entries()[before:]
                assert [e.res for e in new][-1:] == ["deny"], (method, path, [e.op for e in new])
            assert answers[0][0] == 404
            assert answers[0] == answers[1]


def _sent(method: str) -> tuple[dict[str, str], ...]:
    return (FIELDS,) if method == "post" else ()


def test_a_note_of_another_case_cannot_be_opened_through_ones_own(story: Story) -> None:
    house, sara = story.house, story.house.as_("sara")
    own = story.received_case
    for note in (story.notes[0], str(uuid.uuid4())):
        before = len(house.entries("polis"))
        answer = sara.post(f"{own}/las", {"note": note})
        assert answer.status_code == 404
        assert [e.res for e in house.entries("polis")[before:]] == ["deny"]
