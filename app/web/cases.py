"""The start page: the cases of the organisation that the visitor works with."""

from __future__ import annotations

from flask import Blueprint
from werkzeug.wrappers import Response

from app.web import page

pages = Blueprint("cases", __name__)


@pages.get("/")
def index() -> Response:
    """The visitor's own cases; those of colleagues are not shown at all."""
    return page.render("cases.html", cases=())
