"""Whatever is typed is shown as it was typed, and never becomes a part of the page.

Every page of the main flow is read twice: as text, and by a real browser without any of the
headers that would stop a script from running.
"""

from __future__ import annotations

import time
from html.parser import HTMLParser

import pytest
from playwright.sync_api import Browser

from tests.attacks.house import House
from tests.attacks.story import PLAIN, Story
from tests.conftest import PATIENCE_MS

PAYLOADS = (
    "<script>alert({n})</script>",
    '"><img src=x onerror=alert({n})>',
    "'><svg onload=alert({n})>",
    "</textarea></title><script>alert({n})</script>",
    "{{{{7*7}}}}{{% raw %}}<b onmouseover=alert({n})>",
    "javascript:alert({n})//<a href=javascript:alert({n})>",
    '" autofocus onfocus=alert({n}) x="',
    "<!--<math><mtext></form><iframe srcdoc='<script>alert({n})</script>'>",
)


class Words:
    """A payload for each field, each with a number of its own."""

    def __init__(self) -> None:
        self.by_name: dict[str, str] = {}

    def __call__(self, name: str) -> str:
        if name not in self.by_name:
            n = len(self.by_name)
            self.by_name[name] = PAYLOADS[n % len(PAYLOADS)].format(n=1000 + n)[:100]
        return self.by_name[name]


class _Parts(HTMLParser):
    """What a page is made of: every element and attribute, and the text between them."""

    def __init__(self) -> None:
        super().__init__()
        self.wrong: list[str] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = dict(attrs)
        foreign = tag in ("iframe", "math", "object", "embed", "img")
        inline = tag == "script" and "src" not in has
        if foreign or inline or (tag == "svg" and has.get("class") != "icon"):
            self.wrong.append(self.get_starttag_text() or tag)
        for name, value in attrs:
            where = (value or "").strip().lower()
            if name.startswith("on") or name in ("srcdoc", "style"):
                self.wrong.append(f"{tag} {name}")
            if name in ("href", "src", "action", "formaction") and not where.startswith(
                ("/", "#", "?")
            ):
                self.wrong.append(f"{tag} {name}={where}")
            if name in ("value", "title", "aria-label") and value:
                self.text.append(value)

    def handle_data(self, data: str) -> None:
        self.text.append(data)


@pytest.fixture
def words() -> Words:
    return Words()


@pytest.fixture
def pages(house: House, words: Words) -> dict[str, str]:
    """Every page anybody was given, by who and where."""
    story = Story(house, words).tell()
    karin = house.as_("karin")
    to_police = f"/anteckningar/{story.notes[0]}/lamna-ut/{house.organisations['polis']}"
    karin.see(f"{to_police}?purpose=prevent_crime")
    house.as_("chef").see(f"/godkannanden/{story.approval}")
    note = {**PLAIN, "title": words("lost title"), "text": words("lost text")}
    for path, fields in {
        f"/arenden/{story.case}/anteckning": note | {"category": words("category")},
        f"/arenden/{story.case}/person": {"name": words("name"), "number": words("number")},
        "/arenden/nytt": {"reference": words("reference"), "born": words("born")},
        f"/arenden/{story.case}/samtycke": {"valid_until": words("day")},
        f"/inkommet/{story.delivery}/registrera": {"reference": words("registered as")},
    }.items():
        browser = house.as_("sara") if path.startswith("/inkommet") else karin
        assert browser.post(path, fields).status_code == 422, path
    assert karin.post(f"/arenden/{story.case}/anteckning", {**note, "csrf_token": "old"})
    house.new_browser().post(f"/arenden/{story.case}/anteckning", note)
    wrong = house.new_browser()
    wrong.sign_in(words("user name"))
    karin.get(f"/sprak/en?{words('query')}", headers={"Referer": f"http://localhost/{words('r')}"})
    karin.get(f"/{words('path')}")
    return {
        f"{who} {n} {answer.request.path}": answer.get_data(as_text=True)
        for who, browser in [*house.browsers.items(), ("nobody", wrong)]
        for n, answer in enumerate(browser.answers)
        if answer.mimetype == "text/html"
    }


def test_nothing_typed_becomes_a_part_of_a_page(pages: dict[str, str], words: Words) -> None:
    assert len(pages) > 60
    shown = ""
    for where, page in pages.items():
        parts = _Parts()
        parts.feed(page)
        assert parts.wrong == [], where
        shown += "\n".join(parts.text)
    never = {name for name, word in words.by_name.items() if word not in shown}
    # What is in an address, is no choice, or is told only to the log is shown nowhere at all.
    # The police's reason for an emergency is for their supervisor, and this house has none.
    told_to_nobody = {"query", "r", "path", "category", "registered as"}
    assert never <= told_to_nobody | {"why it could not wait"}, never


@pytest.mark.browser
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_nothing_typed_runs_in_a_browser(pages: dict[str, str], chromium: Browser) -> None:
    heard: list[str] = []
    context = chromium.new_context()
    context.set_default_timeout(PATIENCE_MS)
    context.route("**/*", lambda route: route.abort())
    page = context.new_page()
    page.on("dialog", lambda dialog: (heard.append(dialog.message), dialog.dismiss()))
    page.set_content("<img src=x onerror=alert('heard')>")
    until = time.monotonic() + PATIENCE_MS / 1000
    while not heard and time.monotonic() < until:
        page.wait_for_timeout(50)
    assert heard == ["heard"], "the browser is not listened to"
    for content in dict.fromkeys(pages.values()):
        page.set_content(content, wait_until="domcontentloaded")
        page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    page.wait_for_timeout(100)
    context.close()
    assert heard == ["heard"]
