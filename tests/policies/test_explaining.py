"""An answer in words: verdict, reason, provision, next step."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import msgspec
import pytest

from policies import Explanation, Facts, Law, Step, decide, explain
from policies.roles import can
from policies.scenarios import facts_of

Make = Callable[..., Facts]


def told(law: Law, facts: Facts, lang: str = "sv") -> Explanation:
    return explain(law, decide(law, facts), lang)  # type: ignore[arg-type]


def test_must_says_that_consent_plays_no_part(law: Law, facts_like: Make) -> None:
    person = {"statements": {"fares_badly": "yes"}}
    answer = told(law, facts_like(recipient={"kind": "SOC"}, person=person))
    assert answer.verdict == "Ska lämnas ut"
    assert answer.reason == "title of D-1. Skyldigheten gäller oavsett samtycke."
    assert answer.provisions == ("OSL 10 kap. 28 §",)
    assert answer.next_step == ""


def test_may_never_says_permitted(law: Law, facts_like: Make) -> None:
    answer = told(law, facts_like(person={"statements": {"risk": "yes"}}))
    assert answer.verdict == "Kan lämnas ut"
    assert answer.provisions == ("OSL 10 kap. 18 a §",)
    assert answer.cautions == ("caution U1 (U1)",)


def test_what_remains_is_told_as_alternatives_and_never_as_what_to_claim(
    law: Law, facts_like: Make
) -> None:
    facts = facts_like(person={"guardian_consent": "not_asked", "statements": {"harmless": "no"}})
    answer = told(law, facts)
    assert answer.verdict == "Kan lämnas ut efter din bedömning"
    assert answer.next_step == (
        "Kan lämnas ut antingen om bedömningen blir att risk, eller om guardian_ok."
    )
    assert [[step.who for step in way] for way in answer.ways] == [[("handler",)], [("guardian",)]]


def test_steps_of_one_kind_share_their_opening_words(law: Law, facts_like: Make) -> None:
    facts = facts_like(
        item={"category": "K15"},
        person={"guardian_consent": "refused", "statements": {"harmless": "no"}},
        recipient={"kind": "SOC"},
        purpose=None,
        case_subject_age=30,
    )
    assert told(law, facts).next_step == (
        "Kan lämnas ut om det är så att to care och om bedömningen blir att outweighs."
    )


def test_no_question_is_asked_where_no_answer_would_help(law: Law, facts_like: Make) -> None:
    """A duty that is blocked is asked about, so that it is not lost; but not on the page."""
    facts = facts_like(
        recipient={"kind": "SOC"}, item={"investigation": "yes"}, approvals={"boss_ok": "no"}
    )
    assert decide(law, facts).questions
    assert told(law, facts).questions == ()


def test_one_way_that_remains_is_told_alone_in_english_too(law: Law, facts_like: Make) -> None:
    person = {"guardian_consent": "refused", "statements": {"harmless": "no"}}
    answer = told(law, facts_like(person=person), "en")
    assert answer.next_step == "Can be disclosed if the assessment concludes that risk."


@pytest.mark.parametrize(
    ("changes", "code", "verdict"),
    [
        ({"item": {"investigation": "unknown"}}, "needs_assessment",
         "Kan lämnas ut efter din bedömning"),
        ({"person": {"age": 30, "statements": {"harmless": "no"}}}, "needs_consent",
         "Kräver samtycke"),
        ({"person": {"protected": "unknown"}, "sender": {"kind": "SCHOOL"},
          "item": {"category": "K1"}}, "needs_answer", "Kräver svar på en fråga"),
        ({"item": {"contact_kind": "phone"}, "requester_verified": "yes",
          "person": {"statements": {"risk": "no", "harmless": "no"}}}, "needs_request",
         "Kräver en begäran"),
        ({"item": {"investigation": "yes"}, "approvals": {"boss_ok": "no"}}, "stop",
         "Får inte lämnas ut"),
        ({"person": {"age": 30, "subject_consent": "refused", "statements": {"harmless": "no"}}},
         "none", "Ingen sekretessbrytande bestämmelse"),
    ],
)  # fmt: skip
def test_each_outcome_has_its_words(
    law: Law, facts_like: Make, changes: dict[str, object], code: str, verdict: str
) -> None:
    answer = told(law, facts_like(**changes))
    assert (answer.code, answer.verdict) == (code, verdict)


def test_an_approval_that_remains_is_asked_for(law: Law, facts_like: Make) -> None:
    said = {"harmless": "yes"}
    answer = told(law, facts_like(item={"investigation": "yes"}, person={"statements": said}))
    assert answer.verdict == "Kräver godkännande"


def test_a_way_without_consent_gives_the_verdict_its_words(law: Law, facts_like: Make) -> None:
    """A headline that says consent is read as if there were no other way."""
    person = {"age": 30, "statements": {"harmless": "no"}}
    decision = decide(law, facts_like(person=person))
    approval = Step(kind="approval", condition="boss_ok")
    statement = Step(kind="statement", condition="risk")
    for way, verdict in (
        ((approval,), "Kräver godkännande"),
        ((approval, statement), "Kan lämnas ut efter bedömning och godkännande"),
    ):
        more = msgspec.structs.replace(decision, missing=(*decision.missing, way))
        assert explain(law, more, "sv").verdict == verdict
    assert explain(law, decision, "sv").verdict == "Kräver samtycke"


def test_no_way_names_what_makes_it_secret(law: Law, facts_like: Make) -> None:
    person = {"age": 30, "subject_consent": "refused", "statements": {"harmless": "no"}}
    answer = told(law, facts_like(person=person))
    assert answer.provisions == ("OSL 26 kap. 1 §",)
    assert "OSL 26 kap. 1 §" in answer.reason


@pytest.mark.parametrize(
    ("category", "investigation", "told_of"),
    [
        ("K11", "no", "Uppgiften omfattas av sekretess enligt OSL 26 kap. 1 §"),
        (
            *("K11", "unknown"),
            "Uppgiften omfattas av sekretess enligt OSL 26 kap. 1 § och kan också omfattas av "
            "sekretess enligt OSL 18 kap. 1 §",
        ),
        (
            *("K11", "yes"),
            "Uppgiften omfattas av sekretess enligt OSL 18 kap. 1 § och OSL 26 kap. 1 §",
        ),
    ],
)
def test_what_is_secret_only_because_something_is_unknown_is_said_to_be_able_to_be_so(
    packaged: Law, category: str, investigation: str, told_of: str
) -> None:
    written = {
        "sender": {"kind": "SOC"},
        "recipient": {"kind": "REGION"},
        "item": {"category": category, "investigation": investigation},
        "person": {"age": 16, "protected": "no"},
    }
    answer = told(packaged, facts_of(packaged, written, date(2026, 11, 23)))
    assert answer.reason.startswith(told_of)
    assert answer.may_apply == (("OSL 18:1",) if investigation == "unknown" else ())


def test_what_may_be_all_that_is_secret_is_said_to_be_able_to_be_so_in_both_languages(
    packaged: Law,
) -> None:
    written = {
        "sender": {"kind": "LEISURE"},
        "recipient": {"kind": "SCHOOL_M"},
        "item": {"category": "K33", "investigation": "unknown"},
        "person": {"age": 16, "protected": "no"},
    }
    facts = facts_of(packaged, written, date(2026, 11, 23))
    assert told(packaged, facts).reason.startswith("Uppgiften kan omfattas av sekretess enligt OSL")
    assert told(packaged, facts, "en").reason.startswith("The information may be secret under OSL")


def test_a_rule_that_the_sender_itself_has_is_known_to_apply(packaged: Law) -> None:
    written = {
        "sender": {"kind": "SCHOOL_M", "own_secrecy": ["OSL 26:2"]},
        "recipient": {"kind": "REGION"},
        "item": {"category": "K2", "investigation": "no"},
        "person": {"age": 16, "protected": "no"},
    }
    answer = told(packaged, facts_of(packaged, written, date(2026, 11, 23)))
    assert answer.may_apply == ()


def test_a_strike_says_why_the_ground_is_out(law: Law, facts_like: Make) -> None:
    person = {
        "statements": {"risk": "yes", "harmless": "no"},
        "guardian_consent": "refused",
    }
    item = {"committed_crime": "yes", "crime": "theft", "crime_stage": "completed"}
    answer = told(law, facts_like(item=item, person=person))
    assert answer.outcome == "none"
    assert answer.strikes[0].id == "H-4"
    assert "title of H-4" in answer.reason
    near = {near.id: near for near in answer.near}
    assert near["P-18a"].struck_by == ("title of H-4",)


def test_questions_are_asked_in_the_words_of_the_pack(law: Law, facts_like: Make) -> None:
    answer = told(law, facts_like(item={"investigation": "unknown"}))
    asked = {question.condition: question for question in answer.questions}
    assert asked["risk"].text == "risk?"
    assert asked["risk"].min_circumstances == 1
    assert asked["investigation"].text == "Investigation?"


def test_a_pending_duty_is_warned_of_by_name(law: Law, facts_like: Make) -> None:
    facts = facts_like(
        sender={"kind": "SCHOOL"}, recipient={"kind": "SOC"}, item={"category": "K3"}
    )
    warnings = told(law, facts).warnings
    assert warnings[0].startswith("En skyldighet kan gälla: title of D-1. Bedöm den först.")


def test_a_recipient_without_secrecy_is_warned_of(law: Law, facts_like: Make) -> None:
    facts = facts_like(recipient={"kind": "LEISURE"}, person={"guardian_consent": "given"})
    assert told(law, facts).warnings == (
        "Sekretessen följer inte med uppgiften: hos mottagaren skyddas den inte enligt "
        "OSL 26 kap. 1 §.",
    )


def test_a_role_can_what_it_holds_and_nothing_else(law: Law) -> None:
    assert can(law, "principal", "decide")
    assert not can(law, "admin", "decide")
    assert not can(law, "nobody", "decide")
    with pytest.raises(KeyError, match=r"roles\.toml defines no act 'fly'"):
        can(law, "admin", "fly")
