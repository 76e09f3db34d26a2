"""What is shut while the rule pack in use cannot be read: all that the law is asked about.

Notes are read and written as always, and what is on its way can be stopped.
Law: OSL 8 kap. 1 §
"""

from __future__ import annotations

from flask import Flask, request
from werkzeug.wrappers import Response

from app.web import errors
from app.web.site import law_in_use

_ASKS = frozenset({"disclosures", "approvals", "open_question", "rules", "matrix", "training"})
_STOPS = "disclosures.stop"


def install(app: Flask) -> None:
    """Answers the pages of the law with one that says that there is none. After the door."""

    @app.before_request
    def shut() -> Response | None:
        if request.blueprint not in _ASKS or request.endpoint == _STOPS:
            return None
        return None if law_in_use().usable else errors.law_not_in_use()
