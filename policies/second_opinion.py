"""A second opinion on what may leave: the pack as Cedar text, answered by the Cedar engine.

Always with the schema, and whatever is not a plain Allow counts as no: Cedar skips a forbid that
ends in an error, so an answer with errors in it must never let anything out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from importlib import metadata
from types import ModuleType
from typing import Any, NamedTuple

import msgspec

from policies.cedar import CedarText
from policies.cedar_facts import CedarError, attributes_of
from policies.facts import Facts
from policies.law import Law

_ASKED = {"principal": 'Office::"sender"', "action": 'Action::"disclose"'}


class SecondOpinionFault(Exception):
    """The other engine cannot be asked. Whoever relies on it then refuses."""


class Opinion(NamedTuple):
    """What the other engine answers to one question."""

    lawful: bool
    errors: tuple[str, ...]
    """Empty unless something went wrong; then `lawful` is False."""


class Prepared(NamedTuple):
    """The law of some days, read in by the engine once."""

    text: CedarText
    policies: Any
    schema: Any


class SecondOpinion:
    """Asks Cedar. Handles are made once for each span of days on which the law is the same."""

    def __init__(self, law: Law) -> None:
        self._law = law
        self._prepared: dict[object, Prepared] = {}

    @property
    def engine(self) -> str:
        """Name and version of the engine, for the record."""
        return f"cedar {engine_version() or 'missing'}"

    def lets_out(self, facts: Mapping[str, Facts]) -> bool:
        """Whether Cedar too would let the note out, for every person it describes.

        Raises SecondOpinionFault when Cedar is not there to be asked, and what Cedar raises.
        """
        opinions = self.of_all(list(facts.values()))
        return bool(opinions) and all(opinion.lawful for opinion in opinions)

    def of_all(self, asked: Sequence[Facts]) -> list[Opinion]:
        """The opinion on each question; questions of one law and sender are asked together."""
        together: dict[object, list[int]] = {}
        for n, facts in enumerate(asked):
            key = (id(self._law.snapshot(facts.on)), facts.sender.kind)
            together.setdefault(key, []).append(n)
        out: dict[int, Opinion] = {}
        for numbers in together.values():
            first = asked[numbers[0]]
            prepared = self.prepared(first.on, first.sender.kind)
            out.update(self._answers(prepared, {n: asked[n] for n in numbers}))
        return [out[n] for n in range(len(asked))]

    def prepared(self, on: date, sender: str) -> Prepared:
        """The law of a day for one kind of sender, in the engine's own form."""
        key = (id(self._law.snapshot(on)), sender)
        if key not in self._prepared:
            self._prepared[key] = prepare(load_engine(), CedarText(self._law, on, sender))
        return self._prepared[key]

    def _answers(self, prepared: Prepared, asked: Mapping[int, Facts]) -> dict[int, Opinion]:
        requests, owners = requests_for(prepared.text, asked)
        engine = load_engine()
        entities = engine.Entities.from_json_str(entities_of(prepared.text, asked), prepared.schema)
        found = engine.is_authorized_batch(
            requests, prepared.policies, entities, schema=prepared.schema
        )
        if len(found) != len(requests):
            raise SecondOpinionFault(f"{len(requests)} questions got {len(found)} answers")
        out: dict[int, Opinion] = {}
        for number, result in zip(owners, found, strict=True):
            one = judged(result)
            before = out.get(number, Opinion(True, ()))
            out[number] = Opinion(before.lawful and one.lawful, before.errors + one.errors)
        return out


def load_engine() -> ModuleType:
    """The Cedar engine. Raises SecondOpinionFault when it is not installed."""
    try:
        import cedarpy
    except ImportError as fault:
        raise SecondOpinionFault(
            "the Cedar engine (cedarpy) cannot be loaded, so no second opinion can be given; "
            "install it, or set second_opinion = false"
        ) from fault
    return cedarpy


def engine_version() -> str:
    """The engine's version; empty when it is not installed."""
    try:
        return metadata.version("cedarpy")
    except metadata.PackageNotFoundError:
        return ""


def prepare(engine: ModuleType, text: CedarText) -> Prepared:
    """Read the text in. Text that the engine's own validator faults is not used."""
    found = engine.validate_policies(text.policies, text.schema)
    if not found:
        said = "; ".join(str(error) for error in found.errors[:3])
        raise CedarError(f"the pack's Cedar text does not fit its schema: {said}")
    return Prepared(
        text,
        engine.PolicySet.from_str(text.policies),
        engine.Schema.from_str(text.schema),
    )


def requests_for(
    text: CedarText, asked: Mapping[int, Facts]
) -> tuple[list[dict[str, Any]], list[int]]:
    """One request per question and secrecy rule, and to which question each belongs."""
    requests, owners = [], []
    for n, facts in asked.items():
        for code in text.asked(facts.item.category, facts.sender.own_secrecy):
            requests.append({**_ASKED, "resource": f'Item::"{n}"', "context": {"secrecy": code}})
            owners.append(n)
    return requests, owners


def entities_of(text: CedarText, asked: Mapping[int, Facts]) -> str:
    """The raw facts of each question, as the entities that the requests are about."""
    entities = [
        {
            "uid": {"type": "Item", "id": str(n)},
            "attrs": attributes_of(
                facts,
                own_known={*facts.sender.own_secrecy} <= text.codes,
                answered=text.answered,
            ),
            "parents": [],
        }
        for n, facts in asked.items()
    ]
    return msgspec.json.encode(entities).decode()


def judged(result: Any) -> Opinion:
    """An answer of the engine. Anything but a plain Allow without errors is a no."""
    errors = tuple(str(error) for error in result.diagnostics.errors)
    decision = str(result.decision.value)
    if decision not in ("Allow", "Deny") and not errors:
        errors = (f"the engine answered {decision}",)
    return Opinion(decision == "Allow" and not errors, errors)
