"""*Regelpaket*: what is in use, what is proposed and what it changes, and who decides.

Law: OSL 10 kap. (what may be disclosed changes with the rules, so no one person changes them)
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Literal
from uuid import UUID

from flask import Blueprint, redirect, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from app.domain.problem import Problem
from app.flows.examine_pack import Examiner, Trying, examine_pack
from app.flows.list_approvals import may
from app.flows.not_found import NotFound
from app.flows.pack_folder import packs_in, read_pack
from app.flows.propose_pack import (
    ACTIVATE,
    PROPOSE,
    NotProposed,
    PackFaulty,
    propose_pack,
)
from app.flows.settle_pack import (
    NotSettled,
    PackList,
    ProposalView,
    settle_pack,
    view_packs,
    view_proposal,
)
from app.keys import event_sealer
from app.web import errors, forms, notices, pack_words, page
from app.web.case_page import named
from app.web.site import law_in_use, the_hands, the_site
from app.web.visitor import the_actor
from policies import PackError, pack_contents
from policies import Problem as PackProblem

pages = Blueprint("packs", __name__)

PACKAGED = "packaged"
_A_WHILE_SECONDS = 5.0
"""How long one press of the button goes on. What remains takes another, or `sluss pack examine`."""


@pages.route("/regelpaket", methods=["GET", "POST"])
def index() -> Response:
    """What is in use and what is proposed; and the form that proposes one more."""
    typed = forms.typed()
    if not typed.submitted:
        return _list_page(typed)
    if not may(the_actor(), the_site().work.law, PROPOSE):
        return _list_page(typed)
    contents = _contents(typed.value("source"))
    if contents is None:
        wrong = [Problem(field="source", code="choose_one")]
        return _list_page(typed.corrected_by(wrong), status=422)
    work = the_site().work
    outcome = propose_pack(
        contents,
        the_actor(),
        token=typed.token,
        **the_hands(),
        packaged=work.active.packaged,
    )
    if isinstance(outcome, NotFound):
        return errors.not_found()
    if isinstance(outcome, PackFaulty):
        return _list_page(typed, faults=outcome.problems, status=422)
    if isinstance(outcome, NotProposed):
        return _list_page(typed, refused=outcome.reason, status=409)
    here = url_for("packs.show", proposal_id=outcome.proposal_id)
    return notices.after(here, "pack_proposed")


@pages.get("/regelpaket/<uuid:proposal_id>")
def show(proposal_id: UUID) -> Response:
    """One proposal: what it changes, and what can be done with it now."""
    return _page(str(proposal_id), forms.untouched())


@pages.post("/regelpaket/<uuid:proposal_id>/granska")
def examine(proposal_id: UUID) -> Response:
    """Go on finding out for some seconds."""
    site, work, actor = the_site(), the_site().work, the_actor()
    found = _seen(str(proposal_id))
    if isinstance(found, NotFound):
        return errors.not_found()
    examiner = Examiner(
        organisation_id=actor.organisation_id,
        actor={
            "staff": actor.staff_id,
            "roles": " ".join(sorted(actor.roles)),
            "session": actor.session_id,
        },
        sealer=event_sealer(work.rings.current(actor.organisation_id), None),
        store=work.store,
        rings=work.rings,
    )
    until = time.monotonic() + _A_WHILE_SECONDS
    while True:
        step = examine_pack(str(proposal_id), examiner, at=site.clock())
        if not isinstance(step, Trying) or time.monotonic() > until:
            break
    return redirect(url_for("packs.show", proposal_id=proposal_id), 303)


@pages.post("/regelpaket/<uuid:proposal_id>/ta-i-bruk")
def activate(proposal_id: UUID) -> Response:
    """By somebody else than the one who proposed it. It counts from this moment."""
    return _settle(str(proposal_id), "activate", "pack_activated")


@pages.post("/regelpaket/<uuid:proposal_id>/ta-tillbaka")
def withdraw(proposal_id: UUID) -> Response:
    """The proposal comes to nothing."""
    return _settle(str(proposal_id), "withdraw", "pack_withdrawn")


def _settle(proposal_id: str, act: Literal["activate", "withdraw"], notice: str) -> Response:
    outcome = settle_pack(proposal_id, act, the_actor(), **the_hands())
    if isinstance(outcome, NotFound):
        return errors.not_found()
    if isinstance(outcome, NotSettled):
        return _page(proposal_id, forms.untouched(), refused=outcome.reason, status=409)
    return notices.after(url_for("packs.index"), notice)


def _contents(source: str) -> Mapping[str, bytes] | PackError | None:
    """The files that were chosen; None where nothing that lies ready was."""
    try:
        if source == PACKAGED:
            return pack_contents()
        return read_pack(the_site().work.state, source.removeprefix("folder:"))
    except PackError as fault:
        return fault


def _sources(found: PackList) -> list[tuple[str, str]]:
    packaged = the_site().work.active.packaged
    offered = []
    if not found.activations or found.activations[0].sha256 != packaged.sha256:
        text = gettext(
            "De regler som följer med den här versionen av Sluss (%(version)s)",
            version=packaged.version,
        )
        offered.append((PACKAGED, str(text)))
    lying = packs_in(the_site().work.state)
    return offered + [
        (f"folder:{name}", str(gettext("Mappen %(name)s", name=name))) for name in lying
    ]


def _list_page(
    typed: forms.Typed,
    *,
    faults: Sequence[PackProblem] = (),
    refused: str = "",
    status: int = 200,
) -> Response:
    work, actor = the_site().work, the_actor()
    found = view_packs(actor, **the_hands())
    if isinstance(found, NotFound):
        return errors.not_found()
    staff = found.staff
    taken = [
        {
            "version": one.version,
            "sha256": one.sha256,
            "at": one.activated_at,
            "proposed_by": named(staff[one.proposed_by]) if one.proposed_by else "",
            "activated_by": named(staff[one.activated_by]) if one.activated_by else "",
        }
        for one in found.activations
    ]
    return page.render(
        "packs.html",
        status=status,
        typed=typed,
        faults=faults,
        refused=pack_words.WHY_NOT.get(refused, ""),
        in_use=taken[0] if taken else None,
        usable=law_in_use().usable,
        before=taken[1:],
        proposals=[
            (one, *pack_words.state_of(one), named(staff.get(one.proposed_by)))
            for one in found.proposals
        ],
        may_propose=may(actor, work.law, PROPOSE),
        sources=_sources(found),
    )


def _seen(proposal_id: str) -> ProposalView | NotFound:
    return view_proposal(proposal_id, the_actor(), **the_hands())


def _page(
    proposal_id: str, typed: forms.Typed, *, refused: str = "", status: int = 200
) -> Response:
    found, actor, law = _seen(proposal_id), the_actor(), the_site().work.law
    if isinstance(found, NotFound):
        return errors.not_found()
    findings, one = found.findings, found.proposal
    own = one.proposed_by == actor.staff_id
    state, color = pack_words.state_of(one)
    return page.render(
        "pack.html",
        status=status,
        typed=typed,
        refused=pack_words.WHY_NOT.get(refused, ""),
        one=one,
        state=state,
        color=color,
        proposed_by=pack_words.by_whom(found, one.proposed_by),
        settled_by=pack_words.by_whom(found, one.settled_by) if one.settled_by else "",
        stale=found.stale,
        own=own,
        open=one.state in ("proposed", "compared", "unexplained", "examined"),
        may_activate=may(actor, law, ACTIVATE),
        groups=pack_words.cell_groups(findings) if findings else [],
        compared=findings is not None,
        reasons=pack_words.reason_lines(findings) if findings else [],
        unexplained=pack_words.unexplained(findings) if findings else [],
        trials=pack_words.trial_lines(found, actor.organisation_id),
        done=sum(found.trials.values()),
        cases=len(the_site().work.active.cases_of(one.sha256, the_site().clock()).all),
        changes=pack_words.change_lines(found),
    )
