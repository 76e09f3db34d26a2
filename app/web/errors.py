"""Every way a request can fail, as a page a person can act on.

What does not exist and what is not for you are the same answer, byte for byte. No page tells what
went wrong inside: that is in the log, under the fault's id.
"""

from __future__ import annotations

from dataclasses import dataclass

import structlog
from flask import Flask, g, request
from flask_babel import LazyString, lazy_gettext
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from app.domain.ids import new_id
from app.records.errors import StoreBusy, StoreConflict, StoreFault, StoreFull
from app.web import kept, operational_log, page
from app.web.site import Fault, the_site
from policies import PackError


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """What happened, whose fault it is, and what to do."""

    title: LazyString
    happened: LazyString
    to_do: LazyString


EXPLANATIONS = {
    400: Explanation(
        title=lazy_gettext("Sluss kunde inte läsa begäran"),
        happened=lazy_gettext("Ingenting har ändrats."),
        to_do=lazy_gettext("Gå till startsidan och försök igen därifrån."),
    ),
    404: Explanation(
        title=lazy_gettext("Sidan finns inte"),
        happened=lazy_gettext(
            "Adressen kan vara fel, eller så finns det du söker inte för dig. "
            "Sluss visar bara ärenden och anteckningar för dem som arbetar med dem."
        ),
        to_do=lazy_gettext(
            "Gå till startsidan. Saknar du ett ärende som du ska arbeta med, "
            "be din chef att lägga till dig i ärendegruppen."
        ),
    ),
    409: Explanation(
        title=lazy_gettext("Någon annan hann före"),
        happened=lazy_gettext(
            "Det du arbetade med har ändrats sedan du öppnade sidan. Ingenting av ditt är sparat."
        ),
        to_do=lazy_gettext("Öppna sidan på nytt, se vad som har ändrats och gör om det du ville."),
    ),
    413: Explanation(
        title=lazy_gettext("Det du skickade är för stort"),
        happened=lazy_gettext("Ingenting har sparats."),
        to_do=lazy_gettext("Gå tillbaka, korta texten eller dela upp den i flera anteckningar."),
    ),
    415: Explanation(
        title=lazy_gettext("Sluss kunde inte läsa begäran"),
        happened=lazy_gettext("Sluss tar bara emot sina egna formulär. Ingenting har ändrats."),
        to_do=lazy_gettext("Gå till startsidan och försök igen därifrån."),
    ),
    429: Explanation(
        title=lazy_gettext("För många försök"),
        happened=lazy_gettext("Kontot är spärrat en stund för att skydda det."),
        to_do=lazy_gettext("Vänta några minuter och försök igen."),
    ),
    500: Explanation(
        title=lazy_gettext("Något gick fel i Sluss"),
        happened=lazy_gettext(
            "Felet är vårt, inte ditt. Det du gjorde har inte genomförts, inte heller till en del."
        ),
        to_do=lazy_gettext("Försök igen. Händer det igen, lämna felets nummer till er support."),
    ),
    503: Explanation(
        title=lazy_gettext("Sluss är upptagen just nu"),
        happened=lazy_gettext("Det du gjorde har inte genomförts."),
        to_do=lazy_gettext("Vänta en liten stund och försök igen."),
    ),
}
FULL = Explanation(
    title=lazy_gettext("Sluss kan inte spara just nu"),
    happened=lazy_gettext(
        "Det finns inte plats att spara mer. Utan plats för loggen görs ingenting alls, "
        "så det du gjorde har inte genomförts."
    ),
    to_do=lazy_gettext("Kontakta er support och lämna felets nummer. Försök igen sedan."),
)
UNREADABLE_LAW = Explanation(
    title=lazy_gettext("Reglerna kan inte läsas"),
    happened=lazy_gettext(
        "Just nu kan ingenting lämnas ut ur Sluss, eftersom ingen kan säga vad lagen tillåter. "
        "Reglerna säger också vem som får läsa och skriva, så allt är stängt tills de kan läsas. "
        "Ingenting har gått förlorat."
    ),
    to_do=lazy_gettext(
        "Kontakta er support. Brådskar det, pröva utlämnandet själv enligt er rutin "
        "och anteckna det i efterhand."
    ),
)
LAW_NOT_IN_USE = Explanation(
    title=lazy_gettext("Reglerna kan inte användas"),
    happened=lazy_gettext(
        "De regler som är i bruk kan inte läsas, eller är inte de som två personer har tagit i "
        "bruk. Då kan ingen säga vad lagen tillåter, och ingenting lämnas ut. Anteckningar läser "
        "och skriver du som vanligt, och det som redan är på väg kan stoppas."
    ),
    to_do=lazy_gettext(
        "Kontakta er support. Brådskar det, pröva utlämnandet själv enligt er rutin "
        "och anteckna det i efterhand."
    ),
)
OLD_PAGE = Explanation(
    title=lazy_gettext("Sidan hade blivit för gammal"),
    happened=lazy_gettext("Du har loggat in på nytt sedan du öppnade den. Ingenting har ändrats."),
    to_do=lazy_gettext("Gå tillbaka till formuläret och skicka det igen."),
)


TOO_MANY_QUESTIONS = Explanation(
    title=lazy_gettext("Många frågor på kort tid"),
    happened=lazy_gettext(
        "Här får vem som helst fråga vad lagen säger, men inte fortare än en människa hinner läsa "
        "svaren. Inget av det du har frågat är sparat."
    ),
    to_do=lazy_gettext(
        "Vänta en liten stund och ladda om sidan. Är ni många bakom samma adress, logga in: den "
        "som är inloggad behöver inte vänta på andra."
    ),
)


def install(app: Flask) -> None:
    """Answers every exception with a page, and records the faults among them."""
    app.register_error_handler(CSRFError, _old_page)
    app.register_error_handler(HTTPException, _refused)
    app.register_error_handler(PackError, _no_law)
    app.register_error_handler(Exception, _fault)


def not_found() -> Response:
    """The one answer to what does not exist and to what is not for the one who asks.

    What was posted is shown again: somebody may have been taken out of a case while they wrote.
    """
    return _explained(404, EXPLANATIONS[404], keep=True)


def too_many_questions(seconds: int) -> Response:
    """Whoever asks faster than a person reads, and how long until the next question."""
    answer = _explained(429, TOO_MANY_QUESTIONS)
    answer.headers["Retry-After"] = str(seconds)
    return answer


def law_unreadable() -> Response:
    """Nothing can be disclosed while the rules cannot be read."""
    return _explained(503, UNREADABLE_LAW)


def law_not_in_use() -> Response:
    """What the law is asked about is shut; the rest is open. Typed text is given back."""
    return _explained(503, LAW_NOT_IN_USE, keep=True)


def _explained(
    status: int, explanation: Explanation, *, fault_id: str | None = None, keep: bool = False
) -> Response:
    kept_form = kept.posted() if keep and request.method == "POST" else None
    return page.render(
        "error.html",
        status=status,
        quiet=True,
        explanation=explanation,
        fault_id=fault_id,
        kept=kept_form,
        resume=status != 404,
        retry_path=request.path if status == 503 else None,
    )


def _old_page(_error: Exception) -> Response:
    return _explained(400, OLD_PAGE, keep=True)


def _no_law(_error: Exception) -> Response:
    return law_unreadable()


def _refused(error: Exception) -> Response:
    status = error.code if isinstance(error, HTTPException) and error.code else 500
    if status in (301, 302, 303, 304, 307, 308) and isinstance(error, HTTPException):
        return error.get_response()
    if status in (401, 403, 404, 405):
        return not_found()
    known = status if status in EXPLANATIONS else 400 if status < 500 else 500
    return _explained(known, EXPLANATIONS[known])


def _fault(error: Exception) -> Response:
    actor = g.visitor.actor if g.get("visitor") else None
    fault = Fault(
        id=new_id(the_site().clock()),
        kind=type(error).__name__,
        route=request.url_rule.rule if request.url_rule else "",
        organisation_id=actor.organisation_id if actor else None,
        staff_id=actor.staff_id if actor else None,
        at=the_site().clock(),
    )
    log = structlog.get_logger().bind(fault_id=fault.id, request_id=g.get("request_id"))
    log.error("fault", fault=fault.kind, route=fault.route, where=operational_log.frames(error))
    try:
        the_site().record_fault(fault)
    except Exception as second:  # noqa: BLE001 -- because the person must get a page all the same
        log.error("fault_not_recorded", fault=type(second).__name__)
    if isinstance(error, StoreFull):
        return _explained(503, FULL, fault_id=fault.id, keep=True)
    if isinstance(error, StoreBusy):
        return _explained(503, EXPLANATIONS[503], fault_id=fault.id, keep=True)
    if isinstance(error, StoreConflict):
        return _explained(409, EXPLANATIONS[409], fault_id=fault.id, keep=True)
    status = 503 if isinstance(error, StoreFault) else 500
    return _explained(status, EXPLANATIONS[500], fault_id=fault.id, keep=True)
