"""A certificate of training: kept for whoever asks, with no answer in it."""

from __future__ import annotations

from dataclasses import astuple, replace

import pytest
from sqlalchemy import text

from app.flows.certify_training import (
    TrainingCertified,
    TrainingNotCertified,
    certify_training,
    own_certificate,
)
from app.flows.not_found import NotFound
from policies.training import right_guess, training_cases, training_facts


@pytest.fixture
def right(town):
    return [
        right_guess(town.law, training_facts(town.law, one)) for one in training_cases(town.law)
    ]


def certified(town, guesses, actor=None):
    return certify_training(guesses, actor or town.karin, token="once", **town.hands)


def test_whoever_has_answered_everything_gets_one_with_an_entry(town, right) -> None:
    before = len(town.entries())
    made = certified(town, right)
    assert isinstance(made, TrainingCertified)
    assert town.ops()[before:] == ["training.certified"]
    seen = own_certificate(made.certificate_id, town.karin, **hands(town))
    assert (seen.cases, seen.alike) == (len(right), len(right))
    assert seen.pack == f"{town.law.id} {town.law.version}"
    assert seen.pack_sha256 == town.law.sha256
    assert seen.given_at == town.at
    assert town.ops()[-1] == "training.certificate_seen"


def test_a_wrong_answer_is_counted_and_not_kept(town, right) -> None:
    wrong = ["no" if right[0] != "no" else "must", *right[1:]]
    seen = own_certificate(certified(town, wrong).certificate_id, town.karin, **hands(town))
    assert seen.alike == len(right) - 1
    with town.store.look(at=town.at) as tx:
        (row,) = tx.execute(text("SELECT * FROM training_certificate")).all()
    kept = {str(value) for value in row}
    assert kept.isdisjoint({"must", "may", "consent", "no"})
    assert {str(value) for value in astuple(seen)} <= kept | {str(seen.given_at)}


def test_before_the_last_answer_nothing_is_kept(town, right) -> None:
    assert certified(town, [*right[:-1], None]) == TrainingNotCertified(1)
    assert town.ops()[-1] == "training.certify_refused"
    with town.store.look(at=town.at) as tx:
        assert tx.execute(text("SELECT count(*) FROM training_certificate")).scalar_one() == 0


def test_the_same_form_sent_twice_gives_one(town, right) -> None:
    first, second = certified(town, right), certified(town, right)
    assert first == second
    assert town.ops()[-1] == "training.certify_repeated"


@pytest.mark.parametrize("who", ["per", "chief", "sara"])
def test_nobody_else_sees_it(town, right, who: str) -> None:
    made = certified(town, right)
    other = getattr(town, who)
    assert own_certificate(made.certificate_id, other, **hands(town)) == NotFound()
    assert town.ops(other.organisation_id)[-1] == "training.certificate_not_found"


def test_nor_its_owner_when_acting_for_another_organisation(town, right) -> None:
    made = certified(town, right)
    elsewhere = replace(town.karin, organisation=town.sara.organisation)
    assert own_certificate(made.certificate_id, elsewhere, **hands(town)) == NotFound()


def hands(town):
    return {name: value for name, value in town.hands.items() if name != "law"}
