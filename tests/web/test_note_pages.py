"""Notes written, opened, corrected and seen in all their versions, from the pages."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.domain.note import NoteAttributes
from app.flows.read_notes import NotesRead, read_notes
from tests.web.town import PLAIN, Town

LONG = "Den unge berättade om kontakten med äldre kamrater.\nHan vill ha hjälp & stöd <snart>."
SHOWN = "om kontakten med äldre kamrater.\nHan vill ha hjälp &amp; stöd &lt;snart&gt;."


def text(answer: TestResponse) -> str:
    return answer.get_data(as_text=True)


def a_note(town: Town, case: str, **changes: object) -> dict[str, object]:
    """The form's fields as somebody fills them in."""
    fields: dict[str, object] = {
        "title": "Hembesök",
        "text": LONG,
        "category": "K11",
        "described": town.persons(case)[0],
        "committed_crime": "no",
        "investigation": "no",
        "reporter_identity": "no",
        "concern_report": "no",
        "health_serious": "unknown",
        "contact_kind": "none",
    }
    return fields | changes


def newest(town: Town, case: str, note: str) -> NotesRead:
    outcome = read_notes(case, [note], town.actors["karin"], **town.hands)
    assert isinstance(outcome, NotesRead)
    return outcome


def note_in(page: str) -> str:
    return page.split('name="only" value="')[1].split('"')[0]


def test_a_note_is_written_and_its_answers_are_kept(town: Town, sign_in) -> None:  # type: ignore[no-untyped-def]
    case, karin = town.case(), sign_in("karin")
    answer = karin.post(f"/arenden/{case}/anteckning", **a_note(town, case))
    assert answer.status_code == 303
    page = karin.see(answer.location)
    assert "Anteckningen är sparad. Den har inte lämnats ut till någon." in page
    read = newest(town, case, note_in(page)).texts[0]
    assert read.text == LONG
    assert read.line.head.attributes == replace(PLAIN, health_serious="unknown")


def test_nothing_is_marked_beforehand(town: Town, sign_in) -> None:  # type: ignore[no-untyped-def]
    page = sign_in("karin").see(f"/arenden/{town.case()}/anteckning")
    assert " checked" not in page
    assert " selected" not in page
    assert "räknas som Vet inte" in page


def test_what_nobody_answers_is_unknown(town: Town, sign_in) -> None:  # type: ignore[no-untyped-def]
    case, karin = town.case(), sign_in("karin")
    fields = {"title": "A", "text": "B", "category": "K11", "described": town.persons(case)[0]}
    page = karin.see(karin.post(f"/arenden/{case}/anteckning", **fields).location)
    said = newest(town, case, note_in(page)).texts[0].line.head.attributes
    assert said == NoteAttributes()
    assert not said.contact_known
    assert said.committed_crime == said.investigation == said.health_serious == "unknown"


def test_the_police_must_say_whether_it_is_intelligence(town: Town, sign_in) -> None:  # type: ignore[no-untyped-def]
    case = town.case("sara", reference="LPO 2026/0003")
    sara = sign_in("sara")
    fields = {"title": "A", "text": "B", "category": "K17", "described": town.persons(case)[0]}
    page = sara.see(sara.post(f"/arenden/{case}/anteckning", **fields).location)
    outcome = read_notes(case, [note_in(page)], town.actors["sara"], **town.hands)
    assert isinstance(outcome, NotesRead)
    assert outcome.texts[0].line.head.attributes.intelligence == "unknown"


def test_what_came_from_elsewhere_may_be_intelligence_until_somebody_says_no(  # type: ignore[no-untyped-def]
    town: Town, sign_in
) -> None:
    case, karin = town.case(), sign_in("karin")
    path = f"/arenden/{case}/anteckning"
    page = karin.see(karin.post(path, **a_note(town, case, origin="POLICE")).location)
    said = newest(town, case, note_in(page)).texts[0].line.head.attributes
    assert (said.origin, said.intelligence) == ("POLICE", "unknown")


def test_only_what_the_organisation_can_hold_is_offered(town: Town, sign_in) -> None:  # type: ignore[no-untyped-def]
    page = sign_in("karin").see(f"/arenden/{town.case()}/anteckning")
    assert 'value="K11"' in page
    assert 'value="K17"' not in page
    other = town.case("farida", reference="UN 2026/0088")
    page = sign_in("farida").see(f"/arenden/{other}/anteckning")
    assert 'value="K3"' in page
    assert 'value="K11"' not in page


@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        ("title", "", "Skriv en rubrik."),
        ("title", "x" * 121, "Den har 121 tecken och får ha högst 120."),
        ("text", "  ", "Skriv anteckningens text."),
        ("text", "x" * 50_001, "Den har 50001 tecken och får ha högst 50000."),
        ("category", "", "Välj vilket slags uppgift anteckningen innehåller."),
        ("category", "K17", "Välj ett slags uppgift ur listan."),
        ("category", "K999", "Välj ett slags uppgift ur listan."),
        ("described", [], "Markera minst en person"),
        ("described", "inte ett id", "Markera bara personer som finns i ärendet."),
        ("investigation", "kanske", "Välj ett av alternativen."),
        ("contact_kind", "x", "Välj ett av alternativen."),
        ("crime", "x", "Välj ett av alternativen."),
        ("origin", "x", "Välj ett av alternativen."),
    ],
)
def test_what_is_wrong_with_a_note_is_said_and_nothing_typed_is_lost(  # type: ignore[no-untyped-def]
    town: Town, sign_in, field: str, typed: object, sentence: str
) -> None:
    case = town.case()
    answer = sign_in("karin").post(
        f"/arenden/{case}/anteckning", **a_note(town, case, **{field: typed})
    )
    page = text(answer)
    assert answer.status_code == 422
    assert sentence in page
    assert f'href="#{field}"' in page
    assert field == "text" or SHOWN in page
    assert field == "title" or 'value="Hembesök"' in page
    assert page.count(" checked") >= 5
    assert "note.written" not in town.ops()


def test_a_fold_is_open_when_a_question_in_it_is_answered(town: Town, sign_in) -> None:  # type: ignore[no-untyped-def]
    case, karin = town.case(), sign_in("karin")
    path = f"/arenden/{case}/anteckning"
    assert '<details class="ds-details" open>' not in karin.see(path)
    page = text(karin.post(path, **a_note(town, case, title="", crime="ran")))
    assert page.count('<details class="ds-details" open>') == 1
    assert '<option value="ran" selected>' in page


def test_a_person_of_another_case_cannot_be_described(town: Town, sign_in) -> None:  # type: ignore[no-untyped-def]
    case, other = town.case(), town.case(reference="SN 2026/0500")
    path = f"/arenden/{case}/anteckning"
    answer = sign_in("karin").post(path, **a_note(town, case, described=town.persons(other)[0]))
    assert answer.status_code == 422
    assert "Markera bara personer som finns i ärendet." in text(answer)


def test_a_note_sent_twice_is_written_once(town: Town, sign_in) -> None:  # type: ignore[no-untyped-def]
    case, karin = town.case(), sign_in("karin")
    fields = a_note(town, case, once="01a207a2-3280-7857-b26f-3f1915f85abb")
    for _ in range(2):
        assert karin.post(f"/arenden/{case}/anteckning", **fields).status_code == 303
    assert town.ops().count("note.written") == 1


def test_a_note_gone_back_to_changed_and_saved_again_loses_nothing(  # type: ignore[no-untyped-def]
    town: Town, sign_in
) -> None:
    case, karin = town.case(), sign_in("karin")
    fields = a_note(town, case, once="01a207a2-3280-7857-b26f-3f1915f85abb")
    karin.post(f"/arenden/{case}/anteckning", **fields)
    karin.post(f"/arenden/{case}/anteckning", **fields | {"title": "Samtal, rättat"})
    assert "Samtal, rättat" in karin.see(f"/arenden/{case}")
    assert town.ops().count("note.written") == 2


def test_a_note_without_its_token_is_not_written_and_not_lost(town: Town, sign_in) -> None:  # type: ignore[no-untyped-def]
    case, karin = town.case(), sign_in("karin")
    karin.token = "gammal"
    answer = karin.post(f"/arenden/{case}/anteckning", **a_note(town, case))
    assert answer.status_code == 400
    assert SHOWN in text(answer)
    assert "note.written" not in town.ops()


def test_several_notes_are_opened_as_one_entry_before_they_are_shown(town: Town, sign_in) -> None:  # type: ignore[no-untyped-def]
    case, karin = town.case(), sign_in("karin")
    notes = [town.note(case, text=f"KONTROLLTEXT {number}") for number in range(3)]
    answer = karin.post(f"/arenden/{case}/las", note=notes[:2])
    assert answer.status_code == 200
    assert "KONTROLLTEXT 0" in text(answer)
    assert "KONTROLLTEXT 1" in text(answer)
    assert "KONTROLLTEXT 2" not in text(answer)
    assert answer.headers["Cache-Control"] == "no-store"
    assert town.ops().count("note.read") == 1


def test_the_button_on_a_note_opens_that_note_alone(town: Town, sign_in) -> None:  # type: ignore[no-untyped-def]
    case, karin = town.case(), sign_in("karin")
    marked, wanted = town.note(case, text="MARKERAD"), town.note(case, text="ÖNSKAD")
    page = text(karin.post(f"/arenden/{case}/las", note=marked, only=wanted))
    assert "ÖNSKAD" in page
    assert "MARKERAD" not in page


def test_opening_nothing_says_so_on_the_page_of_the_case(town: Town, sign_in) -> None:  # type: ignore[no-untyped-def]
    case = town.case()
    town.note(case)
    answer = sign_in("karin").post(f"/arenden/{case}/las")
    assert answer.status_code == 422
    assert "Markera minst en anteckning att öppna." in text(answer)
    assert 'href="#note"' in text(answer)
    assert 'id="note"' in text(answer)


def test_one_note_that_is_not_there_opens_none(town: Town, sign_in) -> None:  # type: ignore[no-untyped-def]
    case, other = town.case(), town.case(reference="SN 2026/0500")
    mine, elsewhere = town.note(case), town.note(other, text="KONTROLLTEXT")
    answer = sign_in("karin").post(f"/arenden/{case}/las", note=[mine, elsewhere])
    assert answer.status_code == 404
    assert "note.read" not in town.ops()


def test_loading_the_page_of_opened_notes_again_reads_nothing(town: Town, sign_in) -> None:  # type: ignore[no-untyped-def]
    case, karin = town.case(), sign_in("karin")
    town.note(case)
    answer = karin.get(f"/arenden/{case}/las")
    assert (answer.status_code, answer.location) == (303, f"/arenden/{case}")
    assert "note.read" not in town.ops()


def test_a_correction_is_asked_for_before_the_note_is_opened(town: Town, sign_in) -> None:  # type: ignore[no-untyped-def]
    case, karin = town.case(), sign_in("karin")
    note = town.note(case, text="KONTROLLTEXT")
    path = f"/anteckningar/{note}/ratta"
    asked = karin.see(path)
    assert "KONTROLLTEXT" not in asked
    assert "Läsningen loggas med ditt namn." in asked
    assert "note.read" not in town.ops()
    form = text(karin.post(path, open="1"))
    assert "KONTROLLTEXT</textarea>" in form
    assert 'name="seen_version" value="1"' in form
    assert 'value="K11" checked' in form
    assert town.ops().count("note.read") == 1


def test_a_correction_adds_a_version_and_the_old_one_stays(town: Town, sign_in) -> None:  # type: ignore[no-untyped-def]
    case, karin = town.case(), sign_in("karin")
    note = town.note(case, text="FÖRSTA")
    path = f"/anteckningar/{note}/ratta"
    answer = karin.post(path, **a_note(town, case, text="ANDRA", seen_version="1"))
    assert answer.status_code == 303
    assert "rättad, version 2" in karin.see(answer.location)
    assert "FÖRSTA" not in karin.see(f"/anteckningar/{note}/versioner")
    page = text(karin.post(f"/anteckningar/{note}/versioner"))
    assert page.index("ANDRA") < page.index("FÖRSTA")
    assert town.ops().count("note.versions_read") == 1


def test_what_was_answered_is_carried_into_the_correction(town: Town, sign_in) -> None:  # type: ignore[no-untyped-def]
    said = replace(
        PLAIN,
        contact_kind="phone",
        committed_crime="yes",
        crime="ran",
        crime_stage="attempt",
        victim_under_18="yes",
        intelligence="yes",
        presence_only="yes",
        identifiable="unknown",
        origin="POLICE",
    )
    case, karin = town.case(), sign_in("karin")
    note = town.note(case, attributes=said)
    form = text(karin.post(f"/anteckningar/{note}/ratta", open="1"))
    fields = fields_of(form)
    assert karin.post(f"/anteckningar/{note}/ratta", **fields | {"title": "Ny"}).status_code == 303
    assert newest(town, case, note).texts[0].line.head.attributes == said


def fields_of(page: str) -> dict[str, str]:
    """What a browser would send from the page's own form, as it stands."""
    from html.parser import HTMLParser

    class Form(HTMLParser):
        fields: dict[str, str] = {}  # noqa: RUF012
        name = ""

        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            got = dict(attrs)
            if tag in ("select", "textarea"):
                self.name = got["name"] or ""
            elif tag == "option" and "selected" in got:
                self.fields[self.name] = got["value"] or ""
            elif tag == "input" and (
                got.get("type") not in ("radio", "checkbox") or "checked" in got
            ):
                self.fields[got["name"] or ""] = got["value"] or ""

        def handle_data(self, data: str) -> None:
            if self.name == "text" and data.strip():
                self.fields.setdefault("text", data.strip())

    form = Form()
    form.fields = {}
    form.feed(page.split("<main", 1)[1])
    form.fields.pop("csrf_token")
    return form.fields


def test_a_correction_overtaken_by_another_keeps_what_was_typed(town: Town, sign_in) -> None:  # type: ignore[no-untyped-def]
    case, karin = town.case(), sign_in("karin")
    note = town.note(case)
    path = f"/anteckningar/{note}/ratta"
    karin.post(path, **a_note(town, case, text="EN KOLLEGAS", seen_version="1"))
    mine = a_note(town, case, seen_version="1")
    answer = karin.post(path, **mine)
    assert answer.status_code == 409
    assert SHOWN in text(answer)
    assert "Någon har rättat anteckningen sedan du öppnade den." in text(answer)
    assert "EN KOLLEGAS" not in text(answer)
    read = karin.post(path, **mine, open_newest="1")
    assert read.status_code == 200
    assert SHOWN in text(read)
    assert "EN KOLLEGAS" in text(read)
    assert 'name="seen_version" value="2"' in text(read)
    assert karin.post(path, **mine | {"seen_version": "2"}).status_code == 303
    assert newest(town, case, note).texts[0].line.version == 3


@pytest.mark.parametrize("version", ["", "0", "x", "²", "9" * 30])
def test_a_version_nobody_has_seen_corrects_nothing(town: Town, sign_in, version: str) -> None:  # type: ignore[no-untyped-def]
    case = town.case()
    note = town.note(case)
    fields = a_note(town, case, seen_version=version)
    assert sign_in("karin").post(f"/anteckningar/{note}/ratta", **fields).status_code == 409
    assert "note.corrected" not in town.ops()


def test_a_correction_cut_off_by_a_time_out_comes_back_as_it_was(town: Town, sign_in) -> None:  # type: ignore[no-untyped-def]
    case, karin = town.case(), sign_in("karin")
    note = town.note(case, text="DET GAMLA")
    fields = a_note(town, case, seen_version="1")
    page = text(karin.post(f"/anteckningar/{note}/ratta", **fields, resume="1"))
    assert SHOWN in page
    assert 'name="seen_version" value="1"' in page
    assert "note.corrected" not in town.ops()


def test_the_form_is_wholly_in_english_for_those_who_read_it(town: Town, sign_in) -> None:  # type: ignore[no-untyped-def]
    case, karin = town.case(), sign_in("karin")
    client: FlaskClient = karin.client
    client.get("/sprak/en")
    page = karin.see(f"/arenden/{case}/anteckning")
    for words in (
        "What kind of information is it?",
        "Someone&#39;s personal circumstances in social services",
        "Is the item part of a criminal investigation or a police operation?",
        "Don’t know",
    ):
        assert words in page


def test_what_was_written_by_one_who_was_taken_out_meanwhile_is_shown_again(
    town: Town, sign_in
) -> None:  # type: ignore[no-untyped-def]
    case = town.case()
    written = "Han berättade om kontakten med äldre kamrater vid resecentrum, för andra gången."
    fields = {"title": "Samtal", "text": written, "category": "K11"}
    jonas = sign_in("jonas")
    answers = [
        jonas.post(f"/arenden/{one}/anteckning", **fields)
        for one in (case, "01a207a2-3280-7857-b26f-3f1915f85abb")
    ]
    assert [answer.status_code for answer in answers] == [404, 404]
    theirs, nowhere = (answer.get_data(as_text=True) for answer in answers)
    assert written in theirs
    assert theirs == nowhere
