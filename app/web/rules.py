"""*Reglerna*: every rule in force on a chosen day, as somebody who knows the law wants to read it.

Nothing here is about anybody, so nothing is logged. Law: OSL 8 kap. 1 §, 10 kap.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from flask import Blueprint, request
from flask_babel import LazyString, gettext, lazy_gettext
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from app.domain.legal_day import legal_day
from app.domain.problem import Problem
from app.web import errors, page
from app.web.forms import Typed
from app.web.language import current_language
from app.web.law_words import kind_label
from app.web.question_form import told
from app.web.site import cases_in_use, the_site
from app.web.visitor import open_where_asked
from policies import Law, decide, explain
from policies.coded import EARLIEST, NoCodes, codes_of_facts, facts_of_codes, wrong_codes
from policies.pack import Answer, Rule, Scenario
from policies.rule_text import (
    EFFECTS,
    Proofs,
    RuleSheet,
    SecrecySheet,
    days_of_change,
    proofs_of,
    rule_sheet,
    secrecy_sheet,
)
from policies.rule_words import RULE_WORDS, source_word
from policies.scenarios import Cases, facts_of_answer, granted_facts, granted_in

pages = Blueprint("rules", __name__)

OUTCOMES: dict[str, LazyString] = {
    "PERMITTED": lazy_gettext("kan lämnas ut"),
    "DUTY": lazy_gettext("ska lämnas ut"),
    "CONSENT_ONLY": lazy_gettext("kräver samtycke"),
    "HARM_ASSESSMENT": lazy_gettext("kan lämnas ut efter bedömning"),
    "FORBIDDEN": lazy_gettext("får inte lämnas ut"),
}
_PROOFS: dict[str, tuple[Cases, Proofs]] = {}
"""What the rules are proved by, kept for the next reader: it is the same for everyone, and every
case would be asked of the law anew."""
FIDELITY: dict[str, LazyString] = {
    "P": lazy_gettext("Fallet och svaret står i källan."),
    "X": lazy_gettext("Källan anger regeln, fallet är en illustration."),
    "I": lazy_gettext("Svaret är en slutsats ur källan."),
    "D": lazy_gettext("Härlett ur lagtexten, utan publicerat svar."),
}


@dataclass(frozen=True, kw_only=True)
class RuleGroup:
    """Rules with one effect, under one heading."""

    id: str
    heading: str
    rules: tuple[RuleSheet, ...]


@dataclass(frozen=True, kw_only=True)
class AnswerLine:
    """One published answer, and what the rules answer."""

    on: date
    published: LazyString | str
    """Empty where the case says only which rules must apply, or must not."""
    rule: str
    fired: tuple[str, ...]
    not_fired: tuple[str, ...]
    differs: tuple[tuple[str, str], ...]
    """What is otherwise than in the case's first question."""
    verdict: str
    code: str
    codes: dict[str, str]
    """The question with what the source grants, for *Får jag dela?*."""


@pages.get("/regler")
@open_where_asked
def index() -> Response:
    """The rules of one day, for one sending organisation; without one, where to begin."""
    law, typed = the_site().work.law, _typed("on", "from")
    on = _day(typed)
    problems = [Problem(field="on", code=one.code) for one in wrong_codes(law, _asked_day(typed))]
    kind = typed.value("from")
    if kind and kind not in law.vocabulary.kinds:
        problems.append(Problem(field="from", code="unknown_code"))
    day = on or legal_day(the_site().clock())
    shown = kind if kind and not problems else ""
    return page.render(
        "rules.html",
        status=422 if problems else 200,
        typed=typed.corrected_by(problems),
        on=day,
        kinds=[(code, kind_label(code)) for code in law.vocabulary.kinds],
        kind=kind_label(shown) if shown else "",
        groups=_groups(law, shown, day) if shown else (),
        secrecy=_secrecy(law, shown, day) if shown else (),
        counted=[] if shown else _counted(law, day),
        changes=[day for day in days_of_change(law) if day >= EARLIEST],
        law=law,
    )


@pages.get("/regler/regel/<rule_id>")
@open_where_asked
def rule(rule_id: str) -> Response:
    """One rule with all its wordings and the cases that show it."""
    law = the_site().work.law
    found = law.rules.get(rule_id)
    if found is None:
        return errors.not_found()
    lang, proofs = current_language(), _proofs(law)
    family = [one for one in law.rules.values() if one.version_of == found.version_of]
    others = sorted((one for one in family if one.id != found.id), key=_by_day)
    return page.render(
        "rule.html",
        sheet=rule_sheet(law, found, lang, proofs),
        effect=RULE_WORDS[lang][found.effect],
        others=[rule_sheet(law, one, lang, proofs) for one in others],
    )


@pages.get("/regler/fall/<scenario_id>")
@open_where_asked
def scenario(scenario_id: str) -> Response:
    """One case: its story, its published answer, and what the rules answer."""
    law = the_site().work.law
    found = next((one for one in cases_in_use().all if one.id == scenario_id), None)
    if found is None:
        return errors.not_found()
    english = current_language() == "en"
    lines = _told_apart(law, [_answer_line(law, found, answer) for answer in found.answer])
    return page.render(
        "scenario.html",
        id=found.id,
        title=found.title_en if english else found.title_sv,
        question=found.question_en if english else found.question_sv,
        asked=told(law, lines[0].codes) if lines[0].codes else [],
        border=found in cases_in_use().borders,
        answers=lines,
        rests_on=found.rests_on,
        source=found.source,
        fidelity=FIDELITY[found.fidelity],
        # What is derived has no source but the statute, which the sentence before it has said.
        cited=found.fidelity != "D",
        rules=[one for one in law.rules.values() if _proved_by(law, found, one)],
    )


@pages.get("/regler/kallor")
@open_where_asked
def sources() -> Response:
    """Every act that the rules cite, how far it has been read and by whom it has been reviewed."""
    law = the_site().work.law
    cautions = law.vocabulary.cautions.values()
    return page.render(
        "sources.html",
        law=law,
        sources=tuple(law.sources.values()),
        cautions=tuple(cautions),
        source_word=lambda written: source_word(written, current_language()),
    )


def _typed(*names: str) -> Typed:
    given = {name: request.args[name] for name in names if request.args.get(name)}
    return Typed(fields=MultiDict(given), submitted=False, once="")


def _day(typed: Typed) -> date | None:
    """The day asked for, today where none is; None for what is no day."""
    law, text = the_site().work.law, typed.value("on")
    if not text:
        return legal_day(the_site().clock())
    return None if wrong_codes(law, _asked_day(typed)) else date.fromisoformat(text)


def _asked_day(typed: Typed) -> dict[str, str]:
    return {"on": typed.value("on")} if typed.value("on") else {}


def _groups(law: Law, kind: str, on: date) -> tuple[RuleGroup, ...]:
    lang, proofs = current_language(), _proofs(law)
    held = [one for one in law.in_force(on) if kind in law.kinds_in(one.from_)]
    groups = (
        RuleGroup(
            id=effect,
            heading=RULE_WORDS[lang][effect],
            rules=tuple(
                rule_sheet(law, one, lang, proofs)
                for one in sorted(held, key=_by_day)
                if one.effect == effect
            ),
        )
        for effect in EFFECTS
    )
    return tuple(group for group in groups if group.rules)


def _by_day(rule: Rule) -> tuple[str, date, str]:
    return rule.version_of, rule.valid_from, rule.id


def _secrecy(law: Law, kind: str, on: date) -> tuple[SecrecySheet, ...]:
    lang = current_language()
    rows = (
        row
        for row in law.secrecy
        if row.valid_from <= on and (row.valid_to is None or on <= row.valid_to)
    )
    return tuple(secrecy_sheet(law, row, lang) for row in rows if kind in law.kinds_in(row.holders))


def _counted(law: Law, on: date) -> list[tuple[str, str, int]]:
    """Each kind of organisation with how many rules speak of what it may tell."""
    held = [law.kinds_in(one.from_) for one in law.in_force(on)]
    return [
        (code, kind_label(code), sum(code in kinds for kinds in held))
        for code in law.vocabulary.kinds
        if law.vocabulary.categories_of(code) and not code.startswith("PERSON")
    ]


def _proofs(law: Law) -> Proofs:
    cases = cases_in_use()
    found = _PROOFS.get(law.sha256)
    if found is None or found[0] is not cases:
        _PROOFS.clear()
        found = _PROOFS[law.sha256] = (cases, proofs_of(law, cases))
    return found[1]


def _proved_by(law: Law, scenario: Scenario, rule: Rule) -> bool:
    return any(
        (rule.id in answer.fired or rule.version_of in answer.fired)
        and rule in law.in_force(answer.on)
        for answer in scenario.answer
    )


def _told_apart(law: Law, lines: list[AnswerLine]) -> list[AnswerLine]:
    """Each with what is otherwise than in the first, because some cases ask much the same."""
    first = told(law, lines[0].codes) if lines[0].codes else []
    return [
        replace(
            line,
            differs=tuple(pair for pair in told(law, line.codes) if pair not in first)
            if line.codes and line is not lines[0]
            else (),
        )
        for line in lines
    ]


def _answer_line(law: Law, scenario: Scenario, answer: Answer) -> AnswerLine:
    facts = facts_of_answer(law, scenario, answer)
    facts = granted_facts(facts, granted_in(scenario, answer))
    try:
        codes = codes_of_facts(law, facts)
        facts = facts_of_codes(law, codes, today=answer.on)
    except NoCodes:
        codes = {}
    shown = explain(law, decide(law, facts), current_language())
    about = str(gettext("i fråga om %(rule)s", rule=answer.asks)) if answer.asks else ""
    return AnswerLine(
        on=answer.on,
        published=OUTCOMES[answer.outcome_class] if answer.outcome_class else "",
        rule=about,
        fired=answer.fired,
        not_fired=answer.not_fired,
        differs=(),
        verdict=shown.verdict,
        code=shown.code,
        codes=codes,
    )
