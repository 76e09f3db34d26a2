"""Swedish and English: which one a reader gets, and the catalogue behind the English pages.

Sentences are written in Swedish where they are used; `app/translations/en` holds the English.
"""

from __future__ import annotations

import os
import re
import tempfile
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from flask import Blueprint, Flask, abort, has_request_context, redirect, request
from flask_babel import Babel, get_locale
from markupsafe import Markup, escape
from werkzeug.wrappers import Response

from app.web import cookies
from app.web.visitor import open_to_all

LANGUAGES = ("sv", "en")
CATALOGUES = Path(__file__).parent.parent / "translations"
_YEAR_SECONDS = 365 * 24 * 3600
_STATUTE = re.compile(
    r"\b(?:OSL|SoL|LVU|LVM|BrB|RB|FB|TF|RF|FL|PL|PUL|SkolL|HSL|PSL|PDL|DSL|BDL)"
    r"(?:\s+\d+\s*(?:[a-z]\s+)?kap\.)?(?:\s+\d+(?:\s*[a-z])?(?:(?:,|\s+och|–|-)\s*\d+(?:\s*[a-z])?)*"
    r"\s*§{1,2})"
)

pages = Blueprint("language", __name__)


def current_language() -> Literal["sv", "en"]:
    """`sv` or `en`, as the reader of the current request has it."""
    locale = get_locale()
    return "en" if locale is not None and locale.language == "en" else "sv"


def install(app: Flask) -> None:
    """Compiles stale catalogues and lets each request have its language."""
    compile_catalogs()
    Babel(
        app,
        default_locale="sv",
        default_timezone="Europe/Stockholm",
        default_translation_directories=str(CATALOGUES),
        locale_selector=_choose,
    )
    app.jinja_env.globals["current_language"] = current_language
    app.jinja_env.filters["statutes"] = statutes


def compile_catalogs(folder: Path = CATALOGUES) -> list[Path]:
    """Writes `messages.mo` beside each `messages.po` that is newer, and returns those written.

    Raises `OSError` where the folder cannot be written and a catalogue is missing or stale.
    """
    written = []
    for source in sorted(folder.glob("*/LC_MESSAGES/messages.po")):
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime_ns >= source.stat().st_mtime_ns:
            continue
        with source.open("rb") as text:
            catalogue = read_po(text, locale=source.parts[-3])
        # Two workers may start at once: each writes its own file and renames it into place.
        handle, part = tempfile.mkstemp(dir=target.parent, suffix=".part")
        with os.fdopen(handle, "wb") as compiled:
            write_mo(compiled, catalogue)
        Path(part).chmod(0o644)
        Path(part).replace(target)
        written.append(target)
    return written


def statutes(text: object) -> Markup:
    """The text with each provision marked as Swedish, so that it is read aloud as such."""
    shown = escape(text)
    if current_language() == "sv":
        return shown
    marked = _STATUTE.sub(lambda found: f'<span lang="sv">{found[0]}</span>', shown)
    # Safe because the text was escaped first and only the span around a match was added.
    return Markup(marked)  # noqa: S704


def _choose() -> str:
    if not has_request_context():
        return "sv"
    chosen = cookies.read(cookies.LANGUAGE)
    if chosen in LANGUAGES:
        return chosen
    return request.accept_languages.best_match(LANGUAGES, default="sv") or "sv"


@pages.get("/sprak/<language>")
@open_to_all
def switch(language: str) -> Response:
    """Sets the language cookie and goes back to where the reader was."""
    if language not in LANGUAGES:
        abort(404)
    response = redirect(_where_from(), code=303)
    cookies.write(response, cookies.LANGUAGE, language, seconds=_YEAR_SECONDS)
    return response


def _where_from() -> str:
    """The path of the page the link was on, only if it was one of ours."""
    came = urlsplit(request.headers.get("Referer", ""))
    if came.netloc != request.host or not re.fullmatch(r"/(?![/\\])[\w/.-]*", came.path):
        return "/"
    # Only codes and ids ever stand in our queries, e.g. a purpose.
    one = r"[a-z_0-9-]+=[\w-]+"
    if re.fullmatch(rf"{one}(?:&{one})*", came.query, re.ASCII):
        return f"{came.path}?{came.query}"
    return came.path
