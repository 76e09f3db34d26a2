"""What the law gives to the head teacher in person, at the gate and in what remains to be done.

Law: lag (2025:170) 7 §, skollagen 6 a kap. 10 §
"""

from __future__ import annotations

import pytest

from app.domain.actor import Actor
from app.domain.ids import INSTALLATION
from app.flows.consider_disclosure import Considered, consider_disclosure
from app.flows.disclose_note import Disclosed, NotDisclosed
from app.flows.install import Operator
from policies import load_contents, pack_contents
from policies.roles import IN_PERSON, deciding_in_person
from tests.flows.town import ORGANISATIONS, Town, _employed


@pytest.fixture
def head(town: Town) -> Actor:
    """A head teacher of the kurator's own branch, who also works in cases."""
    operator = Operator(name="tester", ring=town.rings.current(INSTALLATION))
    roles = frozenset({"principal", "case_worker"})
    return _employed("Anna Rot", ORGANISATIONS["school"], roles, operator, town.store)


def ordered(town: Town, actor: Actor):
    """An order to the police with all of D-4 answered yes, on the actor's own note."""
    case = town.case(actor, reference=f"EH 2026/{actor.name}")
    note = town.note(case, actor, category="K3")
    answers = dict.fromkeys(town.statements("D-4b"), "yes")
    return town.order(note, answers=answers, about=town.subject_of(case))


def test_the_head_teacher_discloses_as_a_duty_and_the_kurator_cannot(town, head) -> None:
    refused = town.disclose(ordered(town, town.kurator), town.kurator)
    assert isinstance(refused, NotDisclosed)
    made = town.disclose(ordered(town, head), head)
    assert isinstance(made, Disclosed)
    assert made.arrives_at == town.at


def test_whoever_cannot_is_told_who_can(town, head) -> None:
    asked = ordered(town, town.kurator).intent
    seen = consider_disclosure(asked, town.kurator, **town.hands)
    assert isinstance(seen, Considered)
    assert [one.name for one in seen.in_person] == ["Anna Rot"]
    own = consider_disclosure(ordered(town, head).intent, head, **town.hands)
    assert own.in_person == ()


def test_a_pack_from_before_the_act_still_knows_who_decides(town, head) -> None:
    contents = pack_contents()
    kept = contents["roles.toml"].decode().replace(f'  "{IN_PERSON}", ', "  ")
    before, _, rest = kept.partition("# Lag (2025:170) 7 §")
    contents["roles.toml"] = (before + rest.partition("\n\n")[2]).encode()
    old = load_contents(contents)
    assert IN_PERSON not in old.vocabulary.acts
    assert deciding_in_person(old) == deciding_in_person(town.law) == ("principal",)
