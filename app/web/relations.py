"""*Jäv*: declared and withdrawn by the one it concerns, and a warning before they read on."""

from __future__ import annotations

from flask import Blueprint, request, url_for
from flask_babel import LazyString, lazy_gettext
from werkzeug.wrappers import Response

from app.domain.declared_relation import BONDS, Bond, parse_target
from app.domain.legal_day import legal_day
from app.flows.declare_relation import declare_relation, own_relations, withdraw_relation
from app.flows.not_found import NotFound
from app.flows.read_notes import RelationInTheWay
from app.web import errors, forms, notices, page
from app.web.site import the_site
from app.web.visitor import the_actor

pages = Blueprint("relations", __name__)

DESPITE = "despite_relation"
"""The field by which somebody says that they have seen the warning and read on."""

BOND_WORDS: dict[Bond, LazyString] = {
    "family": lazy_gettext("Släkt, sambo eller tidigare partner"),
    "close": lazy_gettext("Nära vän eller granne"),
    "conflict": lazy_gettext("Osämja"),
    "money": lazy_gettext("Ekonomiskt beroende"),
    "other": lazy_gettext("Annat som kan rubba förtroendet"),
}


@pages.route("/jav", methods=["GET", "POST"])
def index() -> Response:
    """What the visitor has declared, and the form for more; or one withdrawn by its button."""
    site, work, typed, actor = the_site(), the_site().work, forms.typed(), the_actor()
    at = site.clock()
    if not typed.submitted:
        return _page(typed)
    if withdrawn := typed.value("withdraw"):
        if not forms.is_id(withdrawn):
            return errors.not_found()
        outcome = withdraw_relation(withdrawn, actor, at=at, store=work.store, rings=work.rings)
        if isinstance(outcome, NotFound):
            return errors.not_found()
        return notices.after(url_for("relations.index"), "relation_withdrawn")
    target = parse_target(typed.texts(), on=legal_day(at))
    if isinstance(target, list):
        return _page(typed.corrected_by(target), status=422)
    declare_relation(target, actor, token=typed.token, at=at, store=work.store, rings=work.rings)
    return notices.after(url_for("relations.index"), "relation_declared")


def warning(met: RelationInTheWay) -> Response:
    """Before what the reader has declared jäv in is opened. Nothing is opened by it."""
    kept = [(name, value) for name, value in forms.kept_fields() if name not in ("once", DESPITE)]
    return page.render(
        "relation_warning.html",
        case=met.case,
        typed=forms.untouched(),
        kept=kept,
        path=request.path,
        despite=DESPITE,
    )


def _page(typed: forms.Typed, *, status: int = 200) -> Response:
    site, work = the_site(), the_site().work
    found = own_relations(the_actor(), at=site.clock(), store=work.store, rings=work.rings)
    return page.render(
        "relations.html",
        status=status,
        typed=typed,
        bonds=[(one, str(BOND_WORDS[one])) for one in BONDS],
        relations=[(one, str(BOND_WORDS[one.target.bond])) for one in found],
    )
