"""How a person in a case is spoken of: name, relation, age and protection."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from flask_babel import gettext, lazy_gettext

from app.domain.legal_day import birthday
from app.domain.subject import CasePerson, Identity, Relation
from app.web.law_words import Choice

RELATION_WORDS = {
    "subject": lazy_gettext("den unge"),
    "guardian": lazy_gettext("vårdnadshavare"),
    "sibling": lazy_gettext("syskon"),
    "relative": lazy_gettext("annan anhörig"),
    "other": lazy_gettext("annan person"),
}

CORRECTED = {
    "name": lazy_gettext("namn"),
    "number": lazy_gettext("personnummer"),
    "born": lazy_gettext("födelsedatum"),
    "protected": lazy_gettext("skyddade personuppgifter"),
}
"""What of who somebody is a correction changed."""


def relation_word(relation: Relation) -> str:
    """What they are to the young person."""
    return str(RELATION_WORDS[relation])


def age_words(identity: Identity, on: date) -> str:
    """`16 år`, or that the age is not known, which leaves every question of age open."""
    born = identity.born
    if born is None or born > on:
        return str(gettext("ålder inte känd"))
    years = on.year - born.year
    if birthday(born, years) > on:
        years -= 1
    return str(gettext("%(years)s år", years=years))


def person_choices(persons: Iterable[CasePerson]) -> list[Choice | tuple[str, str, str]]:
    """The persons of a case as a form's options, those with protected identity told apart."""
    choices: list[Choice | tuple[str, str, str]] = []
    for person in persons:
        identity = person.subject.identity
        name = f"{identity.name} ({relation_word(person.relation)})"
        if identity.protected == "yes":
            choices.append((person.subject.id, name, str(gettext("Skyddade personuppgifter"))))
        else:
            choices.append((person.subject.id, name))
    return choices


def protection_choices() -> list[tuple[str, str]]:
    """The answers to whether somebody has protected identity. None is chosen beforehand."""
    return [
        ("yes", str(gettext("Ja"))),
        ("no", str(gettext("Nej"))),
        ("unknown", str(gettext("Vet inte"))),
    ]


def relation_choices() -> list[tuple[str, str]]:
    """What somebody added to a case can be. There is one young person in it already."""
    return [(code, str(word)) for code, word in RELATION_WORDS.items() if code != "subject"]
