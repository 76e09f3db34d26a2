"""*Signaler*: what in the log to look at, why in one sentence, and what to do about it."""

from __future__ import annotations

from flask import Blueprint, request, url_for
from flask_babel import LazyString, lazy_gettext
from werkzeug.wrappers import Response

from app.domain.judgement import parse_judgement
from app.flows.answered_already import AnsweredAlready
from app.flows.not_found import NotFound
from app.flows.review_signals import SignalSeen, SignalsSeen, answer_signal, see_signals
from app.signals.access import SignalKind
from app.web import answered_already, errors, forms, notices, page
from app.web.case_page import named
from app.web.site import the_hands, the_site
from app.web.trail_words import unlike_told
from app.web.visitor import the_actor

pages = Blueprint("signals", __name__)

WHY: dict[SignalKind, LazyString] = {
    "emergency": lazy_gettext("%(who)s nödöppnade ärendet utan att vara med i ärendegruppen."),
    "access_differs": lazy_gettext(
        "%(who)s ville in med en roll, en delegation eller en plats i en ärendegrupp, eller se "
        "något inkommet, som står annorlunda i databasen än i loggen."
    ),
    "outside_usual_work": lazy_gettext(
        "%(who)s tittade i ärendet på %(count)s olika dagar utan att göra något annat där."
    ),
    "many_unworked": lazy_gettext(
        "%(who)s tittade på två månader i %(count)s ärenden utan att göra något annat i dem."
    ),
    "colleague": lazy_gettext("%(who)s tittade i ett ärende där en medarbetare hos er finns med."),
    "declared_relation": lazy_gettext(
        "%(who)s arbetade i ett ärende där hen själv har anmält jäv."
    ),
    "rare_surname": lazy_gettext(
        "%(who)s tittade i ett ärende där någon har samma ovanliga efternamn."
    ),
    "many_cases": lazy_gettext("%(who)s tittade i %(count)s ärenden inom en halvtimme."),
    "outside_schedule": lazy_gettext("%(who)s läste utanför arbetstid."),
    "after_closing": lazy_gettext(
        "%(who)s tittade i ärendet efter att det avslutades, utan att göra något annat där."
    ),
    "protected": lazy_gettext(
        "%(who)s tittade i ett ärende med skyddade personuppgifter utan att arbeta i det."
    ),
    "repeated_refusals": lazy_gettext("%(who)s nekades %(count)s gånger på kort tid."),
}

TO_DO: dict[SignalKind, LazyString] = {
    "emergency": lazy_gettext(
        "Läs skälet och jämför med vad som öppnades. Bedömningen görs under Nödöppningar."
    ),
    "access_differs": lazy_gettext(
        "Någon kan ha ändrat direkt i databasen. Tala genast med den som driver Sluss hos er, "
        "och se i loggen vad personen har gjort. Ändra inget i databasen innan det är utrett."
    ),
    "outside_usual_work": lazy_gettext(
        "Fråga vad uppgiften var. Ska hen inte arbeta i ärendet, ta bort hen ur ärendegruppen."
    ),
    "many_unworked": lazy_gettext(
        "Fråga vad uppgiften var i vart och ett, och se i loggen vad som öppnades."
    ),
    "colleague": lazy_gettext(
        "Kontrollera att ärendet har den handläggare ni har bestämt, och fråga varför hen läste."
    ),
    "declared_relation": lazy_gettext(
        "Se till att någon annan tar över ärendet, och pröva om det som gjordes ska göras om."
    ),
    "rare_surname": lazy_gettext(
        "Fråga om de är släkt. Är de det, ska hen anmäla jäv och någon annan ta över."
    ),
    "many_cases": lazy_gettext(
        "Fråga vad genomgången var till för. Saknas uppgift, se vad som lästes i loggen."
    ),
    "outside_schedule": lazy_gettext("Jämför med schema, jour och övertid, och fråga annars."),
    "after_closing": lazy_gettext("Fråga vad ärendet behövdes till nu."),
    "protected": lazy_gettext(
        "Fråga genast. Har någon obehörig sett var personen finns kan det vara bråttom."
    ),
    "repeated_refusals": lazy_gettext(
        "Fråga vad hen sökte. Saknar hen rätt ärende behövs det ofta en plats i ärendegruppen."
    ),
}


@pages.route("/loggkontroll/signaler", methods=["GET", "POST"])
def index() -> Response:
    """The signals of the last five weeks, without an answer first, and the answer to one."""
    typed = forms.typed()
    key = typed.value("signal")
    if not typed.submitted:
        return _page(typed, key or request.args.get("valj", ""))
    judged = parse_judgement(typed.texts())
    if isinstance(judged, list):
        return _page(typed.corrected_by(judged), key, status=422)
    outcome = answer_signal(key, judged.verdict, judged.remark, the_actor(), **the_hands())
    if isinstance(outcome, NotFound):
        return errors.not_found()
    here = url_for("signals.index")
    if isinstance(outcome, AnsweredAlready):
        return answered_already.page_of(outcome, here, answered_already.SIGNAL)
    return notices.after(here, "signal_answered")


def _page(typed: forms.Typed, asked: str, *, status: int = 200) -> Response:
    actor = the_actor()
    found = see_signals(actor, key=asked, **the_hands())
    if isinstance(found, NotFound):
        return errors.not_found()
    lines = [_line(seen, found, actor.staff_id) for seen in found.lines]
    to_do = [
        line["key"]
        for line in lines
        if not line["mine"] and not line["reviewer"] and line["kind"] != "emergency"
    ]
    return page.render(
        "signals.html",
        status=status,
        typed=typed,
        lines=lines,
        whole=found.whole,
        unlike=unlike_told(found.unlike, the_site().work.law),
        later=found.later,
        more=found.more,
        # One form on the page, as under emergency openings.
        open_form=asked if asked in to_do else next(iter(to_do), ""),
    )


def _line(seen: SignalSeen, found: SignalsSeen, viewer_id: str) -> dict[str, object]:
    signal, answered = seen.signal, seen.answer
    who = named(found.staff.get(signal.staff_id))
    return {
        "key": seen.key,
        "kind": signal.kind,
        "opening_id": seen.opening_id or "",
        "at": signal.at,
        "n": signal.n,
        "why": f"{WHY[signal.kind]}" % {"who": who, "count": signal.count},
        "to_do": str(TO_DO[signal.kind]),
        "case": found.cases.get(signal.case_id or ""),
        "mine": signal.staff_id == viewer_id,
        "verdict": answered.verdict if answered else "",
        "answered_at": answered.answered_at if answered else None,
        "reviewer": named(found.staff.get(answered.answered_by)) if answered else "",
        "remark": seen.remark,
    }
