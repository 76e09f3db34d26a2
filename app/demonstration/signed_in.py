"""People of the demonstration signed in as they would be: by password, for one organisation.

A sign-in lapses when it has not been used for a while, and then they sign in again, so that the log
tells of it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from app.demonstration.staff import PASSWORD
from app.domain.actor import Actor
from app.flows.access_held import roles_held
from app.flows.act_for import ActsFor, act_for
from app.flows.recognise import NotSignedIn, recognise
from app.flows.sign_in import SignedIn, SignInForm, sign_in
from app.identity.password import Passwords
from app.main import House


class WorldFault(Exception):
    """Something in the made-up world did not go as it is told. A fault of ours."""


@dataclass
class _Browser:
    """What one person's browser holds."""

    session: str = field(default="", repr=False)
    device: str | None = field(default=None, repr=False)


class People:
    """Everybody's sign-ins. Times are handed in."""

    def __init__(self, house: House, passwords: Passwords) -> None:
        self._house = house
        self._passwords = passwords
        self._browsers: dict[str, _Browser] = {}

    def actor(self, username: str, *, at: datetime, organisation_id: str | None = None) -> Actor:
        """The person as signed in at `at`, acting for their organisation."""
        browser = self._browsers.setdefault(username, _Browser())
        found = self._recognised(browser, at)
        if found is None:
            self._sign_in(username, browser, organisation_id, at)
            found = self._recognised(browser, at)
        if found is None:
            raise WorldFault(f"{username} signed in and was not recognised")
        return found

    def _recognised(self, browser: _Browser, at: datetime) -> Actor | None:
        found = recognise(browser.session, at=at, store=self._house.store)
        return None if isinstance(found, NotSignedIn) else found.actor

    def _sign_in(
        self, username: str, browser: _Browser, organisation_id: str | None, at: datetime
    ) -> None:
        house = self._house
        signed_in = sign_in(
            SignInForm(username=username, password=PASSWORD, device_token=browser.device),
            at=at,
            store=house.store,
            passwords=self._passwords,
            sealers=house.sealer,
            hold_roles=roles_held(house.rings),
        )
        if not isinstance(signed_in, SignedIn):
            raise WorldFault(f"{username} could not sign in: {signed_in}")
        browser.device = signed_in.device_token or browser.device
        browser.session = signed_in.session_token
        if signed_in.organisation is None and organisation_id is not None:
            chosen = act_for(
                browser.session,
                organisation_id,
                at=at,
                store=house.store,
                sealers=house.sealer,
                hold_roles=roles_held(house.rings),
            )
            if not isinstance(chosen, ActsFor):
                raise WorldFault(f"{username} cannot act for {organisation_id}")
            browser.session = chosen.session_token
