"""The fixed words of `REVIEW.md`, in Swedish and English."""

from __future__ import annotations

from collections.abc import Mapping

REVIEW_WORDS: Mapping[str, Mapping[str, str]] = {
    "sv": {
        "title": "Reglerna på papper: {id} {version}",
        "not_approved": "**Inte godkänd av någon jurist.** Reglerna bygger på läsning av "
        "lagtext och "
        "vägledning och måste godkännas innan de används i verkliga ärenden.",
        "approved": "Godkänd av {by} {on}.",
        "made": "Det här dokumentet skrivs av `make review` ur samma filer som Sluss frågar. Ändra "
        "aldrig här.",
        "how": "Så läser du:",
        "how_1": "En uppgift prövas för sig: en uppgift, en beskriven person, en mottagare, ett "
        "ändamål, en dag.",
        "how_2": "Varje sekretessbestämmelse som gäller uppgiften måste öppnas av en grund: en "
        "skyldighet, en bestämmelse som bryter sekretessen, ett samtycke eller en skadeprövning.",
        "how_3": "Alla villkor under en regel måste vara uppfyllda. Det som inte är känt räknas "
        "aldrig till förmån för att lämna ut.",
        "how_4": "Ett hinder utesluter de grunder det nämner, eller allt. Sluss svarar aldrig ja: "
        "en namngiven befattningshavare beslutar.",
        "how_5": "Datumen är första och sista dag. Äldre lydelser står kvar, för beslut prövas mot "
        "reglerna på beslutets dag.",
        "kinds": "Organisationer",
        "kind": "Slag",
        "authority": "Myndighet enligt OSL",
        "authority_from": "från och med {day}",
        "yes": "ja",
        "no": "nej",
        "secrecy": "Vilken sekretess som gäller",
        "about_secrecy": "Finns ingen rad för en uppgift hos en organisation är svaret nej.",
        "held_by": "Hos:",
        "category": "Uppgift:",
        "strength": "Styrka:",
        "conditions": "Villkor, som alla måste vara uppfyllda:",
        "provision": "Lagrum:",
        "dates": "Gäller {first} till och med {last}.",
        "dates_open": "Gäller från och med {first}.",
        "caution": "Osäkert:",
        "receivers": "Vad som är hemligt också hos mottagaren",
        "about_receivers": "Det som inte står här skyddas inte hos mottagaren, och den som "
        "lämnar ut "
        "varnas.",
        "stays_secret": "Det som var hemligt enligt:",
        "about_duty_own": "Den som har uppgiften ska lämna den utan att någon frågar. Samtycke "
        "behövs inte och inhämtas inte.",
        "about_duty_request": "Den som har uppgiften ska lämna den när mottagaren begär den.",
        "about_permit": "Uppgiften kan lämnas ut om en befattningshavare bedömer att villkoren är "
        "uppfyllda. Ingen är skyldig att göra det.",
        "about_consent": "Den som sekretessen skyddar kan avstå från den, för sin egen del. "
        "Åldrarna "
        "12 och 15 år är praxis, inte lag.",
        "about_harm_test": "Sekretessen gäller inte alls om prövningen visar att ingen skadas.",
        "about_strike": "Grunderna som nämns kan inte användas. Andra grunder kan finnas kvar.",
        "about_stop": "Uppgiften lämnas inte ut, vilka grunder som än finns.",
        "from": "Från:",
        "to": "Till:",
        "opens": "Öppnar:",
        "not_opens": "Öppnar inte:",
        "strikes": "Utesluter:",
        "only_for": "Bara i fråga om:",
        "unless": "Hindret faller om",
        "channel": "Uppgiften utelämnas eller maskeras och hanteras i en egen, skyddad kanal.",
        "confidence": "Hur säkert det är läst:",
        "fires_in": "Visas av:",
        "not_in": "Gäller inte i:",
        "border": "**Gränsfall ({id}):** gäller i {fires}, gäller inte i {misses}, där ett "
        "villkor i taget fattas eller dagen är en annan",
        "numbers": "Tal som lagen har satt",
        "number": "Tal",
        "value": "Värde",
        "since": "Från",
        "until": "Till",
        "crimes": "Straffskalor",
        "crime": "Brott",
        "prison": "Fängelse",
        "least": "Minst, månader",
        "uncertain": "Osäkerheter",
        "about_uncertain": "De visas tillsammans med svaret och avgörs aldrig i det tysta. "
        "Tills de "
        "är utredda gäller den försiktiga läsningen.",
        "scenarios": "Fall med svar",
        "about_scenarios": "Varje fall prövas mot reglerna innan de används, på de dagar som står.",
        "rests_on": "Vilar på:",
        "source": "Källa:",
        "about_rule": ", i fråga om {rule}",
        "fidelity_P": "fallet och svaret står i källan",
        "fidelity_X": "källan anger regeln, fallet är en illustration",
        "fidelity_I": "svaret är en slutsats ur källan",
        "fidelity_D": "härlett ur lagtexten, utan publicerat svar",
        "class_PERMITTED": "kan lämnas ut",
        "class_DUTY": "ska lämnas ut",
        "class_CONSENT_ONLY": "kräver samtycke",
        "class_HARM_ASSESSMENT": "kan lämnas ut efter bedömning",
        "class_FORBIDDEN": "får inte lämnas ut",
        "sources": "Källor",
        "act": "Författning",
        "read_to": "Läst till och med",
        "reviewed": "Granskad av",
        "where": "Var",
    },
    "en": {
        "title": "The rules on paper: {id} {version}",
        "not_approved": "**Not approved by any lawyer.** The rules build on reading of "
        "statutes and "
        "guidance and must be approved before they are used on real cases.",
        "approved": "Approved by {by} on {on}.",
        "made": "This document is written by `make review` from the same files that Sluss asks. "
        "Never change it here.",
        "how": "How to read it:",
        "how_1": "One item is tested at a time: one item, one described person, one recipient, one "
        "purpose, one day.",
        "how_2": "Every secrecy rule that applies to the item must be opened by a ground: a "
        "duty, a "
        "provision that opens the secrecy, a consent or a harm test.",
        "how_3": "All conditions under a rule must hold. What is not known never counts in favour "
        "of disclosing.",
        "how_4": "An obstacle rules out the grounds it names, or everything. Sluss never answers "
        "yes: a named official decides.",
        "how_5": "The dates are first and last day. Older wordings remain, because a decision is "
        "tested against the rules of its own day.",
        "kinds": "Organisations",
        "kind": "Kind",
        "authority": "Authority under OSL",
        "authority_from": "from {day}",
        "yes": "yes",
        "no": "no",
        "secrecy": "Which secrecy applies",
        "about_secrecy": "Where no row covers an item at an organisation, the answer is no.",
        "held_by": "Held by:",
        "category": "Information:",
        "strength": "Strength:",
        "conditions": "Conditions, all of which must hold:",
        "provision": "Provision:",
        "dates": "In force {first} to {last}.",
        "dates_open": "In force from {first}.",
        "caution": "Uncertain:",
        "receivers": "What is secret at the recipient too",
        "about_receivers": "What is not here is not protected at the recipient, and whoever "
        "discloses is warned.",
        "stays_secret": "What was secret under:",
        "about_duty_own": "Whoever holds the information must disclose it without being asked. "
        "Consent is not needed and not asked for.",
        "about_duty_request": "Whoever holds the information must disclose it when the recipient "
        "requests it.",
        "about_permit": "The information can be disclosed if an official assesses that the "
        "conditions hold. Nobody is obliged to.",
        "about_consent": "The person whom the secrecy protects can waive it, for their own part. "
        "The ages 12 and 15 are practice, not law.",
        "about_harm_test": "The secrecy does not apply at all if the test shows that nobody is "
        "harmed.",
        "about_strike": "The grounds named cannot be used. Other grounds may remain.",
        "about_stop": "The information is not disclosed, whatever grounds there are.",
        "from": "From:",
        "to": "To:",
        "opens": "Opens:",
        "not_opens": "Does not open:",
        "strikes": "Rules out:",
        "only_for": "Only as regards:",
        "unless": "The obstacle falls away if",
        "channel": "The item is left out or masked and handled in a separate, protected channel.",
        "confidence": "How surely it has been read:",
        "fires_in": "Shown by:",
        "not_in": "Does not apply in:",
        "border": "**Border case ({id}):** applies in {fires}, does not in {misses}, where one "
        "condition at a time is missing or the day is another",
        "numbers": "Numbers set by the law",
        "number": "Number",
        "value": "Value",
        "since": "From",
        "until": "To",
        "crimes": "Scales of penalties",
        "crime": "Crime",
        "prison": "Imprisonment",
        "least": "Least, months",
        "uncertain": "Uncertainties",
        "about_uncertain": "They are shown with the answer and never settled in silence. "
        "Until they "
        "are, the cautious reading applies.",
        "scenarios": "Cases with answers",
        "about_scenarios": "Every case is tried against the rules before they are used, on "
        "the days "
        "given.",
        "rests_on": "Rests on:",
        "source": "Source:",
        "about_rule": ", as regards {rule}",
        "fidelity_P": "the case and its answer are in the source",
        "fidelity_X": "the source states the rule, the case is an illustration",
        "fidelity_I": "the answer is inferred from the source",
        "fidelity_D": "derived from the statute, without a published answer",
        "class_PERMITTED": "can be disclosed",
        "class_DUTY": "must be disclosed",
        "class_CONSENT_ONLY": "needs consent",
        "class_HARM_ASSESSMENT": "can be disclosed after assessment",
        "class_FORBIDDEN": "may not be disclosed",
        "sources": "Sources",
        "act": "Act",
        "read_to": "Read up to",
        "reviewed": "Reviewed by",
        "where": "Where",
    },
}
