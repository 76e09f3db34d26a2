"""*Det här har lämnats ut*: the letter on a disclosure, proposed, sent or not, and printed.

Law: OSL 12 kap. 2, 3 §§; dataskyddsförordningen artikel 14.1
"""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, render_template, url_for
from flask_babel import LazyString, force_locale, lazy_gettext
from markupsafe import Markup
from werkzeug.wrappers import Response

from app.domain.disclosure_letter import Caution, parse_choice
from app.flows.answered_already import AnsweredAlready
from app.flows.not_found import NotFound
from app.flows.write_letter import LetterNotKept, LetterPage, decide_letter, view_letter
from app.web import answered_already, errors, forms, notices, page
from app.web.case_page import named
from app.web.law_words import category_label, label, purpose_label
from app.web.person_words import relation_word
from app.web.site import law_of_day, the_hands, the_site
from app.web.visitor import the_actor
from policies.selectors import written_out

pages = Blueprint("letters", __name__)

CAUTIONS: dict[Caution, LazyString] = {
    "police": lazy_gettext(
        "Det lämnades till polis eller åklagare. Fråga dem om det skadar deras arbete att den det "
        "gäller får veta."
    ),
    "investigation": lazy_gettext("Uppgiften hör, eller kan höra, till en utredning om brott."),
    "reporter": lazy_gettext("Brevet kan avslöja vem som har anmält eller lämnat uppgiften."),
    "protected": lazy_gettext(
        "Någon i ärendet har, eller kan ha, skyddade personuppgifter. Skicka inget som visar var "
        "personen finns, och använd bara den adress som gäller för skyddad post."
    ),
    "guardian": lazy_gettext(
        "Tänk på om den unge lider betydande men av att vårdnadshavaren får veta (OSL 12 kap. 3 §)."
    ),
}


@pages.route("/utlamnanden/<uuid:disclosure_id>/brev", methods=["GET", "POST"])
def letter(disclosure_id: UUID) -> Response:
    """The proposal with its form; or the letter, once it has been released."""
    typed = forms.typed()
    if not typed.submitted:
        return _page(str(disclosure_id), typed)
    choice = parse_choice(typed.texts())
    if isinstance(choice, list):
        return _page(str(disclosure_id), typed.corrected_by(choice), status=422)
    outcome = decide_letter(str(disclosure_id), choice, the_actor(), **the_hands())
    if isinstance(outcome, NotFound):
        return errors.not_found()
    if isinstance(outcome, LetterNotKept):
        return _page(str(disclosure_id), typed.corrected_by(outcome.problems), status=422)
    place = url_for("letters.letter", disclosure_id=disclosure_id)
    if isinstance(outcome, AnsweredAlready):
        return answered_already.page_of(outcome, place, answered_already.LETTER)
    notice = "letter_released" if choice.outcome == "released" else "letter_withheld"
    return notices.after(place, notice)


def _page(disclosure_id: str, typed: forms.Typed, *, status: int = 200) -> Response:
    found = view_letter(disclosure_id, the_actor(), **the_hands())
    if isinstance(found, NotFound):
        return errors.not_found()
    return page.render(
        "letter.html",
        status=status,
        typed=typed,
        found=found,
        recipient=found.recipient.name if found.recipient else "",
        to=[
            (one.subject.id, f"{one.subject.identity.name} ({relation_word(one.relation)})")
            for one in found.to
        ],
        cautions=[str(CAUTIONS[one]) for one in found.cautions],
        letter_by=named(found.letter_by),
        text=_text(found),
    )


def _text(found: LetterPage) -> Markup:
    """The released letter in its own language, whatever the reader's is; else nothing."""
    addressee = found.addressee
    if found.letter is None or addressee is None:
        return Markup("")
    with force_locale(found.letter.choice.language):
        html = render_template(
            "letter_text.html",
            language=found.letter.choice.language,
            letter=found.letter,
            name=addressee.subject.identity.name,
            own=addressee.relation == "subject",
            made=found.made,
            organisation=the_actor().organisation,
            recipient=found.recipient.name if found.recipient else "",
            category=category_label(found.head.category),
            purpose=purpose_label(found.made.purpose),
            grounds=_grounds(found),
            decider=named(found.decider),
        )
    return Markup(html)  # noqa: S704 - the template escapes everything that is filled in


def _grounds(found: LetterPage) -> list[str]:
    rules = (law_of_day(found.made.pack) or the_site().work.law).rules
    told = []
    for one in found.made.grounds:
        rule = rules.get(one)
        if rule is not None:
            cited = ", ".join(text for cite in rule.cite if (text := written_out(cite)))
            told.append(f"{label(rule, one)} ({cited})")
    return told
