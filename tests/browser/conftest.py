"""A real Chromium against the real pages, served on a loopback port."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from app.keys import RootKey, SoftwareKeyring
from app.records.migrations.upgrade import upgrade
from app.records.store import Store
from policies import load
from tests.browser.crossing import cross
from tests.browser.exporting import export
from tests.browser.pages import WHO, Shown, press
from tests.browser.rules import propose_rules
from tests.browser.server import serving
from tests.browser.world import live
from tests.conftest import PATIENCE_MS
from tests.web.stand_in import PASSWORD, an_app
from tests.web.town import build

HERE = Path(__file__).parent
AXE = (HERE / "vendor/axe-core-4.14.1/axe.min.js").read_text(encoding="utf-8")
expect.set_options(timeout=PATIENCE_MS)
# What is judged is the page at rest: a fold that is still opening covers what stands below it.
STILL = """async () => {
  await document.fonts.ready;
  await Promise.allSettled(document.getAnimations().map(animation => animation.finished));
  await new Promise(rest => requestAnimationFrame(() => requestAnimationFrame(rest)));
}"""

# What axe-core has to say about all that is well takes longer to write down than to find.
VIOLATIONS = """async () => {
  const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
  const {violations} = await axe.run({runOnly: tags, resultTypes: ['violations']});
  return violations.map(({id, impact, nodes}) => ({id, impact, nodes: nodes.map(n => n.html)}));
}"""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks everything here, so that it can be left out or asked for by name."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)


@dataclass
class Seen:
    """What a page did beside being shown."""

    console: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    elsewhere: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Served:
    """Where the pages are, and the ids that stand in their paths, by name."""

    address: str
    places: dict[str, str]


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A house with a little world in it, served for the whole run."""
    folder = tmp_path_factory.mktemp("house")
    database = f"sqlite:///{folder / 'sluss.db'}"
    upgrade(database)
    store = Store.open(database)
    keyring = SoftwareKeyring(RootKey.create(folder / "root.key", "demonstration"))
    town = build(store, keyring, load())
    places = cross(town) | live(town) | propose_rules(town, folder / "state")
    site = town.site()
    key, places = export(town, folder / "signer", folder / "state", places)
    work = replace(site.work, log_keys=key, state=folder / "state")
    open_to_anyone = replace(site.settings, open_question=True)
    site = replace(site, settings=open_to_anyone, work=work)
    app = an_app(site, str(HERE.parent / "web" / "templates"))
    with serving(app) as address:
        yield Served(address, places)
    store.close()


@pytest.fixture(scope="session")
def address(served: Served) -> str:
    return served.address


Opener = Callable[..., tuple[Page, Seen]]


@pytest.fixture(scope="session")
def kept_cookies() -> dict[str, list[dict[str, object]]]:
    """Each visitor signs in once a run; a test that signs out asks for a sign-in of its own."""
    return {}


@pytest.fixture
def open_page(chromium: Browser, served: Served, kept_cookies) -> Iterator[Opener]:  # type: ignore[no-untyped-def]
    """Opens a page of the table as its visitor, in a language and width, and watches it."""
    contexts: list[BrowserContext] = []
    address = served.address

    def open_it(
        shown: Shown,
        *,
        language: str = "sv",
        width: int = 1280,
        own_sign_in: bool = False,
        **more: object,
    ) -> tuple[Page, Seen]:
        cookies_of = {} if own_sign_in else kept_cookies
        context = chromium.new_context(
            locale="sv-SE" if language == "sv" else "en-GB",
            timezone_id="Europe/Stockholm",
            viewport={"width": width, "height": 900},
            base_url=address,
            **more,  # type: ignore[arg-type]
        )
        contexts.append(context)
        context.set_default_timeout(PATIENCE_MS)
        page = context.new_page()
        seen = watch(page, address)
        if shown.who is not None and shown.who not in cookies_of:
            sign_in(page, shown.who)
            cookies_of[shown.who] = context.cookies()
        elif shown.who is not None:
            context.add_cookies(cookies_of[shown.who])
        answer = page.goto(shown.path.format(**served.places))
        if shown.prepare is not None:
            shown.prepare(page)
        else:
            assert answer is not None
            assert answer.status == shown.status
        if more.get("java_script_enabled", True):
            page.evaluate(STILL)
        return page, seen

    yield open_it
    for context in contexts:
        context.close()


def watch(page: Page, address: str) -> Seen:
    """What the page does from now on beside being shown."""
    seen = Seen()
    page.on("console", lambda message: seen.console.append(message.text))
    page.on("pageerror", lambda error: seen.errors.append(str(error)))
    page.on(
        "request",
        lambda request: (
            seen.elsewhere.append(request.url)
            if not request.url.startswith((address, "data:"))
            else None
        ),
    )
    return seen


def sign_in(page: Page, who: str) -> None:
    """Signs in through the form, as a person does."""
    page.goto("/logga-in")
    page.locator("#user_name").fill(WHO[who])
    page.locator("#password").fill(PASSWORD)
    press(page.locator("main button[type=submit]"))


@pytest.fixture(scope="session")
def axe() -> Callable[[Page], list[str]]:
    """Every violation axe-core finds, in one line each."""

    def judged(page: Page) -> list[str]:
        page.evaluate(STILL)
        return [
            f"{violation['id']} ({violation['impact']}): {html[:200]}"
            for violation in page.evaluate(VIOLATIONS)
            for html in violation["nodes"]
        ]

    def run(page: Page) -> list[str]:
        if not page.evaluate("'axe' in window"):
            page.evaluate(AXE)
        for _ in range(3):
            found = judged(page)
            if not found:
                return []
            # On a busy machine a page is now and then measured while it is being laid out. What is
            # wrong with the page itself is still wrong after a rest.
            page.wait_for_timeout(500)
        return found

    return run


@pytest.fixture(scope="session")
def keep_picture() -> Callable[[Page, str], None]:
    """Saves what the page looks like in the folder that SLUSS_SCREENSHOTS names."""
    folder = os.environ.get("SLUSS_SCREENSHOTS")

    def save(page: Page, name: str) -> None:
        if folder:
            Path(folder).mkdir(parents=True, exist_ok=True)
            page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)

    return save
