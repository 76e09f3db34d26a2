"""A page costs the same whatever it shows: nobody makes the service slow by writing much."""

from __future__ import annotations

import pytest

from app.domain.actor import Actor
from app.domain.ids import new_id
from app.domain.note import NoteDraft
from app.flows.recognise import Recognised, recognise
from app.flows.write_note import NoteWritten, write_note
from app.records.counted_statements import Counted, counted_statements
from tests.attacks.house import House
from tests.attacks.story import Story
from tests.flows.town import PLAIN

FEW, MANY = 5, 200


@pytest.fixture
def story(house: House) -> Story:
    made = Story(house, lambda name: f"Ord om {name}")
    made.start_case()
    return made


def _karin(house: House) -> Actor:
    cookie = house.as_("karin").client.get_cookie("sluss-session")
    assert cookie is not None
    found = recognise(cookie.value, at=house.at, store=house.opened.store)
    assert isinstance(found, Recognised)
    assert found.actor is not None
    return found.actor


def _write(story: Story, count: int) -> list[str]:
    house, written = story.house, []
    karin = _karin(house)
    for number in range(count):
        draft = NoteDraft(
            title=f"Anteckning {number}",
            text="Text",
            category="K11",
            attributes=PLAIN,
            described=(story.young,),
        )
        hands = {"store": house.opened.store, "rings": house.opened.rings, "law": house.opened.law}
        made = write_note(story.case, draft, karin, token=new_id(house.at), at=house.at, **hands)
        assert isinstance(made, NoteWritten)
        written.append(made.note_id)
    return written


def _shown(story: Story, notes: list[str]) -> tuple[Counted, Counted]:
    """What the case page and the opened notes asked the database, each as a whole request."""
    karin, store = story.house.as_("karin"), story.house.opened.store
    karin.see(story.at("case"))  # a first request of the minute also notes that she is there
    with counted_statements(store) as page:
        karin.see(story.at("case"))
    with counted_statements(store) as opened:
        answer = karin.client.post(
            f"{story.at('case')}/las", data={"csrf_token": karin.token, "note": notes}
        )
    assert answer.status_code == 200
    return page, opened


def test_a_case_page_and_its_notes_opened_take_ten_queries_at_most(story: Story) -> None:
    few = _write(story, FEW)
    page, opened = _shown(story, few)
    many = _write(story, MANY - FEW)
    large_page, large_opened = _shown(story, [*few, *many])
    assert len(large_page.queries) == len(page.queries) < 10, large_page.queries
    assert len(large_opened.queries) == len(opened.queries) <= 10, large_opened.queries
    # The rest is the entry in the log. It may take one more where a node of the tree is completed.
    assert max(len(one.writes) for one in (page, opened, large_page, large_opened)) <= 6


def test_the_pages_of_rule_packs_take_under_ten_queries(story: Story) -> None:
    story.propose_rules()
    maja, store = story.house.as_("maja"), story.house.opened.store
    for path in ("/regelpaket", f"/regelpaket/{story.proposal}"):
        maja.see(path)
        with counted_statements(store) as page:
            maja.see(path)
        assert len(page.queries) < 10, page.queries
