"""Every page there is, in one table. A new page is a new line, and gets all the checks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Page

WHO = {"karin": "karin", "chef": "chef", "per": "per", "nils": "nils"}
"""Who can sign in -> their user name."""


@dataclass(frozen=True, kw_only=True)
class Shown:
    """One page as one visitor meets it."""

    name: str
    path: str
    who: str | None = "karin"
    status: int = 200
    prepare: Callable[[Page], None] | None = None
    """What to do on the page first, e.g. send a form wrongly filled in."""
    reaches: tuple[str, ...] = ()
    """Names of links and buttons that the keyboard must reach, in Swedish."""


def _send(page: Page) -> None:
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_load_state()


def _send_after_time_out(page: Page) -> None:
    page.locator("#text").fill(
        "Den unge berättade om kontakten med äldre kamrater vid resecentrum."
    )
    page.context.clear_cookies(name="sluss-session")
    _send(page)


def _send_wrong_password(page: Page) -> None:
    page.locator("#user_name").fill("karin")
    page.locator("#password").fill("fel")
    _send(page)


PAGES = [
    Shown(name="logga-in", path="/logga-in", who=None, reaches=("English", "Logga in")),
    Shown(name="logga-in-tomt", path="/logga-in", who=None, prepare=_send),
    Shown(name="logga-in-fel", path="/logga-in", who=None, prepare=_send_wrong_password),
    Shown(name="valj-organisation", path="/valj-organisation", who="per", reaches=("Fortsätt",)),
    Shown(name="valj-organisation-tomt", path="/valj-organisation", who="per", prepare=_send),
    Shown(name="ingen-organisation", path="/valj-organisation", who="nils"),
    Shown(name="arenden", path="/", reaches=("Ärenden", "Logga ut")),
    Shown(name="finns-inte", path="/finns-inte", status=404, reaches=("Till startsidan",)),
    Shown(name="fel", path="/prov/fel", status=500),
    Shown(name="upptagen", path="/prov/upptagen", status=503),
    Shown(name="full", path="/prov/full", status=503),
    Shown(name="reglerna-kan-inte-lasas", path="/prov/regler", status=503),
    Shown(
        name="utloggad-med-text",
        path="/prov/formular",
        prepare=_send_after_time_out,
        reaches=("Logga in",),
    ),
    Shown(name="alla-delar", path="/prov/delar", who="chef"),
]
