"""Consent makes a disclosure lawful; its withdrawal makes the next one unlawful."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from app.flows.disclose_note import Disclosed, NotDisclosed
from app.flows.not_found import NotFound
from app.flows.receive_delivery import list_deliveries
from app.flows.record_consent import Withdrawn, withdraw_consent

ADULT = date(2007, 5, 4)


def _asked(town, note, **more):
    return town.order(note, "school", "care_or_support", **more)


def test_without_consent_the_school_gets_nothing(town) -> None:
    case = town.case(born=ADULT)
    assert isinstance(town.disclose(_asked(town, town.note(case))), NotDisclosed)


def test_with_an_adults_own_consent_the_school_gets_the_note(town) -> None:
    case = town.case(born=ADULT)
    note = town.note(case)
    town.consent(case, "school")
    assert isinstance(town.disclose(_asked(town, note)), Disclosed)


def test_after_withdrawal_the_next_disclosure_is_refused(town) -> None:
    case = town.case(born=ADULT)
    note = town.note(case)
    consent = town.consent(case, "school")
    town.disclose(_asked(town, note))
    town.later(minutes=10)
    assert withdraw_consent(case, consent, town.karin, **town.hands) == Withdrawn(0, 1)
    town.later(seconds=1)
    refused = town.disclose(_asked(town, note))
    assert isinstance(refused, NotDisclosed)
    steps = {
        step.kind
        for one in refused.decision.by_person.values()
        for steps in one.missing
        for step in steps
    }
    assert "consent" not in steps


def test_withdrawal_stops_what_is_still_on_its_way(town) -> None:
    case = town.case(born=ADULT)
    note = town.note(case)
    consent = town.consent(case, "school")
    town.disclose(_asked(town, note))
    assert withdraw_consent(case, consent, town.karin, **town.hands) == Withdrawn(1, 0)
    town.later(hours=1)
    assert list_deliveries(town.kurator, **town.hands) == ()


def test_withdrawal_leaves_alone_what_rests_on_another_ground(town) -> None:
    case = town.case()
    note = town.note(case)
    consent = town.consent(case, "police", purpose="prevent_crime")
    made = town.disclose(town.assessed(case, note))
    assert isinstance(made, Disclosed)
    outcome = withdraw_consent(case, consent, town.karin, **town.hands)
    town.later(hours=1)
    assert isinstance(outcome, Withdrawn)
    assert outcome.already_arrived == 0


def test_a_consent_for_one_recipient_does_not_serve_another(town) -> None:
    case = town.case(born=ADULT)
    note = town.note(case)
    town.consent(case, "school")
    assert isinstance(town.disclose(town.order(note, "leisure", "care_or_support")), NotDisclosed)


def test_a_consent_ends_with_its_last_day(town) -> None:
    case = town.case(born=ADULT)
    note = town.note(case)
    town.consent(case, "school", valid_until=town.at.date() + timedelta(days=1))
    town.later(days=1)
    assert isinstance(town.disclose(_asked(town, note)), Disclosed)
    town.later(days=1)
    assert isinstance(town.disclose(_asked(town, note)), NotDisclosed)


def test_a_guardians_consent_lapses_on_the_eighteenth_birthday(town) -> None:
    case = town.case(born=date(2008, 11, 24))
    order = _asked(
        town,
        town.note(case),
        about=town.subject_of(case),
        circumstances={"secrecy_towards_guardian": "no"},
    )
    town.consent(case, "school", giver="guardian")
    own = town.consent(case, "school")
    assert isinstance(town.disclose(order), Disclosed)
    town.later(days=1)
    order = replace(order, again=True)
    assert isinstance(town.disclose(order), Disclosed)
    withdraw_consent(case, own, town.karin, **town.hands)
    town.later(seconds=1)
    assert isinstance(town.disclose(order), NotDisclosed)


def test_whether_secrecy_applies_towards_a_guardian_is_asked_and_not_assumed(town) -> None:
    case = town.case(born=date(2008, 11, 25))
    town.consent(case, "school", giver="guardian")
    town.consent(case, "school")
    refused = town.disclose(_asked(town, town.note(case)))
    assert isinstance(refused, NotDisclosed)
    (decision,) = refused.decision.by_person.values()
    assert "secret_from_guardian" in {step.condition for step in decision.questions}


def test_a_colleague_cannot_withdraw_in_a_case_that_is_not_theirs(town) -> None:
    case = town.case(born=ADULT)
    consent = town.consent(case, "school")
    assert isinstance(withdraw_consent(case, consent, town.per, **town.hands), NotFound)


def test_withdrawing_twice_changes_nothing_the_second_time(town) -> None:
    case = town.case(born=ADULT)
    consent = town.consent(case, "school")
    withdraw_consent(case, consent, town.karin, **town.hands)
    assert withdraw_consent(case, consent, town.karin, **town.hands) == Withdrawn(0, 0)
    assert town.ops()[-1] == "consent.withdraw_repeated"


def test_an_answer_about_a_person_is_remembered_for_that_disclosure(town) -> None:
    case = town.case(born=date(2008, 11, 25))
    note = town.note(case)
    refused = town.disclose(
        _asked(
            town,
            note,
            about=town.subject_of(case),
            circumstances={"secrecy_towards_guardian": "no"},
        )
    )
    assert isinstance(refused, NotDisclosed)
    town.consent(case, "school", giver="guardian")
    town.consent(case, "school")
    assert isinstance(town.disclose(_asked(town, note)), Disclosed)


def test_the_recipient_is_told_that_the_consent_was_withdrawn(town) -> None:
    case = town.case(born=ADULT)
    note = town.note(case)
    consent = town.consent(case, "school")
    town.disclose(_asked(town, note))
    town.later(minutes=10)
    (before,) = list_deliveries(town.kurator, **town.hands)
    withdraw_consent(case, consent, town.karin, **town.hands)
    (after,) = list_deliveries(town.kurator, **town.hands)
    assert before.consent_withdrawn_at is None
    assert after.consent_withdrawn_at == town.at
