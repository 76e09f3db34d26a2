"""Forms that did not come from our own page change nothing, and looking changes nothing either."""

from __future__ import annotations

import uuid

import pytest
import sqlalchemy

from app.records.schema import all_tables
from tests.attacks.house import Browser, House
from tests.attacks.story import PLAIN, Story

LOOKED_AT = {
    "audit_leaf",
    "audit_detail",
    "audit_node",
    "audit_head",
    "audit_counter",
    "audit_view",
}
"""Looking is entered in the log, and moves the session's last sign of life."""


@pytest.fixture
def story(house: House) -> Story:
    return Story(house, lambda name: f"Ord om {name}").tell()


def _contents(house: House, *, but: set[str] = frozenset()) -> dict[str, list[str]]:
    with house.opened.store.engine.connect() as connection:
        return {
            name: sorted(
                repr({k: v for k, v in row.items() if k != "last_seen_at"})
                for row in connection.execute(sqlalchemy.select(table)).mappings()
            )
            for name, table in all_tables().tables.items()
            if name not in but
        }


def _ids(story: Story) -> dict[str, str]:
    return {
        "case_id": story.case,
        "subject_id": story.young,
        "note_id": story.notes[0],
        "consent_id": story.consent,
        "disclosure_id": story.disclosures[0],
        "delivery_id": story.delivery,
        "export_id": story.exports[1],
        "rule_id": "P-18a",
        "scenario_id": "B03",
        "number": "1",
        "opening_id": story.opening,
        "round_id": story.round,
        "item_id": story.item,
        "approval_id": story.approval,
        "delegation_id": story.delegation,
        "proposal_id": story.proposal,
        "certificate_id": story.certificate,
        "organisation_id": story.house.organisations["polis"],
        "language": "en",
    }


def _paths(story: Story, method: str) -> list[str]:
    """Every route that takes the method, with ids for which it would act."""
    paths = []
    for rule in story.house.app.url_map.iter_rules():
        if method not in (rule.methods or ()) or rule.endpoint == "static":
            continue
        path = rule.rule
        for name, value in _ids(story).items():
            for written in (f"<uuid:{name}>", f"<int:{name}>", f"<{name}>"):
                path = path.replace(written, value)
        assert "<" not in path, path
        paths.append(path)
    return sorted(set(paths))


def _fields(story: Story) -> dict[str, str]:
    """Enough for every form to be acted upon."""
    return {
        **PLAIN,
        "name": "Nils Exempelsson",
        "protected": "no",
        "relation": "sibling",
        "title": "Titel",
        "text": "Text",
        "described": story.young,
        "reference": "SN 2026/77",
        "seen_version": "2",
        "subject_id": story.young,
        "recipient_id": story.house.organisations["polis"],
        "giver": "subject",
        "answer": "given",
        "form": "oral",
        "valid_until": "2026-12-24",
        "kind": "organisation",
        "recipient": "Granskare AB",
        "staff_named": "no",
        "reasons_shown": "no",
        "language": "sv",
        "decision": "released",
        "note": story.notes[0],
        "colleague": story.house.staff["jonas"],
        **story.decision(),
    }


def _who(story: Story, path: str) -> Browser:
    mine = {"/inkommet": "sara", "/exporter": "ombud", "/regelpaket": "maja"}
    return story.house.as_(next((who for at, who in mine.items() if path.startswith(at)), "karin"))


def _changed(token: str) -> str:
    """One character within the signature; the last one has bits that mean nothing."""
    other = "A" if token[-9] != "A" else "B"
    return f"{token[:-9]}{other}{token[-8:]}"


FROM_ANOTHER_SITE = (
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
)
OTHER_KINDS = ("application/json", "text/plain", "multipart/form-data", "")


def test_no_form_but_our_own_is_acted_upon(story: Story) -> None:
    """Without the session's own token, from another site, or of another kind than a form."""
    house, paths = story.house, _paths(story, "POST")
    assert len(paths) > 14
    sara, karin = house.as_("sara"), house.as_("karin")
    before = _contents(house)
    for path in paths:
        own = _who(story, path)
        others = sara if own is karin else karin
        fields = _fields(story)
        assert own.client.post(path, data=fields).status_code == 400, path
        for token in ("", "guessed", others.token, _changed(own.token), own.token + "x"):
            answer = own.client.post(path, data={**fields, "csrf_token": token})
            assert answer.status_code == 400, (path, token, answer.status)
        for headers in FROM_ANOTHER_SITE:
            assert own.post(path, fields, headers=headers).status_code == 400, (path, headers)
        for kind in OTHER_KINDS:
            body = b'{"csrf_token": "%s"}' % own.token.encode()
            answer = own.client.post(path, data=body, content_type=kind)
            assert answer.status_code in (400, 415), (path, kind, answer.status)
    assert _contents(house) == before


def test_no_method_can_be_put_in_anothers_place(story: Story) -> None:
    house, karin = story.house, story.house.as_("karin")
    before = _contents(house, but=LOOKED_AT)
    path = f"/utlamnanden/{story.disclosures[0]}/stoppa"
    for headers in ({"X-HTTP-Method-Override": "POST"}, {"X-HTTP-Method": "POST"}):
        assert karin.get(path, headers=headers).status_code == 404
    assert karin.get(f"{path}?_method=POST").status_code == 404
    for method in ("put", "patch", "delete"):
        answer = getattr(karin.client, method)(
            f"/arenden/{story.case}", data={"csrf_token": karin.token}
        )
        assert answer.status_code in (400, 404)
    assert _contents(house, but=LOOKED_AT) == before


def test_looking_changes_nothing_but_the_log(story: Story) -> None:
    house, paths = story.house, _paths(story, "GET")
    assert len(paths) > 18
    for who in ("karin", "sara", "chef", "ombud", "farida"):
        house.as_(who)
    before = _contents(house, but=LOOKED_AT)
    for path in paths:
        for who in ("karin", "sara", "chef", "ombud", "farida"):
            for query in ("", "?purpose=prevent_crime", f"?once={uuid.uuid4()}&open=1&checked=yes"):
                answer = house.as_(who).get(path + query)
                assert answer.status_code in (200, 303, 404, 422), (path, who, answer.status)
        answer = house.as_("karin").client.head(path)
        assert answer.get_data() == b""
    after = _contents(house, but=LOOKED_AT)
    assert after == before, {name for name in after if after[name] != before[name]}


def test_a_field_given_twice_is_read_once(story: Story) -> None:
    """What is shown and what is stored come from the same one."""
    karin = story.house.as_("karin")
    fields = {**PLAIN, "described": story.young, "text": "Text"}
    answer = karin.post(
        f"/arenden/{story.case}/anteckning", {**fields, "title": ["Den första", "Den andra"]}
    )
    assert answer.status_code == 303
    page = karin.see(f"/arenden/{story.case}")
    assert ("Den första" in page, "Den andra" in page) == (True, False)


def test_a_form_sent_twice_acts_once(story: Story) -> None:
    house, karin = story.house, story.house.as_("karin")
    once = {"once": str(uuid.uuid4())}
    forms = {
        f"/arenden/{story.case}/anteckning": (
            "note",
            {**PLAIN, "described": story.young, "title": "En gång", "text": "Text"},
        ),
        f"/arenden/{story.case}/person": (
            "subject",
            {"name": "Vera Exempelsson", "protected": "no", "relation": "relative"},
        ),
        "/arenden/nytt": (
            "case_file",
            {"name": "Vera Exempelsson", "reference": "SN 2026/88", "protected": "no"},
        ),
        f"/arenden/{story.case}/samtycke": ("consent", _fields(story) | {"answer": "refused"}),
        f"/anteckningar/{story.notes[0]}/lamna-ut/{house.organisations['polis']}": (
            "delivery",
            story.decision(again="1"),
        ),
    }
    for path, (table, fields) in forms.items():
        before = len(_contents(house)[table])
        answers = [karin.post(path, {**fields, **once}) for _ in range(3)]
        assert [one.status_code for one in answers] == [303, 303, 303], path
        assert len({one.headers["Location"] for one in answers}) == 1
        assert len(_contents(house)[table]) == before + 1, path
