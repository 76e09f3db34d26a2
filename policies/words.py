"""The fixed words of an answer, in Swedish and English. Statutes keep their Swedish names.

Wording does not coach: what remains is said as what an assessment may conclude, never as what to
claim.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

WORDS: Mapping[str, Mapping[str, str]] = {
    "sv": {
        "must": "Ska lämnas ut",
        "may": "Kan lämnas ut",
        "needs_answer": "Kräver svar på en fråga",
        "needs_assessment": "Kan lämnas ut efter din bedömning",
        "needs_request": "Kräver en begäran",
        "needs_approval": "Kräver godkännande",
        "assessed_approval": "Kan lämnas ut efter bedömning och godkännande",
        "needs_consent": "Kräver samtycke",
        "stop": "Får inte lämnas ut",
        "none": "Ingen sekretessbrytande bestämmelse",
        "and": "och",
        "and_that": " och att ",
        "nor_that": " eller att ",
        "and_also": " och ",
        "or": "eller",
        "either": "antingen",
        "reason_must": "{grounds}. Skyldigheten gäller oavsett samtycke.",
        "reason_may": "{grounds}.",
        "secret": "omfattas av sekretess enligt {known}",
        "may_be_secret": "kan omfattas av sekretess enligt {open}",
        "secret_and_may_be": "omfattas av sekretess enligt {known} och kan också omfattas av "
        "sekretess enligt {open}",
        "reason_needs": "Uppgiften {secret}. Om den kan lämnas ut beror på det som återstår.",
        "reason_needs_open": "Om uppgiften kan lämnas ut beror på det som återstår.",
        "reason_stop": "{stops}.",
        "reason_none": "Uppgiften {secret}, och ingen bestämmelse "
        "öppnar den för den här mottagaren på de här omständigheterna.",
        "struck": " {strikes}.",
        "way_statement": "om bedömningen blir att {text}",
        "way_consent": "om {text}",
        "way_request": "om {text}",
        "way_approval": "om {text}",
        "way_yes": "om det är så att {text}",
        "way_no": "om det inte är så att {text}",
        "ways_one": "Kan lämnas ut {way}.",
        "ways_many": "Kan lämnas ut {ways}.",
        "ways_truncated": "Det finns fler sätt än de som visas.",
        "duty_pending": "En skyldighet kan gälla: {duties}. Bedöm den först. "
        "Den kräver inget samtycke.",
        "duty_blocked": "En skyldighet gäller, men uppgiften är spärrad. Fullgör skyldigheten utan "
        "den spärrade uppgiften och tala genast med din chef.",
        "unknown_facts": "Allt är inte känt. Det okända räknas aldrig till förmån för att lämna "
        "ut.",
        "receiver_unprotected": "Sekretessen följer inte med uppgiften: hos mottagaren skyddas den "
        "inte enligt {secrecy}.",
        "separate_channel": "Den skyddade uppgiften lämnas inte här. Utelämna eller maskera den, "
        "och lämna den i en egen, skyddad kanal om en skyldighet eller personens egen rätt "
        "kräver det.",
    },
    "en": {
        "must": "Must be disclosed",
        "may": "Can be disclosed",
        "needs_answer": "Needs an answer to a question",
        "needs_assessment": "Can be disclosed after your assessment",
        "needs_request": "Needs a request",
        "needs_approval": "Needs approval",
        "assessed_approval": "Can be disclosed after an assessment and approval",
        "needs_consent": "Needs consent",
        "stop": "May not be disclosed",
        "none": "No provision opens the secrecy",
        "and": "and",
        "and_that": " and that ",
        "nor_that": " or that ",
        "and_also": " and ",
        "or": "or",
        "either": "either",
        "reason_must": "{grounds}. The duty applies whether or not there is consent.",
        "reason_may": "{grounds}.",
        "secret": "is secret under {known}",
        "may_be_secret": "may be secret under {open}",
        "secret_and_may_be": "is secret under {known} and may be secret under {open} as well",
        "reason_needs": "The information {secret}. "
        "Whether it can be disclosed depends on what remains.",
        "reason_needs_open": "Whether it can be disclosed depends on what remains.",
        "reason_stop": "{stops}.",
        "reason_none": "The information {secret}, and no provision opens it "
        "for this recipient in these circumstances.",
        "struck": " {strikes}.",
        "way_statement": "if the assessment concludes that {text}",
        "way_consent": "if {text}",
        "way_request": "if {text}",
        "way_approval": "if {text}",
        "way_yes": "if it is so that {text}",
        "way_no": "if it is not so that {text}",
        "ways_one": "Can be disclosed {way}.",
        "ways_many": "Can be disclosed {ways}.",
        "ways_truncated": "There are more ways than those shown.",
        "duty_pending": "A duty may apply: {duties}. Assess it first. It needs no consent.",
        "duty_blocked": "A duty applies, but the information is blocked. Fulfil the duty without "
        "the blocked information, and speak to your manager at once.",
        "unknown_facts": "Not everything is known. What is unknown never counts in favour of "
        "disclosing.",
        "receiver_unprotected": "Secrecy does not follow the information: at the recipient it is "
        "not protected under {secrecy}.",
        "separate_channel": "The protected information is not disclosed here. Leave it out or mask "
        "it, and use a separate, protected channel if a duty or the person's own right demands it.",
    },
}


def joined(parts: Sequence[str], word: str) -> str:
    """`a`, `a och b`, `a, b och c`."""
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} {word} {parts[-1]}"
