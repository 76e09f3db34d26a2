"""What cannot be used is answered with a sentence and 422, with everything typed still there."""

from __future__ import annotations

import re
import uuid
from datetime import date
from html import unescape

import pytest
import sqlalchemy
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from app.domain.personal_number import can_be_born, parse_personal_number
from app.domain.subject import parse_identity
from app.records.schema import all_tables
from tests.attacks.house import Browser, House
from tests.attacks.story import BORN, PLAIN, Story, a_number

ON = date(2026, 11, 23)
RIGHT = a_number(BORN)
WITH_EVERY_LOOK_ALIKE = a_number(date(2011, 10, 12))
LOOK_ALIKE = {
    "full-width digits": str.maketrans("0123456789", "０１２３４５６７８９"),
    "arabic digits": str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩"),
    "mathematical digits": str.maketrans("0123456789", "𝟎𝟏𝟐𝟑𝟒𝟓𝟔𝟕𝟖𝟗"),
    "superscript": str.maketrans("123", "¹²³"),
    "letter O for zero": str.maketrans("0", "O"),
    "letter l for one": str.maketrans("1", "l"),
    "another hyphen": str.maketrans("-", "\u2010"),
    "en dash": str.maketrans("-", "\u2013"),
    "minus": str.maketrans("-", "\u2212"),
}
HIDDEN = ("\u200b", "\u200d", "\u2060", "\ufeff", "\u202e", "\u200f", "\u00ad", "\x00", "\x1b")
IMPOSSIBLE = (
    "20090504-2385",
    "20090230-2384",
    "20091304-2384",
    "19000229-2384",
    "20300101-2384",
    "090504-238",
    "090504-23845",
    "20090504+2384",
    "2009-05-04",
    "-200905042384",
    "2e10",
    "0x7d0905042384",
    "12345678901234567890",
    "' OR 1=1 --",
    "=1+1",
    "{{7*7}}",
    "9" * 100_000,
)


@pytest.fixture
def story(house: House) -> Story:
    made = Story(house, lambda name: f"Ord om {name}")
    made.start_case()
    return made


def _rows(house: House) -> dict[str, int]:
    with house.opened.store.engine.connect() as connection:
        return {
            name: connection.execute(
                sqlalchemy.select(sqlalchemy.func.count()).select_from(table)
            ).scalar_one()
            for name, table in all_tables().tables.items()
            # A form that was refused may be sent again, so that it was claimed is no change.
            if not name.startswith("audit") and name != "sent_form"
        }


def _still_there(page: str, value: str) -> bool:
    return value in unescape(page)


@pytest.mark.parametrize("how", LOOK_ALIKE)
def test_a_number_that_only_looks_right_is_refused(how: str) -> None:
    written = WITH_EVERY_LOOK_ALIKE.translate(LOOK_ALIKE[how])
    assert written != WITH_EVERY_LOOK_ALIKE
    assert parse_personal_number(written, on=ON) is None


@pytest.mark.parametrize("hidden", HIDDEN, ids=lambda one: f"U+{ord(one):04X}")
def test_a_number_with_something_hidden_in_it_is_refused(hidden: str) -> None:
    for place in range(len(RIGHT) + 1):
        written = RIGHT[:place] + hidden + RIGHT[place:]
        assert parse_personal_number(written, on=ON) is None, place


NOISE = st.text(
    alphabet=st.one_of(
        st.sampled_from("0123456789-+ \t"),
        st.sampled_from("".join(HIDDEN)),
        st.characters(categories=["Nd", "No", "Pd", "Cf"]),
    ),
    max_size=20,
)


@settings(max_examples=200, deadline=None)
@given(NOISE)
@example(RIGHT)
def test_what_is_taken_for_a_number_is_twelve_digits_that_were_typed(typed: str) -> None:
    """Nothing but 0-9 counts, the check digit holds, and writing it again gives it again."""
    number = parse_personal_number(typed, on=ON)
    if number is None:
        return
    plain = re.sub(r"[\s+-]", "", typed)
    assert re.fullmatch(r"[0-9]{12}", number.digits)
    assert number.digits.endswith(plain)
    assert parse_personal_number(number.shown, on=ON) == number


@pytest.mark.parametrize(
    ("born", "possible"),
    [
        (date(1901, 11, 22), False),
        (date(1901, 11, 23), True),
        (date(1, 1, 1), False),
        (date(2026, 11, 23), True),
        (date(2026, 11, 24), False),
    ],
)
def test_nobody_is_older_than_125_years(born: date, possible: bool) -> None:
    assert can_be_born(born, on=ON) is possible
    fields = {"name": "Vilma Kvar", "number": "", "protected": "no", "on": ON}
    identity = parse_identity(born=born.isoformat(), **fields)
    assert isinstance(identity, list) is not possible


def test_the_oldest_birth_date_is_counted_on_a_leap_day_too() -> None:
    assert can_be_born(date(1903, 3, 1), on=date(2028, 2, 29))
    assert not can_be_born(date(1903, 2, 28), on=date(2028, 2, 29))


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 11), st.integers(1, 9))
def test_a_number_with_one_wrong_digit_is_refused(place: int, more: int) -> None:
    digits = RIGHT.replace("-", "")
    wrong = str((int(digits[place]) + more) % 10)
    changed = digits[:place] + wrong + digits[place + 1 :]
    parsed = parse_personal_number(changed, on=ON)
    # The check digit does not count the century.
    assert parsed is None or place < 2


def test_every_impossible_number_is_told_and_nothing_typed_is_lost(story: Story) -> None:
    karin, before = story.house.as_("karin"), _rows(story.house)
    for number in IMPOSSIBLE:
        answer = karin.post(
            f"/arenden/{story.case}/person",
            {"name": "Vilma Kvar", "number": number, "protected": "no", "relation": "other"},
        )
        page = answer.get_data(as_text=True)
        assert answer.status_code == 422, number[:30]
        assert "Vilma Kvar" in page
        assert _still_there(page, number)
    assert _rows(story.house) == before


def _note(story: Story, **more: object) -> dict[str, object]:
    return {**PLAIN, "title": "Titel", "text": "Text", "described": story.young, **more}


BAD_NOTES: dict[str, dict[str, object]] = {
    "title over 120": {"title": "å" * 121},
    "no title": {"title": " \u00a0 "},
    "text over 50 000": {"text": "å" * 50_001},
    "no text": {"text": "\r\n\t"},
    "unknown category": {"category": "K99"},
    "category of another kind of organisation": {"category": "K17"},
    "category as a list": {"category": "['K11']"},
    "nobody described": {"described": ""},
    "a stranger described": {"described": str(uuid.uuid4())},
    "described not an id": {"described": "x" * 100_000},
    "unknown answer": {"committed_crime": "maybe"},
    "unknown crime": {"crime": "x" * 100_000},
    "unknown contact": {"contact_kind": "fax"},
    "unknown origin": {"origin": "MARS"},
    "everything at once": dict.fromkeys(("title", "text", "category", "crime"), "x" * 100000),
}


def test_a_note_that_cannot_be_used_is_given_back(story: Story) -> None:
    house, karin = story.house, story.house.as_("karin")
    before = _rows(house)
    for what, wrong in BAD_NOTES.items():
        fields = _note(story, **{"text": "Det här ska stå kvar.", **wrong})
        answer = karin.post(f"/arenden/{story.case}/anteckning", fields)
        assert answer.status_code == 422, what
        assert _still_there(answer.get_data(as_text=True), str(fields["text"]).strip()), what
    assert _rows(house) == before


def _decide(story: Story, karin: Browser, **more: str):
    path = f"/anteckningar/{story.notes[0]}/lamna-ut/{story.house.organisations['polis']}"
    return karin.post(path, {**story.decision(), **more})


def test_a_decision_that_cannot_be_used_discloses_nothing(story: Story) -> None:
    story.write_notes()
    house, karin = story.house, story.house.as_("karin")
    statements = [name for name in story.decision() if name.endswith(":answer")]
    for more in (
        {"checked": ""},
        {"initiative": "whim"},
        {"initiative": ""},
        {"request_reference": "Elliot Granhed 20090501-2399"},
        {"request_reference": "x" * 100_000},
        {statements[0]: "perhaps"},
        {statements[0].replace(":answer", ":reasons"): ""},
        {statements[0].replace(":answer", ":reasons"): "x" * 100_000},
        {"version": "1"},
        {"version": "99"},
        {"version": "-1"},
        {"version": "٢"},
        {"version": "2" * 5000},
    ):
        answer = _decide(story, karin, **more)
        assert answer.status_code in (409, 422), (more, answer.status)
        assert story.word("circumstances yes") in answer.get_data(as_text=True), more
    assert _rows(house)["delivery"] == 0


def test_what_nobody_asked_is_not_taken_for_an_answer(story: Story) -> None:
    """Statements, facts and persons that are not in the question count for nothing."""
    story.write_notes()
    house, karin = story.house, story.house.as_("karin")
    never = str(uuid.uuid4())
    fields = {
        "purpose": "prevent_crime",
        "version": "2",
        "initiative": "own",
        "checked": "yes",
        "ordinary": "yes",
        f"no_such_statement:{story.young}:answer": "yes",
        f"at_risk_of_crime:{never}:answer": "yes",
        f"at_risk_of_crime:{story.sibling}:answer": "yes",
        f"at_risk_of_crime:{story.sibling}:reasons": "Därför att.",
        f"at_risk_of_crime:{story.sibling}:circumstances": "Sett.",
        f"fact:age:{story.young}": "yes",
        f"fact:pregnant:{never}": "yes",
        "fact::": "yes",
        "fact:pregnant:" + "x" * 10_000: "yes",
        "delegation": "yes",
        "outcome": "may",
        "decision": "may",
    }
    path = f"/anteckningar/{story.notes[0]}/lamna-ut/{house.organisations['polis']}"
    answer = karin.post(path, fields)
    assert answer.status_code == 422
    rows = _rows(house)
    assert (rows["delivery"], rows["disclosure"], rows["answer"]) == (0, 0, 0)


def test_an_unknown_purpose_is_asked_for_again(story: Story) -> None:
    story.write_notes()
    karin = story.house.as_("karin")
    for purpose in ("", "world_peace", "x" * 1500, "prevent_crime\x00", "access"):
        path = f"/anteckningar/{story.notes[0]}/lamna-ut"
        answer = karin.get(path, query_string={"purpose": purpose})
        assert answer.status_code == 422, purpose
        assert 'name="purpose"' in answer.get_data(as_text=True)


NO_RECIPIENTS = ("nowhere", "%00", "x" * 1000, "1%27%20OR%201=1", "%F0%9F%92%A9", "%ff%fe", "%0A")


def test_an_unknown_recipient_is_not_found(story: Story) -> None:
    story.write_notes()
    house, karin = story.house, story.house.as_("karin")
    for recipient in (*NO_RECIPIENTS, house.organisations["soc"]):
        path = f"/anteckningar/{story.notes[0]}/lamna-ut/{recipient}"
        assert karin.get(f"{path}?purpose=prevent_crime").status_code == 404, recipient
        assert karin.post(path, story.decision()).status_code == 404, recipient
    assert not [entry for entry in house.entries() if entry.res == "error"]


BAD_CONSENTS: dict[str, dict[str, str]] = {
    "a stranger": {"subject_id": str(uuid.uuid4())},
    "to nobody": {"recipient_id": "nowhere"},
    "no category": {"category": "K99"},
    "no purpose": {"purpose": "world_peace"},
    "no day": {"valid_until": "snart"},
    "past": {"valid_until": "2020-01-01"},
    "for ever": {"valid_until": "9999-12-31"},
    "no such day": {"valid_until": "2026-02-30"},
    "long day": {"valid_until": "2" * 100_000},
    "other digits": {"valid_until": "２０２６-12-24"},
    "week": {"valid_until": "2026-W52-1"},
    "by whom": {"giver": "neighbour"},
    "perhaps": {"answer": "perhaps"},
}


def test_a_consent_that_cannot_be_used_is_given_back(story: Story) -> None:
    house, karin = story.house, story.house.as_("karin")
    fields = {
        "subject_id": story.young,
        "giver": "subject",
        "answer": "given",
        "form": "written",
        "recipient_id": house.organisations["polis"],
        "category": "K11",
        "purpose": "prevent_crime",
        "valid_until": "2027-02-01",
    }
    for what, wrong in BAD_CONSENTS.items():
        answer = karin.post(f"/arenden/{story.case}/samtycke", fields | wrong)
        assert answer.status_code == 422, what
    assert _rows(house)["consent"] == 0


# Characters that break databases, logs, headers and parsers, each in every text field.
ODD = st.text(
    alphabet=st.one_of(
        st.sampled_from("\x00\x01\x1b\x7f\r\n\u2028\u202e\ufeff\ufffe\uffff\U0010ffff"),
        st.sampled_from("<>'\"&;%{}\\=+-@"),
        st.characters(exclude_categories=["Cs"]),
    ),
    max_size=60,
)


@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(name=ODD, title=ODD, text=ODD, reference=ODD, day=ODD)
@example(name="\x00", title="\x00", text="\x00", reference="\x00", day="\x00")
@example(
    name="a\x00b", title="a\x00b", text="a\x00b", reference="SN 2026/1\x00", day="2026-01-01\x00"
)
def test_no_text_whatever_is_a_fault(
    story: Story, name: str, title: str, text: str, reference: str, day: str
) -> None:
    karin = story.house.as_("karin")
    for path, fields in (
        ("/arenden/nytt", {"name": name, "reference": reference, "born": day, "number": day}),
        (f"/arenden/{story.case}/person", {"name": name, "relation": title, "protected": text}),
        (f"/arenden/{story.case}/anteckning", _note(story, title=title, text=text)),
        (f"/arenden/{story.case}/anteckning", _note(story, category=title, crime=text)),
        (f"/arenden/{story.case}/samtycke", {"valid_until": day, "category": title}),
        (f"/arenden/{story.case}/las", {"note": title, "only": text}),
    ):
        answer = karin.post(path, fields)
        assert answer.status_code in (303, 404, 422), (path, fields, answer.status)
    assert karin.get(f"/arenden/{story.case}").status_code == 200
