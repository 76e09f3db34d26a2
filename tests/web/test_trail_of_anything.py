"""*Loggkontroll* tells any entry that is in the log, whatever its detail holds."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pytest

from app.flows.export_gather import Told
from app.flows.happened import happened
from app.keys import event_sealer
from app.web.told_sentences import told_sentence
from app.web.trail_sentences import SENTENCES
from audit.canonical import Json
from tests.web.test_trail_pages import words
from tests.web.town import Town

WHY = "Skatteverket meddelade i går att skyddet har upphört."
BLANKS = ("by", "reason", "recipient", "sender", "colleague", "relation", "entries", "purpose")
FACTS = ("category", "outcome", "initiative", "answer", "until", "why", "delegation", "approvals")
KEYS = (*BLANKS, *FACTS, "assessments", "described")
VALUES: dict[str, Json] = {
    "word": "% unheard-of",
    "number": 7,
    "list": [1, "x", {"person": 3, "statement": ["y"]}, None],
    "object": {"of": {"of": []}},
}
ABOUT: list[dict[str, Json]] = [
    {"note": "nobody's", "version": "% nine"},
    {"notes": ["a/1", 5], "version": []},
    {"note": {"id": "x"}, "notes": "a/1"},
]


def everything(chef, path: str) -> str:  # type: ignore[no-untyped-def]
    """The words of all pages of a trail."""
    told, before = "", ""
    while True:
        html = chef.see(path + before)
        told += words(html)
        older = re.search(r'href="[^"]*[?&](?:amp;)?fore=(\d+)', html)
        if older is None:
            return told
        before = f"?fore={older[1]}"


@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES)
def test_no_kind_of_entry_with_an_odd_detail_hides_the_trail(
    town: Town, sign_in, value: Json
) -> None:  # type: ignore[no-untyped-def]
    case = town.case()
    karin = town.actors["karin"]
    with town.store.begin(at=town.at) as tx:
        for number, op in enumerate(SENTENCES):
            about = ABOUT[number % len(ABOUT)]
            event = happened(
                op,
                "allow",
                karin,
                at=town.at,
                case=case,
                about=about,
                detail=dict.fromkeys(KEYS, value),
            )
            tx.record(event, sealer=event_sealer(town.rings.current(karin.organisation_id), None))
    told = everything(sign_in("chef"), f"/loggkontroll/{case}")
    for op, sentence in SENTENCES.items():
        source = str(sentence._args[0])
        assert source in told or "%(" in source, op
    found = sign_in("chef").post("/loggkontroll/logg")
    assert found.status_code == 200


@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES)
@pytest.mark.parametrize("about", ABOUT, ids=["note", "notes", "neither"])
def test_no_kind_of_entry_with_an_odd_detail_stops_an_export(
    town: Town, value: Json, about: Mapping[str, Json]
) -> None:
    for op in SENTENCES:
        told = Told(
            op=op,
            who="",
            roles=("unheard-of",),
            by_operator=False,
            recipient="",
            sender="",
            colleague="",
            about=about,
            detail=dict.fromkeys(KEYS, value),
            erased=frozenset(),
            readable=True,
        )
        for language in ("sv", "en"):
            assert told_sentence(told, town.law, language).endswith(".")


def test_a_mark_that_is_taken_back_or_away_leaves_every_trail_to_read(town: Town, sign_in) -> None:  # type: ignore[no-untyped-def]
    case = town.case(protected="yes")
    karin, jonas, chef = sign_in("karin"), sign_in("jonas"), sign_in("chef")
    team = f"/arenden/{case}/arendegrupp"
    assert chef.post(team, colleague=town.actors["jonas"].staff_id).status_code == 303
    page = f"/arenden/{case}/person/{town.persons(case)[0]}/skydd"
    for who, outcome in ((karin, "withdrawn"), (jonas, "lowered")):
        town.later(minutes=1)
        assert karin.post(page, lowered_to="no", reason=WHY).status_code == 303
        (asked,) = re.findall(r'name="lowering" value="([^"]+)"', who.see(page))
        assert who.post(page, lowering=asked, outcome=outcome).status_code == 303
    back = "tog tillbaka sin fråga om att ta bort en persons skydd."
    away = "tog som andra person bort en persons skydd."
    for path in (f"/loggkontroll/{case}", "/loggkontroll/logg"):
        told = words(chef.see(path))
        assert back in told
        assert away in told
    assert chef.post("/loggkontroll/rundor").status_code == 303
    (round_,) = set(
        re.findall(r'href="(/loggkontroll/rundor/[0-9a-f-]{36})"', chef.see("/loggkontroll/rundor"))
    )
    items = dict.fromkeys(re.findall(r'name="item" value="([^"]+)"', chef.see(round_)))
    logs = [
        words(
            chef.post(f"/loggkontroll/rundor/post/{item}/hela-loggen", reason=WHY).get_data(
                as_text=True
            )
        )
        for item in items
    ]
    assert any(back in told for told in logs)
