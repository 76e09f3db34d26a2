"""What somebody typed is never lost to a time-out, a busy database or an old page.

The answer carries the typed fields along, hidden, so that one press tries again. They are in that
answer alone: nothing is stored, and passwords and tokens are left out.
"""

from __future__ import annotations

from dataclasses import dataclass

from flask import request
from werkzeug.wrappers import Response

from app.web import forms, page

_PATH = "kept_path"
_PREFIX = "kept:"
_LONG_ENOUGH_TO_SHOW = 40


@dataclass(frozen=True, kw_only=True)
class KeptForm:
    """A form on its way to be shown again: where it belongs and what stands in it."""

    path: str
    fields: tuple[tuple[str, str], ...]

    def carried(self) -> list[tuple[str, str]]:
        """Hidden fields that take it through another form, e.g. sign-in."""
        return [(_PATH, self.path), *((_PREFIX + name, value) for name, value in self.fields)]

    def long_texts(self) -> list[str]:
        """What is worth showing to somebody who wants to copy it to be sure."""
        return [value for _, value in self.fields if len(value) >= _LONG_ENOUGH_TO_SHOW]


def posted() -> KeptForm:
    """The form that the current request posted."""
    return KeptForm(path=request.path, fields=tuple(forms.kept_fields()))


def carried() -> KeptForm | None:
    """A kept form that this form carries along, None when it carries none."""
    path = request.form.get(_PATH, "")
    if not path.startswith("/") or path.startswith(("//", "/\\")):
        return None
    fields = tuple(
        (name.removeprefix(_PREFIX), value)
        for name, values in request.form.lists()
        if name.startswith(_PREFIX)
        for value in values
    )
    return KeptForm(path=path, fields=fields)


def signed_out() -> Response:
    """Nothing was done, because the session has ended; signing in brings the form back."""
    return page.render(
        "signed_out.html", status=403, quiet=True, kept=posted(), typed=forms.typed()
    )


def carry_on(kept: KeptForm) -> Response:
    """Signed in again: one press brings the form back, filled in."""
    return page.render("carry_on.html", quiet=True, kept=kept)
