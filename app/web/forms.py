"""What was typed: read as text, shown again as it was, with a sentence beside what is wrong.

The domain's `parse_*` functions turn it into values or `Problem`s; nothing is judged here.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import msgspec
from flask import Flask, abort, redirect, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from app.domain.problem import Problem
from app.web.problem_sentences import sentence_for

MOST_FIELDS = 500
"""More than the widest form: every question for every person and recipient of one note."""
ONCE = "once"
RESUME = "resume"
NEVER_KEPT = frozenset(
    {"csrf_token", "password", "old_password", "new_password", "repeated_password", RESUME}
)
_FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, kw_only=True)
class Typed:
    """One form, as it arrived or as it starts. Empty and unsubmitted on a GET."""

    fields: MultiDict[str, str]
    submitted: bool
    """False also when a kept form is only to be shown again, not carried out."""
    once: str
    """The form's own random id: two submits of one form carry the same, so it acts once."""
    problems: tuple[Problem, ...] = ()

    @property
    def token(self) -> str:
        """Of this form with what was typed in it: sent twice it acts once, and gone back to,
        changed and sent again it is another, because what was changed would be lost otherwise."""
        typed = [[name, self.every(name)] for name in sorted(self.fields) if name not in NEVER_KEPT]
        content = msgspec.json.encode([request.path, self.once, typed])
        return hashlib.sha256(content).hexdigest()

    def texts(self) -> Mapping[str, str]:
        """The first value of each field, for `parse_*`."""
        return self.fields.to_dict(flat=True)

    def every(self, name: str) -> tuple[str, ...]:
        """All values of a field with several, e.g. ticked boxes."""
        return tuple(self.fields.getlist(name))

    def value(self, name: str) -> str:
        """What stands in the field, exactly as typed."""
        return self.fields.get(name, "")

    def chosen(self, name: str, code: str) -> bool:
        """Whether a radio or a box is marked. Nothing is before somebody has marked it."""
        return code in self.fields.getlist(name)

    def wrong(self, name: str) -> str | None:
        """The sentence to stand beside the field, None when nothing is wrong with it."""
        for problem in self.problems:
            if problem.field == name:
                return sentence_for(problem)
        return None

    def summary(self) -> list[tuple[str, str]]:
        """Field and sentence for everything that is wrong, in the order of the form."""
        return [(problem.field, sentence_for(problem)) for problem in self.problems]

    def corrected_by(self, problems: Iterable[Problem]) -> Typed:
        """The same form with what is wrong with it."""
        return replace(self, problems=tuple(problems))

    def starting_with(self, values: Mapping[str, str | Iterable[str]]) -> Typed:
        """The form filled in from what exists, unless somebody has typed in it already."""
        if self.fields:
            return self
        filled: MultiDict[str, str] = MultiDict()
        for name, value in values.items():
            filled.setlist(name, [value] if isinstance(value, str) else list(value))
        return replace(self, fields=filled)


def typed() -> Typed:
    """The current request's form."""
    once = request.form.get(ONCE, "")
    return Typed(
        fields=MultiDict(request.form),
        submitted=request.method == "POST" and RESUME not in request.form,
        once=once if is_id(once) else str(uuid.uuid4()),
    )


def untouched() -> Typed:
    """A form nobody has typed in, whatever the current request posted."""
    return Typed(fields=MultiDict(), submitted=False, once=str(uuid.uuid4()))


def kept_fields() -> list[tuple[str, str]]:
    """What to carry along so that nothing typed is lost; never a password or a token."""
    return [
        (name, value)
        for name, values in request.form.lists()
        if name not in NEVER_KEPT
        for value in values
    ]


def guard(app: Flask) -> None:
    """Lets in plain forms of sane size and nothing else."""

    @app.before_request
    def only_plain_forms() -> Response | None:
        if request.method in ("GET", "HEAD", "OPTIONS"):
            return None
        if request.mimetype != _FORM:
            abort(415)
        # Counted before it is parsed, so that a million fields cost no more than their bytes.
        if request.get_data(cache=True).count(b"&") >= MOST_FIELDS:
            abort(413)
        rule = request.url_rule
        if RESUME in request.form and rule is not None and "GET" not in (rule.methods or ()):
            return redirect(url_for("cases.index"), 303)
        return None


def is_id(text: str) -> bool:
    """Whether it has the form of an id: what has not is never asked the database for."""
    try:
        return str(uuid.UUID(text)) == text
    except ValueError:
        return False
