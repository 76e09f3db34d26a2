"""What has arrived, in words: from whom, on which ground, about whom, and how it is protected."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from flask_babel import gettext

from app.domain.delivery import DeliveredPerson, Delivery
from app.domain.subject import RELATIONS, CasePerson, Identity
from app.web.language import current_language
from app.web.law_words import category_label, kind_label, purpose_label
from app.web.person_words import RELATION_WORDS, relation_word


@dataclass(frozen=True, kw_only=True)
class DeliveryLine:
    """One row of the list."""

    id: str
    arrived_at: datetime
    sender: str
    title: str
    duty: bool
    cites: tuple[str, ...]
    registered_as: str | None
    filed: bool
    secrecy_follows: bool
    consent_withdrawn_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class GroundLine:
    """A rule it rests on, in the reader's language."""

    title: str
    cites: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class PersonView:
    """A delivered person, as the sender knew them."""

    name: str
    number: str
    born: date | None
    relation: str
    protected: bool


@dataclass(frozen=True, kw_only=True)
class DeliveryView:
    """The page of one delivery."""

    line: DeliveryLine
    sender_kind: str
    decided_by: str
    decided_on: date
    purpose: str
    category: str
    grounds: tuple[GroundLine, ...]
    persons: tuple[PersonView, ...]
    acknowledged_at: datetime | None
    filed_case_id: str | None

    @property
    def protected(self) -> bool:
        """Whether anybody in it has protected identity."""
        return any(person.protected for person in self.persons)


@dataclass(frozen=True, kw_only=True)
class Match:
    """A delivered person and whom in the case they can be."""

    person: PersonView
    choices: tuple[tuple[str, str], ...]


def delivery_line(delivery: Delivery) -> DeliveryLine:
    """One delivery as the list shows it."""
    head = delivery.head
    return DeliveryLine(
        id=delivery.id,
        arrived_at=delivery.arrived_at,
        sender=head.sender_name,
        title=head.title,
        duty=head.duty,
        cites=tuple(dict.fromkeys(cite for ground in head.grounds for cite in ground.cite)),
        registered_as=delivery.registered_as,
        filed=delivery.filed_note_id is not None,
        secrecy_follows=head.secrecy_follows,
        consent_withdrawn_at=delivery.consent_withdrawn_at,
    )


def delivery_view(delivery: Delivery) -> DeliveryView:
    """One delivery as its page shows it."""
    head = delivery.head
    english = current_language() == "en"
    return DeliveryView(
        line=delivery_line(delivery),
        sender_kind=kind_label(head.sender_kind),
        decided_by=head.decided_by,
        decided_on=head.decided_on,
        purpose=purpose_label(head.purpose),
        category=category_label(head.category),
        grounds=tuple(
            GroundLine(title=one.en if english else one.sv, cites=one.cite) for one in head.grounds
        ),
        persons=tuple(_person(one) for one in head.persons),
        acknowledged_at=delivery.acknowledged_at,
        filed_case_id=delivery.filed_case_id,
    )


def match_choices(
    delivery: Delivery, persons: Iterable[CasePerson], *, new: str
) -> tuple[Match, ...]:
    """For each delivered person the persons of the case, and that they are new there.

    None is chosen beforehand; the same number is told, because it is the same person then.
    """
    known = tuple(persons)
    newcomer = (new, str(gettext("Ny person i ärendet")))
    return tuple(
        Match(
            person=_person(delivered),
            choices=(
                *(
                    (one.subject.id, _named(one, _same(one.subject.identity, delivered)))
                    for one in known
                ),
                newcomer,
            ),
        )
        for delivered in delivery.head.persons
    )


def _named(person: CasePerson, same: bool) -> str:
    name = f"{person.subject.identity.name} ({relation_word(person.relation)})"
    return gettext("%(name)s, samma personnummer", name=name) if same else name


def _same(identity: Identity, delivered: DeliveredPerson) -> bool:
    return identity.number is not None and identity.number.digits == delivered.number


def _person(delivered: DeliveredPerson) -> PersonView:
    relation = next((one for one in RELATIONS if one == delivered.relation), None)
    number = delivered.number or ""
    return PersonView(
        name=delivered.name,
        number=f"{number[:8]}-{number[8:]}" if len(number) == 12 else number,
        born=delivered.born,
        relation=str(RELATION_WORDS[relation]) if relation else "",
        protected=delivered.protected == "yes",
    )
