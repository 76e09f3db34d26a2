"""What an entry says happened as a whole sentence, Swedish or English, for who has an export alone.

The sentences are those of the trail's pages. An export is written by a command as well as by a
page, so the language is handed in and never that of whoever asks.
"""

from __future__ import annotations

from collections.abc import Mapping

from app.domain.export_terms import Language
from app.flows.export_gather import Told
from app.reports.page import words
from app.web.person_words import RELATION_WORDS
from app.web.trail_sentences import REASONS, SEARCH_FIELDS, SENTENCES
from policies import Law

# As they are written in the sources: nobody's language has been chosen when a module is loaded.
_SENTENCES = {op: str(sentence) for op, sentence in SENTENCES.items()}
_REASONS = {code: str(reason) for code, reason in REASONS.items()}
_FIELDS = {code: str(name) for code, name in SEARCH_FIELDS.items()}
_RELATIONS = {str(code): str(name) for code, name in RELATION_WORDS.items()}


def told_sentence(told: Told, law: Law, language: Language) -> str:
    """Who did what; an act without a sentence by its code."""
    return f"{_who(told, law, language)} {_what(told, language)}"


def _who(told: Told, law: Law, language: Language) -> str:
    catalogue = words(language)
    if told.who:
        return told.who
    if "actor" in told.erased:
        return catalogue.gettext("Någon (vem är gallrat)")
    if told.by_operator:
        return catalogue.gettext("Teknikern")
    roles = [law.vocabulary.roles.get(code) for code in told.roles]
    named = [one.en if language == "en" else one.sv for one in roles if one]
    return ", ".join(named) or catalogue.gettext("Någon")


def _what(told: Told, language: Language) -> str:
    catalogue = words(language)
    source = _SENTENCES.get(told.op)
    if source is None:
        return told.op
    sentence = catalogue.gettext(source)
    if "%(" not in sentence:
        return sentence
    if told.erased - {"actor"}:
        # Blanks that nothing can fill would say what was not so.
        return catalogue.gettext("gjorde något. Vad det gällde är gallrat.")
    if not told.readable:
        return catalogue.gettext("gjorde något. Vad det gällde går inte att läsa.")
    return sentence % _blanks(told, language)


def _blanks(told: Told, language: Language) -> Mapping[str, str]:
    catalogue = words(language)

    def known(names: Mapping[str, str], code: object) -> str:
        return catalogue.gettext(names[str(code)]) if str(code) in names else ""

    everyone = catalogue.gettext("alla organisationer")
    codes = str(told.detail.get("by", "")).split()
    fields = ", ".join(known(_FIELDS, one) for one in codes if one in _FIELDS)
    return {
        "note": _notes(told, language),
        "version": str(told.about.get("version", "")),
        "recipient": told.recipient or everyone,
        "sender": told.sender or everyone,
        "reason": known(_REASONS, told.detail.get("reason", "")),
        "colleague": told.colleague or catalogue.gettext("någon som inte kan namnges"),
        "by": catalogue.gettext(" efter %(fields)s") % {"fields": fields} if fields else "",
        "entries": str(told.detail.get("entries", "")),
        "relation": known(_RELATIONS, told.detail.get("relation", "")),
    }


def _notes(told: Told, language: Language) -> str:
    listed = told.about.get("notes")
    notes = listed if isinstance(listed, list) else []
    num = max(len({str(one).partition("/")[0] for one in notes}), 1)
    text = words(language).ngettext("en anteckning", "%(num)s anteckningar", num)
    return text % {"num": num}
