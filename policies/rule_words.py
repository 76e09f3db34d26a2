"""The fixed words around a rule, in Swedish and English. Statutes keep their Swedish names."""

from __future__ import annotations

from collections.abc import Mapping

RULE_WORDS: Mapping[str, Mapping[str, str]] = {
    "sv": {
        "duty_own": "Skyldigheter på eget initiativ",
        "duty_request": "Skyldigheter på begäran",
        "permit": "Bestämmelser som bryter sekretess",
        "consent": "Samtycke",
        "harm_test": "Prövning av skada och men, och uppgifter utan sekretess",
        "strike": "Hinder som utesluter vissa grunder",
        "stop": "Hinder som inget steg häver",
        "any_kind": "alla slag av organisationer",
        "any_category": "alla slag av uppgifter",
        "all_secrecy": "all sekretess",
        "not": "det är inte så att {text}",
        "source_system": "framgår av det som är känt",
        "source_statement": "bedöms av den som handlägger, med skrivna skäl",
        "source_consent": "samtycke",
        "source_request": "begäran från mottagaren",
        "source_approval": "godkännande eller beslut av en viss person",
        "confidence_A": "A: lagtextens egen lydelse är läst",
        "confidence_B": "B: känd från sammanfattning, vägledning eller beslut; lydelsen inte läst",
        "confidence_C": "C: antas gälla, inte bekräftad",
        "presumption_ABSOLUTE": "absolut sekretess, ingen skadeprövning",
        "presumption_STRONG": "omvänt skaderekvisit: hemlig om det inte står klart att den kan "
        "röjas utan skada eller men",
        "presumption_WEAK": "rakt skaderekvisit: hemlig bara om skada eller men kan antas",
        "presumption_VERY_WEAK": "hemlig bara av särskild anledning eller vid betydande men",
        "presumption_NONE": "ingen sekretess",
        "amended_from": "{act}, från och med {day}",
        "strikes_grounds": "alla grunder",
        "strikes_permits": "alla bestämmelser som bryter sekretess",
        "strikes_consents": "samtycke",
        "strikes_harm_tests": "skadeprövning",
    },
    "en": {
        "duty_own": "Duties on one's own initiative",
        "duty_request": "Duties on request",
        "permit": "Provisions that open secrecy",
        "consent": "Consent",
        "harm_test": "Harm tests, and information without secrecy",
        "strike": "Obstacles that rule out certain grounds",
        "stop": "Obstacles that no step removes",
        "any_kind": "every kind of organisation",
        "any_category": "every kind of information",
        "all_secrecy": "all secrecy",
        "not": "it is not so that {text}",
        "source_system": "follows from what is known",
        "source_statement": "assessed by the case worker, with written reasons",
        "source_consent": "consent",
        "source_request": "a request from the recipient",
        "source_approval": "approval or decision by a certain person",
        "confidence_A": "A: the provision's own wording has been read",
        "confidence_B": "B: known from a summary, guidance or a decision; the wording not read",
        "confidence_C": "C: believed, not confirmed",
        "presumption_ABSOLUTE": "absolute secrecy, no harm test",
        "presumption_STRONG": "secret unless it is clear that disclosure does no harm",
        "presumption_WEAK": "secret only if harm can be assumed",
        "presumption_VERY_WEAK": "secret only for a special reason or at considerable harm",
        "presumption_NONE": "no secrecy",
        "amended_from": "{act}, from {day}",
        "strikes_grounds": "all grounds",
        "strikes_permits": "all provisions that open secrecy",
        "strikes_consents": "consent",
        "strikes_harm_tests": "harm tests",
    },
}

SOURCE_WORDS: Mapping[str, Mapping[str, str]] = {
    "inte läst": {"sv": "inte läst", "en": "not read"},
    "läst i början av 2026": {"sv": "läst i början av 2026", "en": "read at the beginning of 2026"},
    "research, not yet reviewed by a lawyer": {
        "sv": "egen läsning, ännu inte granskad av någon jurist",
        "en": "research, not yet reviewed by a lawyer",
    },
}
"""What `sources.toml` says in words of how far an act is read and by whom it is reviewed.

The file keeps one wording, because a pack's hash is over its bytes.
"""


def source_word(written: str, lang: str) -> str:
    """It in the reader's language; an amendment's number and a lawyer's name stand as written."""
    return SOURCE_WORDS.get(written, {}).get(lang, written)
