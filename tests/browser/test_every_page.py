"""What must hold on every page of the table, in both languages, wide and narrow."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.browser.pages import PAGES, Shown

WIDTHS = [1280, 360]
LANGUAGES = ["sv", "en"]
ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
TOO_SMALL = """() => [...document.querySelectorAll('a, button, input, summary, select')]
  .filter(e => e.offsetParent && !e.classList.contains('ds-skip-link'))
  .map(e => [e.outerHTML.slice(0, 120), e.getBoundingClientRect()])
  .filter(([, box]) => box.height < 24 || box.width < 24)
  .map(([html, box]) => `${html} ${box.width}x${box.height}`)"""
UNBOXED = """() => [...document.querySelectorAll('.verdict, .ds-error-summary, .ds-alert, .card')]
  .filter(e => parseFloat(getComputedStyle(e).borderTopWidth) < 1)
  .map(e => e.outerHTML.slice(0, 120))"""
FOCUSED = """() => {
  const e = document.activeElement;
  const outlined = x => x && getComputedStyle(x).outlineStyle != 'none';
  const outside = e.matches('body, .ds-skip-link');
  const visible = outside || outlined(e) || outlined(e.closest('.ds-field'));
  const [beenHere] = [e.beenHere, e.beenHere = !e.matches('body')];
  return [(e.innerText || '').trim(), visible, beenHere === true];
}"""
Axe = Callable[[Page], list[str]]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("shown", PAGES, ids=lambda shown: shown.name)
def test_is_accessible_and_keeps_to_itself(
    open_page, axe: Axe, keep_picture, shown: Shown, language: str
) -> None:  # type: ignore[no-untyped-def]
    # One visit for both widths, and in Swedish for the rest too: the visits take the time.
    page, seen = open_page(shown, language=language)
    assert page.locator("html").get_attribute("lang") == language
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        keep_picture(page, f"{shown.name}-{language}-{width}")
        assert axe(page) == [], width
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    if language == "sv":
        assert page.evaluate(TOO_SMALL) == []
        is_readable_in_the_dark_and_in_forced_colours(page, axe, keep_picture, shown.name)
    expected = "Failed to load resource"  # Chromium's line for the page's own 4xx or 5xx status
    assert [line for line in seen.console if not line.startswith(expected)] == []
    assert seen.errors == []
    assert seen.elsewhere == []
    # Random ids are left out first: ten digits in a row happen in one of them now and then.
    told = ID.sub("", page.title() + page.url)
    assert not re.search(r"\d{6}[-+]?\d{4}", told)


def is_readable_in_the_dark_and_in_forced_colours(
    page: Page, axe: Axe, keep_picture: Callable[[Page, str], None], name: str
) -> None:
    """In colours alone: what stands where does not depend on them."""
    page.set_viewport_size({"width": WIDTHS[0], "height": 900})
    page.emulate_media(color_scheme="dark")
    keep_picture(page, f"{name}-dark")
    assert axe(page) == [], "dark"
    page.emulate_media(forced_colors="active")
    keep_picture(page, f"{name}-forced")
    assert page.evaluate(UNBOXED) == []


@pytest.mark.parametrize("shown", [s for s in PAGES if s.reaches], ids=lambda shown: shown.name)
def test_the_keyboard_reaches_what_can_be_done(open_page, shown: Shown) -> None:  # type: ignore[no-untyped-def]
    page, _ = open_page(shown)
    reached = set()
    for _ in range(60):
        page.keyboard.press("Tab")
        name, visible, been_here = page.evaluate(FOCUSED)
        if been_here:
            break
        assert visible, f"{name} has no visible focus"
        reached.add(name)
    assert set(shown.reaches) <= reached
