"""Form tokens bound to the session, without a second session cookie.

Flask-WTF keeps its secret in Flask's session. Here that session is never stored: its only content
is computed, for each request, from the session id in the cookie and a server secret. So a token
works in the session it was made for and in no other, and signing out ends it.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Callable
from typing import Any

from flask import Flask, Request, Response, current_app, g, session
from flask.sessions import SessionInterface, SessionMixin
from flask_wtf.csrf import CSRFProtect
from itsdangerous import TimestampSigner, URLSafeTimedSerializer

from app.web import cookies

_FIELD = "csrf_token"


class BoundSession(dict[str, Any], SessionMixin):
    """What Flask calls the session: derived, forgotten after the request."""

    new_visit: str | None = None
    """Set when the visitor had no cookie at all and needs one for the token to hold."""


class BoundSessions(SessionInterface):
    """Derives the session from the cookie; never serialises it."""

    def __init__(self, form_secret: bytes) -> None:
        self._secret = form_secret

    def open_session(self, app: Flask, request: Request) -> BoundSession:  # noqa: ARG002
        held = BoundSession()
        binding = cookies.read(cookies.SESSION) or cookies.read(cookies.VISIT)
        if binding is None:
            binding = held.new_visit = secrets.token_urlsafe(32)
        held[_FIELD] = _derived(self._secret, binding)
        return held

    def save_session(
        self,
        app: Flask,  # noqa: ARG002
        session: SessionMixin,
        response: Response,
    ) -> None:
        # Only a page that carries a form needs the cookie; other answers stay without it.
        if isinstance(session, BoundSession) and session.new_visit and g.get("csrf_used"):
            cookies.write(response, cookies.VISIT, session.new_visit)


def bind_to(session_token: str) -> None:
    """Makes the forms of this answer belong to a session that begins with it."""
    secret = current_app.secret_key
    if not isinstance(secret, bytes):
        raise TypeError("SECRET_KEY is SiteSettings.form_secret, which is bytes")
    session[_FIELD] = _derived(secret, session_token)


def _derived(secret: bytes, binding: str) -> str:
    return hmac.new(secret, b"sluss form\x00" + binding.encode(), hashlib.sha256).hexdigest()


class _Undated(TimestampSigner):
    """Signs with a fixed time, because the token's life is its session's and because two answers
    about what does not exist must be the same bytes whenever they are given."""

    def get_timestamp(self) -> int:
        return 1


def form_token() -> str:
    """The current session's token, the same in every form of every page.

    Answers are never compressed here, so a fixed token beside typed text gives nothing away
    through their length.
    """
    g.csrf_used = True
    serializer = URLSafeTimedSerializer(
        current_app.secret_key or b"", salt="wtf-csrf-token", signer=_Undated
    )
    token = serializer.dumps(session[_FIELD])
    return token if isinstance(token, str) else token.decode()


def protect_forms(app: Flask) -> None:
    """Refuses every change without the session's token, sign-in and sign-out included."""
    CSRFProtect(app)
    replaced: dict[str, Callable[[], str]] = {"csrf_token": form_token}
    app.jinja_env.globals.update(replaced)
    app.context_processor(lambda: replaced)
