"""What a selector selects, and how a provision is written."""

from __future__ import annotations

import pytest

from policies.pack import Cite
from policies.selectors import (
    expand,
    is_provision,
    is_selector,
    paragraphs_in_english,
    select,
    selects,
    written_out,
)


@pytest.mark.parametrize(
    ("selector", "code", "selected"),
    [
        ("OSL 26:1", "OSL 26:1", True),
        ("OSL 26:1", "OSL 26:1/st2", True),
        ("OSL 26:1", "OSL 26:1a", False),
        ("OSL 26:1", "OSL 26:11", False),
        ("OSL 26:1", "PSL 26:1", False),
        ("OSL 25:2/st2", "OSL 25:2/st2", True),
        ("OSL 25:2/st2", "OSL 25:2/st1", False),
        ("OSL 25:2/st2", "OSL 25:2", False),
        ("OSL 25:1-8", "OSL 25:1", True),
        ("OSL 25:1-8", "OSL 25:8", True),
        ("OSL 25:1-8", "OSL 25:2/st1", True),
        ("OSL 25:1-8", "OSL 25:7a", True),
        ("OSL 25:1-8", "OSL 25:8a", False),
        ("OSL 25:1-8", "OSL 25:9", False),
        ("OSL 25:1-8", "OSL 26:1", False),
        ("chapter:OSL 21-40", "OSL 21:1", True),
        ("chapter:OSL 21-40", "OSL 40:7g", True),
        ("chapter:OSL 21-40", "OSL 18:1", False),
        ("chapter:OSL 21-40", "skollagen 29:14", False),
        ("all", "PSL 6:12", True),
        ("skollagen 29:14", "skollagen 29:14/st2", True),
    ],
)
def test_a_selector_selects(selector: str, code: str, selected: bool) -> None:
    assert selects(selector, code) is selected


def test_an_exclusion_of_a_paragraph_closes_the_whole_section() -> None:
    assert selects("OSL 31:1/st1", "OSL 31:1", loosely=True)
    assert not selects("OSL 31:1/st1", "OSL 31:1/st2", loosely=True)


def test_sets_are_replaced_by_their_members() -> None:
    assert expand(["set:A", "OSL 18:1"], {"A": ("OSL 26:1",)}) == ("OSL 26:1", "OSL 18:1")
    assert select(["OSL 26:1"], ["OSL 26:1", "OSL 26:2"]) == {"OSL 26:1"}


@pytest.mark.parametrize("text", ["26 kap.", "OSL", "OSL 26.1", "OSL 26:1 st 2", ""])
def test_what_is_not_written_as_a_selector_is_refused(text: str) -> None:
    assert not is_selector(text)


@pytest.mark.parametrize(
    ("act", "at", "text"),
    [
        ("OSL", "10:18a", "OSL 10 kap. 18 a §"),
        ("skollagen", "6a:10", "skollagen 6 a kap. 10 §"),
        ("lag (2025:170)", "7", "lag (2025:170) 7 §"),
        ("OSL", "23:2 st 3", "OSL 23 kap. 2 § tredje stycket"),
        ("PSL", "6:15 st 1 p 1", "PSL 6 kap. 15 § första stycket 1"),
        ("PSL", "6:12-16", "PSL 6 kap. 12–16 §§"),
        ("OSL", "26:14b-14d", "OSL 26 kap. 14 b–14 d §§"),
    ],
)
def test_a_provision_is_written_as_it_is_read(act: str, at: str, text: str) -> None:
    assert is_provision(at)
    assert written_out(Cite(act=act, at=at)) == text


@pytest.mark.parametrize(
    ("text", "english"),
    [
        ("OSL 23 kap. 2 § tredje stycket", "OSL 23 kap. 2 § third paragraph"),
        (
            "PSL 6 kap. 15 § första stycket 1; OSL 8 kap. 1 §",
            "PSL 6 kap. 15 § first paragraph 1; OSL 8 kap. 1 §",
        ),
        ("OSL 10 kap. 18 a §", "OSL 10 kap. 18 a §"),
    ],
)
def test_a_paragraph_is_in_english_in_english_text(text: str, english: str) -> None:
    assert paragraphs_in_english(text) == english
