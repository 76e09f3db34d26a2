"""The cookies: random ids for session, visit and browser, the language, and a notice's code.

None holds personal data. Over TLS their names begin with `__Host-`, so that no other host or path
can set them.
"""

from __future__ import annotations

import re

from flask import current_app, request
from werkzeug.wrappers import Response

SESSION = "sluss-session"
VISIT = "sluss-visit"
DEVICE = "sluss-device"
LANGUAGE = "sluss-language"
NOTICE = "sluss-notice"

_TOKEN = re.compile(r"[A-Za-z0-9_-]{1,200}")


def read(name: str) -> str | None:
    """The cookie's value, None when it is missing or could not have been set by us."""
    value = request.cookies.get(_full(name), "")
    return value if _TOKEN.fullmatch(value) else None


def write(response: Response, name: str, value: str, *, seconds: int | None = None) -> None:
    """Sets it for `seconds`, or until the browser closes. Scripts never see it.

    SameSite is Lax and not Strict because a link in a notice mail, or a return from an identity
    provider, would otherwise arrive as if signed out; nothing is changed by a GET.
    """
    response.set_cookie(
        _full(name),
        value,
        max_age=seconds,
        path="/",
        secure=_secure(),
        httponly=True,
        samesite="Lax",
    )


def erase(response: Response, name: str) -> None:
    """Tells the browser to forget it."""
    response.delete_cookie(_full(name), path="/", secure=_secure(), httponly=True, samesite="Lax")


def _full(name: str) -> str:
    return f"__Host-{name}" if _secure() else name


def _secure() -> bool:
    return bool(current_app.config["SLUSS_SECURE"])
