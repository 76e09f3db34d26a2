"""The sign-in flows as the pages know them, bound to store, keys and passwords."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from app.domain.problem import Problem
from app.flows.access_held import roles_held
from app.flows.act_for import ActsFor, act_for, organisations_to_choose, organisations_unlike
from app.flows.change_password import (
    PasswordChanged,
    PasswordForm,
    PasswordNotChanged,
    change_password,
)
from app.flows.recognise import NotSignedIn, Recognised, hold_recognised, recognise
from app.flows.sign_in import Sealers, SignedIn, SignInForm, sign_in
from app.flows.sign_in import Throttled as FlowThrottled
from app.flows.sign_out import sign_out
from app.identity.password import Passwords
from app.keys import Rings
from app.records.role_grant import GivenRole
from app.records.store import Store
from app.web.front_door import (
    Entered,
    NotYourOrganisation,
    OrganisationChoice,
    PasswordProblems,
    Throttled,
    Visitor,
    WrongSignIn,
)

HELD_FOR = timedelta(minutes=5)
_MOST_SESSIONS = 10_000


@dataclass
class HeldSessions:
    """The roles of each session that were last found to be as the log says, and when.

    Held in memory only, so that nobody who writes in the database can say that they were.
    """

    _seen: dict[str, tuple[tuple[GivenRole, ...], datetime]] = field(default_factory=dict)

    def knows(self, session_id: str, given: tuple[GivenRole, ...], at: datetime) -> bool:
        """Whether exactly these were, a short while ago."""
        roles, since = self._seen.get(session_id, ((), at))
        return roles == given and timedelta(0) <= at - since < HELD_FOR

    def keep(self, session_id: str, given: tuple[GivenRole, ...], at: datetime) -> None:
        """They are, now."""
        if len(self._seen) >= _MOST_SESSIONS:
            self._seen.clear()
        self._seen[session_id] = (given, at)


@dataclass(frozen=True, kw_only=True)
class SignInDoor:
    """A `FrontDoor` over the flows."""

    store: Store
    passwords: Passwords
    sealers: Sealers
    rings: Rings
    held: HeldSessions = field(default_factory=HeldSessions)

    def find(self, session_token: str, *, at: datetime) -> Visitor | None:
        """The person behind a live session. With a role that the log does not tell of, they act
        for nobody."""
        found = recognise(session_token, at=at, store=self.store)
        if isinstance(found, NotSignedIn):
            return None
        actor = found.actor if self._stands(found, at) else None
        return Visitor(
            staff_id=found.staff.id,
            staff_name=found.staff.name,
            actor=actor,
            session_token=session_token,
            pack_sha256=found.pack_sha256,
        )

    def _stands(self, found: Recognised, at: datetime) -> bool:
        if found.actor is None or self.held.knows(found.session.id, found.given, at):
            return True
        stands = hold_recognised(found, at=at, store=self.store, rings=self.rings)
        if stands:
            self.held.keep(found.session.id, found.given, at)
        return stands

    def sign_in(
        self, name: str, password: str, *, device_token: str | None, at: datetime
    ) -> Entered | WrongSignIn | Throttled:
        """A new session, or the one answer to every wrong sign-in."""
        outcome = sign_in(
            SignInForm(username=name, password=password, device_token=device_token),
            at=at,
            store=self.store,
            passwords=self.passwords,
            sealers=self.sealers,
            hold_roles=roles_held(self.rings),
        )
        if isinstance(outcome, SignedIn):
            return Entered(session_token=outcome.session_token, device_token=outcome.device_token)
        return (
            Throttled(until=outcome.until) if isinstance(outcome, FlowThrottled) else WrongSignIn()
        )

    def organisations(self, visitor: Visitor, *, at: datetime) -> Sequence[OrganisationChoice]:
        """Where the person can act today."""
        who = visitor.staff_id
        unlike = organisations_unlike(who, at=at, store=self.store, rings=self.rings)
        return [
            OrganisationChoice(id=one.id, name=one.name, as_logged=one.id not in unlike)
            for one, _ in organisations_to_choose(who, at=at, store=self.store)
        ]

    def choose(
        self, visitor: Visitor, organisation_id: str, *, at: datetime
    ) -> Entered | NotYourOrganisation:
        """A new session under a new token, acting for one organisation."""
        outcome = act_for(
            visitor.session_token,
            organisation_id,
            at=at,
            store=self.store,
            sealers=self.sealers,
            hold_roles=roles_held(self.rings),
        )
        if isinstance(outcome, ActsFor):
            return Entered(session_token=outcome.session_token)
        return NotYourOrganisation()

    def change_password(
        self, visitor: Visitor, *, old: str, new: str, repeated: str, at: datetime
    ) -> Entered | PasswordProblems | Throttled:
        """A new password and a new token, or why not."""
        outcome = change_password(
            PasswordForm(old=old, new=new, repeated=repeated),
            visitor.session_token,
            at=at,
            store=self.store,
            passwords=self.passwords,
            sealers=self.sealers,
        )
        if isinstance(outcome, PasswordChanged):
            return Entered(session_token=outcome.session_token)
        if isinstance(outcome, FlowThrottled):
            return Throttled(until=outcome.until)
        if isinstance(outcome, PasswordNotChanged):
            return PasswordProblems(problems=outcome.problems)
        gone = Problem(field="old_password", code="old_password_wrong")
        return PasswordProblems(problems=(gone,))

    def sign_out(self, visitor: Visitor, *, at: datetime) -> None:
        """The session ends in the database."""
        sign_out(visitor.session_token, at=at, store=self.store, sealers=self.sealers)
