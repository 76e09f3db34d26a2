"""Other ways to ask for what is not there: in a field, in a query, too early, or as nobody at all.

Routes are found in the application's own map, so that a new one is asked in the same ways.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.records.case import persons_of
from app.records.disclosure import disclosure
from app.records.note import note
from tests.attacks.house import Browser, House
from tests.attacks.story import PLAIN, Story

Seen = tuple[int, tuple[tuple[str, str], ...], bytes]
BAD_ORGANISATIONS = (
    "1",
    "%00",
    "soc%00",
    "x" * 1000,
    "a%0D%0ASet-Cookie:x=y",
    "%F0%9F%98%80",
    "%ED%A0%80",
    "%27%20OR%201=1",
)
ONCE = {"once": "01a207a2-3280-7857-b26f-3f1915f85abb"}
MALFORMED = ("1", "%00", "0" * 36, "{0}", "01a207a2-3280-7302-a8ab-a49100113de9x")


@pytest.fixture
def story(house: House) -> Story:
    return Story(house, lambda name: f"Ord om {name}")


def _seen(answer: TestResponse, asked: str = "") -> Seen:
    """The answer as anybody sees it, with the id that was asked for made the same in all."""
    headers = (
        (name, value.replace(asked, "ID") if asked else value) for name, value in answer.headers
    )
    body = answer.get_data()
    return (
        answer.status_code,
        tuple(sorted(headers)),
        body.replace(asked.encode(), b"ID") if asked else body,
    )


def _never() -> str:
    return str(uuid.uuid4())


def _routes(house: House, method: str, under: str = "/") -> Iterator[str]:
    """Every rule with an id that takes the method, each id as `{}`."""
    for rule in house.app.url_map.iter_rules():
        ids = [name for name in rule.arguments if name.endswith("_id")]
        if not ids or method not in (rule.methods or ()) or not rule.rule.startswith(under):
            continue
        path = rule.rule
        for name in ids:
            path = path.replace(f"<uuid:{name}>", "{}").replace(f"<{name}>", "{}")
        assert "<" not in path, f"{rule.rule}: an id of a kind that this test does not know"
        yield path


def _filled(path: str, *ids: str) -> str:
    return path.format(*ids, *[ids[-1]] * path.count("{}"))


# --- too early ------------------------------------------------------------------------------------


def test_what_is_on_its_way_or_was_stopped_does_not_exist_for_its_recipient(story: Story) -> None:
    house, sara = story.house, story.house.as_("sara")
    stopped, on_its_way = _two_not_arrived(story)
    sara.see("/inkommet")
    never = _seen(sara.get("/finns-inte"))
    for id_ in (on_its_way, stopped, _never()):
        for path in _routes(house, "GET", "/inkommet/"):
            before = len(house.entries("polis"))
            answer = sara.get(_filled(path, id_))
            if path.endswith("/oppna"):  # it reads nothing and sends back to the page above
                assert answer.status_code == 303
                continue
            assert _seen(answer) == never, path
            assert [e.res for e in house.entries("polis")[before:]] == ["deny"], path
        for path in _routes(house, "POST", "/inkommet/"):
            before = len(house.entries("polis"))
            fields = {"reference": "A 2026/1", "case": _never(), "category": "K17"}
            assert _seen(sara.post(_filled(path, id_), fields)) == never, path
            assert [e.res for e in house.entries("polis")[before:]] == ["deny"], path


def _two_not_arrived(story: Story) -> tuple[str, str]:
    """The ids of a delivery that was stopped and of one still within its undo time."""
    house = story.house
    story.start_case()
    story.write_notes()
    story.disclose()
    path = f"/anteckningar/{story.notes[0]}/lamna-ut/{house.organisations['polis']}"
    assert house.as_("karin").post(path, story.decision()).status_code == 303
    with house.opened.store.look(at=house.at) as tx:
        asked = select(disclosure.c.delivery_id).order_by(disclosure.c.id)
        _, stopped, on_its_way = tx.execute(asked).scalars()
    return stopped, on_its_way


# --- in a field or a query ------------------------------------------------------------------------


def test_an_id_in_a_field_tells_no_more_than_one_in_an_address(story: Story) -> None:
    story.tell()
    theirs = _of_a_colleague(story)
    for who, own, method, path, fields in _questions(story):
        answers = []
        for kind in ("theirs", "never"):
            for at, id_ in theirs.items():
                asked = id_ if kind == "theirs" else _never()
                fit = {name: value.replace("{}", asked) for name, value in fields.items()}
                answers.append((kind, at, _asked(story, who, own, method, path, asked, fit)))
        first = answers[0][2]
        assert first[0][0] in (200, 404, 422), (method, path)
        assert [(kind, at) for kind, at, one in answers if one != first] == [], (method, path)


def _of_a_colleague(story: Story) -> dict[str, str]:
    """Ids of what belongs to another's case, in the same organisation and at another."""
    house, jonas = story.house, story.house.as_("jonas")
    fields = {"name": "Nils Exempelsson", "reference": "SN 2026/5", "protected": "no"}
    case = str(jonas.post("/arenden/nytt", fields).headers["Location"]).rsplit("/", 1)[-1]
    with house.opened.store.look(at=house.at) as tx:
        person = persons_of(tx, case)[0][0].id
    written = {**PLAIN, "title": "Titel", "text": "Text", "described": person}
    assert jonas.post(f"/arenden/{case}/anteckning", written).status_code == 303
    with house.opened.store.look(at=house.at) as tx:
        newest = tx.execute(select(note.c.id).where(note.c.case_id == case)).scalar_one()
    return {"a case": case, "a person": person, "a note": newest}


def _questions(story: Story) -> Iterator[tuple[str, str, str, str, dict[str, str]]]:
    """Who asks, for which organisation, how, where, with which fields. The id stands as `{}`."""
    case, disclosed = f"/arenden/{story.case}", f"/anteckningar/{story.notes[0]}"
    to_police = f"{disclosed}/lamna-ut/{story.house.organisations['polis']}"
    file = f"/inkommet/{story.delivery}/lagg-i-arende"
    own = story.received_case.rsplit("/", 1)[-1]
    written = {**PLAIN, "title": "Titel", "text": "Text", "described": "{}"}
    consent = {"giver": "subject", "answer": "given", "form": "oral", "valid_until": "2026-12-24"}
    decision = story.decision()
    of_another = {name.replace(story.young, "{}"): value for name, value in decision.items()}
    yield "karin", "soc", "post", f"{case}/las", {"note": "{}"}
    yield "karin", "soc", "post", f"{case}/las", {"only": "{}"}
    yield "karin", "soc", "post", f"{case}/anteckning", written
    yield "karin", "soc", "post", f"{disclosed}/ratta", written | {"seen_version": "2"}
    yield "karin", "soc", "post", f"{case}/samtycke", consent | {"subject_id": "{}"}
    yield (
        "karin",
        "soc",
        "post",
        to_police,
        decision | {"fact:substance_misuse:{}": "yes", "ask": "1"},
    )
    yield "karin", "soc", "post", to_police, of_another | {"ask": "1"}
    yield "karin", "soc", "post", to_police, of_another
    yield "sara", "polis", "get", f"{file}?case={{}}", {}
    yield "sara", "polis", "post", file, {"case": "{}", "category": "K17", "match-0": "new"}
    yield "sara", "polis", "post", file, {"case": own, "category": "K17", "match-0": "{}"}


def _asked(
    story: Story,
    who: str,
    own: str,
    method: str,
    path: str,
    asked: str,
    fields: dict[str, str],
) -> tuple[Seen, list[tuple[str, str]]]:
    """What was answered and what was entered in the asker's log."""
    browser, before = story.house.as_(who), len(story.house.entries(own))
    where = path.replace("{}", asked)
    answer = browser.get(where) if method == "get" else browser.post(where, fields | ONCE)
    entered = [(entry.op, entry.res) for entry in story.house.entries(own)[before:]]
    return _seen(answer, asked), entered


def test_an_organisation_that_is_not_there_is_told_once_as_not_found(story: Story) -> None:
    house, karin = story.house, story.house.as_("karin")
    story.start_case()
    story.write_notes()
    never = _seen(karin.get("/finns-inte"))
    path = f"/anteckningar/{story.notes[0]}/lamna-ut"
    for id_ in (_never(), house.organisations["soc"], *BAD_ORGANISATIONS):
        for method in ("get", "post"):
            before = len(house.entries())
            if method == "get":
                answer = karin.get(f"{path}/{id_}?purpose=prevent_crime")
            else:
                answer = karin.post(f"{path}/{id_}", story.decision())
            assert _seen(answer) == never, (method, id_)
            assert [e.res for e in house.entries()[before:]] == ["deny"], (method, id_)


# --- as nobody, without a body, malformed ---------------------------------------------------------


def test_those_who_have_not_signed_in_learn_nothing(story: Story) -> None:
    house = story.house
    story.tell()
    ids = [story.case, story.notes[0], story.disclosures[0], story.delivery, story.consent]
    before = {name: len(house.entries(name)) for name in house.organisations}
    stranger = house.new_browser()
    stranger.sign_in("", "")  # gets a token of its own, and no session
    for path in _routes(house, "GET"):
        answers = {_seen(stranger.get(_filled(path, id_)), id_) for id_ in [*ids, _never()]}
        assert [one[0] for one in answers] == [303], path
    for path in _routes(house, "POST"):
        # The form's own random id, so that it is the same in all the answers.
        for fields in (ONCE, ONCE | {"csrf_token": ""}):
            sent = [(id_, stranger.post(_filled(path, id_), fields)) for id_ in [*ids, _never()]]
            assert len({_seen(answer, id_) for id_, answer in sent}) == 1, path
            assert sent[0][1].status_code == 403, path
    assert {name: len(house.entries(name)) for name in before} == before


def test_asking_for_the_headers_alone_tells_no_more(story: Story) -> None:
    house, jonas = story.house, story.house.as_("jonas")
    story.tell()
    ids = (story.case, story.notes[0], story.delivery, story.consent, _never())
    for path in _routes(house, "GET"):
        query = "?purpose=prevent_crime"
        answers = {_seen(jonas.client.head(_filled(path, id_) + query), id_) for id_ in ids}
        assert len(answers) == 1, path
        for id_ in ids:
            before = len(house.entries())
            status = jonas.client.head(_filled(path, id_) + query).status_code
            new = [entry.res for entry in house.entries()[before:]]
            assert (status, new) in ((404, ["deny"]), (303, [])), (path, status, new)


def test_what_is_no_id_at_all_leaves_no_entry(story: Story) -> None:
    """It cannot have been a guess at anything, and whoever sends it could fill the log."""
    house, karin = story.house, story.house.as_("karin")
    before = len(house.entries())
    never = _seen(karin.get("/finns-inte"))
    for id_ in MALFORMED:
        for path in _routes(house, "GET"):
            assert _seen(karin.get(path.replace("{}", id_))) == never, (path, id_)
        for path in _routes(house, "POST"):
            assert _seen(karin.post(path.replace("{}", id_))) == never, (path, id_)
    assert len(house.entries()) == before


# --- tokens of another time -----------------------------------------------------------------------


def test_a_token_from_before_signing_in_or_after_signing_out_opens_nothing(story: Story) -> None:
    house = story.house
    story.start_case()
    karin = house.new_browser()
    karin.see("/logga-in")
    karin.sign_in("", "")
    before_sign_in = karin.token
    karin.sign_in("karin")
    first = karin.token
    assert first != before_sign_in
    _refused(house, karin, story, before_sign_in)
    cookie = karin.client.get_cookie("sluss-session")
    assert cookie is not None
    assert karin.post("/logga-ut").status_code == 303
    karin.client.set_cookie("sluss-session", cookie.value)
    answer = karin.post(f"/arenden/{story.case}/person", _sibling() | {"csrf_token": first})
    assert answer.status_code == 403
    karin.client.delete_cookie("sluss-session")
    karin.sign_in("karin")
    _refused(house, karin, story, first)


def _sibling() -> dict[str, str]:
    return {"name": "Vera Exempelsson", "protected": "no", "relation": "sibling"}


def _refused(house: House, browser: Browser, story: Story, token: str) -> None:
    before = len(house.entries())
    path = f"/arenden/{story.case}/person"
    assert browser.post(path, _sibling() | {"csrf_token": token}).status_code == 400
    assert len(house.entries()) == before
