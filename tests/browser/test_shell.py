"""Ways through the shell that take more than one page."""

from __future__ import annotations

from io import BytesIO

from playwright.sync_api import expect
from pypdf import PdfReader

from tests.browser.pages import Shown, press

QUESTION = "/fraga?from=SOC&to=POLICE&category=K11&purpose=prevent_crime&age=16"
FOLDED = "Vilken bestämmelse det vilar på, och om det skedde på begäran."
LOOK_AT_ONCE = """folded => matchMedia('print').addEventListener('change', () => {
  const [inner, outer] = [folded, folded.closest('details')].map(e => e.getBoundingClientRect());
  window.wholeAtOnce = inner.height > 0 && inner.bottom <= outer.bottom;
})"""


def test_signing_in_and_out_works_without_javascript(open_page) -> None:  # type: ignore[no-untyped-def]
    page, _ = open_page(Shown(name="x", path="/"), own_sign_in=True, java_script_enabled=False)
    expect(page.get_by_role("heading", name="Ärenden")).to_be_visible()
    page.get_by_role("button", name="Logga ut").click()
    expect(page.get_by_role("status")).to_contain_text("Du har loggat ut.")
    page.goto("/")
    expect(page.get_by_role("heading", name="Logga in")).to_be_visible()


def test_on_a_narrow_screen_the_menu_is_folded_and_one_can_still_leave(open_page) -> None:  # type: ignore[no-untyped-def]
    page, _ = open_page(Shown(name="x", path="/", who="chef"))
    page.set_viewport_size({"width": 360, "height": 800})
    law = page.get_by_role("link", name="Får jag dela?")
    expect(law).to_be_hidden()
    assert page.evaluate("document.querySelector('header').offsetHeight") <= 200
    expect(page.get_by_role("button", name="Logga ut")).to_be_visible()
    page.get_by_text("Meny: Ärenden").click()
    expect(law).to_be_visible()
    page.set_viewport_size({"width": 1280, "height": 800})
    expect(law).to_be_visible()
    expect(page.get_by_text("Meny: Ärenden")).to_be_hidden()


def test_the_back_button_shows_nothing_after_sign_out(open_page) -> None:  # type: ignore[no-untyped-def]
    page, _ = open_page(Shown(name="x", path="/"), own_sign_in=True)
    press(page.get_by_role("button", name="Logga ut"))
    page.go_back()
    expect(page.get_by_role("heading", name="Logga in")).to_be_visible()


def test_the_language_link_stays_on_the_page(open_page) -> None:  # type: ignore[no-untyped-def]
    page, _ = open_page(Shown(name="x", path="/valj-organisation", who="per"))
    page.get_by_role("link", name="English").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(
        "Which organisation are you working for now?"
    )


def test_the_error_summary_has_the_focus_and_leads_to_the_field(open_page) -> None:  # type: ignore[no-untyped-def]
    page, _ = open_page(Shown(name="x", path="/logga-in", who=None))
    page.get_by_role("button", name="Logga in").click()
    expect(page.locator(".ds-error-summary")).to_be_focused()
    page.get_by_role("link", name="Skriv ditt lösenord.").click()
    expect(page.locator("#password")).to_be_focused()


def test_the_skip_link_leads_past_the_navigation(open_page) -> None:  # type: ignore[no-untyped-def]
    page, _ = open_page(Shown(name="x", path="/"))
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


def test_what_was_typed_comes_back_after_a_time_out(open_page) -> None:  # type: ignore[no-untyped-def]
    page, _ = open_page(Shown(name="x", path="/prov/formular"), java_script_enabled=False)
    typed = "Den unge berättade\nom kontakten & <mer> vid resecentrum, för andra gången."
    page.locator("#text").fill(typed)
    page.context.clear_cookies(name="sluss-session")
    page.get_by_role("button", name="Spara").click()
    page.locator("#user_name").fill("karin")
    page.locator("#password").fill("ett eget lösenord")
    page.get_by_role("button", name="Logga in").click()
    page.get_by_role("button", name="Tillbaka till formuläret").click()
    expect(page.locator("#text")).to_have_value(typed)


def test_on_paper_there_are_no_buttons_and_no_navigation(open_page) -> None:  # type: ignore[no-untyped-def]
    page, _ = open_page(Shown(name="x", path="/prov/delar"))
    page.emulate_media(media="print")
    for menu in page.locator(".top nav").all():
        expect(menu).to_be_hidden()
    expect(page.get_by_text("Meny", exact=False)).to_be_hidden()
    expect(page.get_by_role("button", name="Logga ut")).to_be_hidden()
    expect(page.locator(".verdict").first).to_be_visible()


def test_what_is_folded_on_the_screen_is_read_on_paper(open_page) -> None:  # type: ignore[no-untyped-def]
    page, _ = open_page(Shown(name="x", path=QUESTION, who="karin"))
    folded = page.get_by_text(FOLDED)
    expect(folded).to_be_hidden()
    folded.evaluate(LOOK_AT_ONCE)
    page.emulate_media(media="print")
    expect(folded).to_be_visible()
    # Whole at once, because a printer does not wait until something has unfolded.
    page.wait_for_function("'wholeAtOnce' in window")
    assert page.evaluate("wholeAtOnce")


def test_what_is_folded_on_the_screen_is_printed(open_page) -> None:  # type: ignore[no-untyped-def]
    page, _ = open_page(Shown(name="x", path=QUESTION, who="karin"))
    printed = PdfReader(BytesIO(page.pdf()))
    told = " ".join(sheet.extract_text() for sheet in printed.pages)
    assert FOLDED in " ".join(told.split())
