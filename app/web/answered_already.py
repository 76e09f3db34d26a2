"""Somebody was first: who and when, and the text that was sent, which is kept nowhere else."""

from __future__ import annotations

from flask_babel import LazyString, gettext, lazy_gettext
from werkzeug.wrappers import Response

from app.flows.answered_already import AnsweredAlready
from app.web import forms, page
from app.web.visitor import the_actor

SIGNAL = lazy_gettext(
    "%(who)s har redan svarat på signalen, %(time)s. Det svaret gäller, och ditt är inte sparat."
)
ITEM = lazy_gettext(
    "%(who)s har redan svarat på posten, %(time)s. Det svaret gäller, och ditt är inte sparat."
)
QUESTION = lazy_gettext(
    "%(who)s har redan ställt en fråga om posten, %(time)s. Din fråga är inte ställd."
)
SIGNATURE = lazy_gettext("%(who)s har redan skrivit under rundan, %(time)s.")
OPENING = lazy_gettext(
    "%(who)s har redan gjort loggkontrollen av nödöppningen, %(time)s. Den bedömningen gäller, "
    "och din är inte sparad."
)
CONFIRMATION = lazy_gettext(
    "%(who)s har redan bekräftat nödöppningen, %(time)s. Den som begärde den kan läsa."
)
APPROVAL = lazy_gettext(
    "%(who)s har redan svarat på frågan om godkännande, %(time)s. Svaret kan inte ändras, och ditt "
    "är inte sparat."
)
LETTER = lazy_gettext(
    "%(who)s har redan släppt brevet, %(time)s. Det som är släppt är släppt, och ditt val är inte "
    "sparat."
)
_OWN = lazy_gettext(
    "Du har själv redan gjort det, %(time)s. Det du skickade då gäller, och det här är inte sparat."
)

_WRITTEN = ("remark", "question", "reply", "reason", "reasons")
"""The fields of these forms that hold what somebody wrote; the rest are choices and ids."""


def page_of(first: AnsweredAlready, place: str, told: LazyString = _OWN) -> Response:
    """Who was first, as `told` says it, the way to it, and the text that came too late."""
    own = first.by is not None and first.by.id == the_actor().staff_id
    sentence = f"{_OWN if own else told}"
    return page.render(
        "answered_already.html",
        status=409,
        title=gettext("Det är redan gjort") if own else gettext("Någon annan hann före"),
        told=sentence
        % {"who": first.by.name if first.by else "", "time": page.local_clock(first.at)},
        place=place,
        texts=[value for name, value in forms.kept_fields() if name in _WRITTEN and value.strip()],
    )
