"""What must hold on every page of the table, in both languages, wide and narrow."""

from __future__ import annotations

import re

import pytest

from tests.browser.pages import PAGES, Shown

WIDTHS = [1280, 360]
LANGUAGES = ["sv", "en"]
ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("shown", PAGES, ids=lambda shown: shown.name)
def test_is_accessible_and_keeps_to_itself(
    open_page, axe, keep_picture, shown: Shown, language: str, width: int
) -> None:  # type: ignore[no-untyped-def]
    page, seen = open_page(shown, language=language, width=width)
    keep_picture(page, f"{shown.name}-{language}-{width}")
    assert page.locator("html").get_attribute("lang") == language
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    expected = "Failed to load resource"  # Chromium's line for the page's own 4xx or 5xx status
    assert [line for line in seen.console if not line.startswith(expected)] == []
    assert seen.errors == []
    assert seen.elsewhere == []
    # Random ids are left out first: ten digits in a row happen in one of them now and then.
    told = ID.sub("", page.title() + page.url)
    assert not re.search(r"\d{6}[-+]?\d{4}", told)


@pytest.mark.parametrize("shown", PAGES, ids=lambda shown: shown.name)
def test_every_target_is_large_enough_to_hit(open_page, shown: Shown) -> None:  # type: ignore[no-untyped-def]
    page, _ = open_page(shown, width=360)
    small = page.evaluate(
        """() => [...document.querySelectorAll('a, button, input, summary, select')]
        .filter(e => e.offsetParent && !e.classList.contains('ds-skip-link'))
        .map(e => [e.outerHTML.slice(0, 120), e.getBoundingClientRect()])
        .filter(([, box]) => box.height < 24 || box.width < 24)
        .map(([html, box]) => `${html} ${box.width}x${box.height}`)"""
    )
    assert small == []


@pytest.mark.parametrize("shown", [s for s in PAGES if s.reaches], ids=lambda shown: shown.name)
def test_the_keyboard_reaches_what_can_be_done(open_page, shown: Shown) -> None:  # type: ignore[no-untyped-def]
    page, _ = open_page(shown)
    reached = set()
    for _ in range(60):
        page.keyboard.press("Tab")
        name = page.evaluate("document.activeElement.innerText || ''").strip()
        visible = page.evaluate(
            """() => {
              const e = document.activeElement;
              const outlined = x => x && getComputedStyle(x).outlineStyle != 'none';
              const shown = outlined(e) || outlined(e.closest('.ds-field'));
              return shown || e.matches('body, .ds-skip-link');
            }"""
        )
        assert visible, f"{name} has no visible focus"
        reached.add(name)
    assert set(shown.reaches) <= reached


@pytest.mark.parametrize("shown", PAGES, ids=lambda shown: shown.name)
def test_is_readable_in_the_dark_and_in_forced_colours(
    open_page, axe, keep_picture, shown: Shown
) -> None:  # type: ignore[no-untyped-def]
    page, _ = open_page(shown, color_scheme="dark")
    keep_picture(page, f"{shown.name}-dark")
    assert axe(page) == []
    page.emulate_media(forced_colors="active")
    keep_picture(page, f"{shown.name}-forced")
    boxes = page.locator(".verdict, .ds-error-summary, .ds-alert, .card").all()
    assert all(
        box.evaluate("e => parseFloat(getComputedStyle(e).borderTopWidth)") >= 1 for box in boxes
    )
