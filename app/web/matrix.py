"""Who may tell whom what: one table from the rules of a day, each cell leading to its answer.

An overview, not an answer: every cell is an ordinary item with the chosen purpose and age, so that
what differs is the law. Law: OSL 8 kap. 1 §, 10 kap.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from flask import Blueprint, request
from flask_babel import LazyString, lazy_gettext
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from app.domain.legal_day import legal_day
from app.domain.problem import Problem
from app.web import page
from app.web.answer_words import open_view
from app.web.forms import Typed
from app.web.language import current_language
from app.web.law_words import category_label, kind_label, purpose_choices
from app.web.question_form import ORDINARY, TO_PERSONS
from app.web.site import the_site
from app.web.visitor import open_where_asked
from policies import Law, decide
from policies.coded import facts_of_codes, known_fields, wrong_codes
from policies.pack import DUTIES
from policies.words import WORDS

pages = Blueprint("matrix", __name__)

TYPICAL = {
    "SOC": "K11",
    "SOCFIELD": "K11",
    "SCHOOL_M": "K2",
    "SCHOOL_M_EH": "K3",
    "SCHOOL_M_MED": "K4",
    "SCHOOL_I": "K9",
    "FRITIDSHEM": "K7",
    "LEISURE": "K33",
    "CRIMEPREV": "K33",
    "POLICE": "K17",
    "REGION": "K15",
}
"""Those who work together around young people, and what each mostly holds: the overview's rows."""
AGE = "16"
PURPOSE = "prevent_crime"
SHORT: dict[str, LazyString] = {
    "must": lazy_gettext("ska"),
    "may": lazy_gettext("kan"),
    "duty": lazy_gettext("skyldighet om"),
    "needs_assessment": lazy_gettext("bedömning"),
    "harm": lazy_gettext("skadeprövning"),
    "needs_answer": lazy_gettext("fråga kvar"),
    "needs_request": lazy_gettext("begäran"),
    "needs_approval": lazy_gettext("godkännande"),
    "needs_consent": lazy_gettext("samtycke"),
    "none": lazy_gettext("nej"),
    "stop": lazy_gettext("spärr"),
}
"""One word for a cell; the verdict in full stands in the key and behind the link."""


LONG: dict[str, LazyString] = {
    "duty": lazy_gettext("En skyldighet gäller om bedömningen leder dit"),
    "needs_assessment": lazy_gettext("En särskild bestämmelse kan öppna, efter bedömning"),
    "harm": lazy_gettext("Ingen särskild bestämmelse: skadeprövning eller samtycke"),
}
"""What needs an assessment, told apart by what it would rest on."""


@dataclass(frozen=True, kw_only=True)
class Cell:
    """What the law answers for one sender, category and recipient."""

    to: str
    code: str
    sort: str
    """The code, with what needs an assessment told apart by what it would rest on."""
    codes: dict[str, str]


@dataclass(frozen=True, kw_only=True)
class Row:
    """One sender with one kind of information."""

    sender: str
    category: str
    cells: tuple[Cell, ...]


@pages.get("/regler/matris")
@open_where_asked
def show() -> Response:
    """The table for a day, a purpose and an age; for one sender or one category if chosen."""
    law = the_site().work.law
    codes = known_fields(law, request.args.to_dict(flat=True))
    names = ("on", "purpose", "age", "from", "category")
    codes = {name: code for name, code in codes.items() if name in names}
    wrong = wrong_codes(law, codes)
    problems = tuple(Problem(field=one.field, code=one.code) for one in wrong)
    usable = {name: code for name, code in codes.items() if name not in dict(wrong)}
    on = date.fromisoformat(usable["on"]) if "on" in usable else legal_day(the_site().clock())
    base = {**ORDINARY, "age": AGE, "purpose": PURPOSE, **usable, "on": on.isoformat()}
    asked = tuple(_asked(law, usable))
    rows = () if problems else _rows(law, tuple(sorted(base.items())), asked, on)
    typed = Typed(fields=MultiDict({"age": AGE, "purpose": PURPOSE, **codes}), submitted=False,
                  once="", problems=problems)  # fmt: skip
    return page.render(
        "matrix.html",
        status=422 if problems else 200,
        typed=typed,
        on=on,
        rows=[(kind_label(r.sender), category_label(r.category), r.cells) for r in rows],
        recipients=[(code, kind_label(code)) for code in TYPICAL],
        purposes=[one for one in purpose_choices() if one[0] not in TO_PERSONS],
        kinds=[(code, kind_label(code)) for code in law.vocabulary.kinds],
        categories=[(code, category_label(code)) for code in law.vocabulary.categories],
        short=SHORT,
        key=_key(rows),
    )


def _asked(law: Law, codes: dict[str, str]) -> list[tuple[str, str]]:
    """Senders with categories: those chosen, else the overview's."""
    sender, category = codes.get("from"), codes.get("category")
    if sender:
        held = [one.code for one in law.vocabulary.categories_of(sender)]
        return [(sender, one) for one in held if category in (None, one)]
    if category:
        kinds = law.vocabulary.kinds
        return [
            (kind, category)
            for kind in kinds
            if category in {one.code for one in law.vocabulary.categories_of(kind)}
            and not kind.startswith("PERSON")
        ]
    return list(TYPICAL.items())


@lru_cache(maxsize=32)
def _rows(
    law: Law, base: tuple[tuple[str, str], ...], asked: tuple[tuple[str, str], ...], on: date
) -> tuple[Row, ...]:
    """The cells. Kept for the next reader: nothing in them is about anybody."""
    return tuple(
        Row(
            sender=sender,
            category=category,
            cells=tuple(_cell(law, dict(base), sender, category, to, on) for to in TYPICAL),
        )
        for sender, category in asked
    )


def _cell(law: Law, base: dict[str, str], sender: str, category: str, to: str, on: date) -> Cell:
    codes = {**base, "from": sender, "to": to, "category": category}
    facts = facts_of_codes(law, codes, today=on)
    view = open_view(law, facts, decide(law, facts), label="", to=to)
    sort = view.code
    if sort == "needs_assessment":
        sort = "duty" if view.effect in DUTIES else sort if view.special else "harm"
    return Cell(to=to, code=view.code, sort=sort, codes=codes)


def _key(rows: tuple[Row, ...]) -> list[tuple[str, LazyString, str | LazyString]]:
    """Each word in the table with its verdict in full, in the order of the verdicts."""
    used = {cell.sort for row in rows for cell in row.cells}
    words = WORDS[current_language()]
    return [(one, SHORT[one], LONG.get(one) or words[one]) for one in SHORT if one in used]
