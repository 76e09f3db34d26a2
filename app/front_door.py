"""The sign-in flows as the pages know them, bound to store, keys and passwords."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from app.domain.problem import Problem
from app.flows.act_for import ActsFor, act_for, organisations_to_choose
from app.flows.change_password import (
    PasswordChanged,
    PasswordForm,
    PasswordNotChanged,
    change_password,
)
from app.flows.recognise import NotSignedIn, recognise
from app.flows.sign_in import Sealers, SignedIn, SignInForm, sign_in
from app.flows.sign_in import Throttled as FlowThrottled
from app.flows.sign_out import sign_out
from app.identity.password import Passwords
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


@dataclass(frozen=True, kw_only=True)
class SignInDoor:
    """A `FrontDoor` over the flows."""

    store: Store
    passwords: Passwords
    sealers: Sealers

    def find(self, session_token: str, *, at: datetime) -> Visitor | None:
        """The person behind a live session."""
        found = recognise(session_token, at=at, store=self.store)
        if isinstance(found, NotSignedIn):
            return None
        return Visitor(
            staff_id=found.staff.id,
            staff_name=found.staff.name,
            actor=found.actor,
            session_token=session_token,
            pack_sha256=found.pack_sha256,
        )

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
        )
        if isinstance(outcome, SignedIn):
            return Entered(session_token=outcome.session_token, device_token=outcome.device_token)
        return (
            Throttled(until=outcome.until) if isinstance(outcome, FlowThrottled) else WrongSignIn()
        )

    def organisations(self, visitor: Visitor, *, at: datetime) -> Sequence[OrganisationChoice]:
        """Where the person can act today."""
        return [
            OrganisationChoice(id=one.id, name=one.name)
            for one, _ in organisations_to_choose(visitor.staff_id, at=at, store=self.store)
        ]

    def choose(
        self, visitor: Visitor, organisation_id: str, *, at: datetime
    ) -> Entered | NotYourOrganisation:
        """A new session under a new token, acting for one organisation."""
        outcome = act_for(
            visitor.session_token, organisation_id, at=at, store=self.store, sealers=self.sealers
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
