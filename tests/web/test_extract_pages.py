"""The pages of a register extract, from the search to the PDF."""

from __future__ import annotations

from datetime import UTC, datetime

from app.domain.extract_order import ExtractOrder
from app.reports.extract import ExtractReport, extract_page
from app.reports.pdf import make_pdf
from tests.web.town import Town

PATH = "/loggkontroll/utdrag"


def test_the_data_protection_officer_finds_and_releases(town: Town, sign_in, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    case = town.case()
    town.note(case, title="Hembesök", text="Bara i texten.")
    printed: list[str] = []
    monkeypatch.setattr("app.web.extracts.make_pdf", lambda html: printed.append(html) or b"%PDF")
    ombud = sign_in("ombud")
    name = "Elliot Exempelsson"
    html = ombud.post(PATH, person=name).get_data(as_text=True)
    subject = html.split('name="subject" value="')[1].split('"')[0]
    fields = {"person": name, "subject": subject, "language": "sv", "staff_named": "no"}
    assert ombud.post(f"{PATH}/slapp", **fields).status_code == 422
    answer = ombud.post(f"{PATH}/slapp", identified="yes", **fields)
    assert answer.mimetype == "application/pdf"
    assert "Exempelsson" not in answer.headers["Content-Disposition"]
    assert "Bara i texten." not in printed[0]
    assert name in printed[0]


def test_nobody_sought_and_too_long_a_name_are_told(sign_in) -> None:  # type: ignore[no-untyped-def]
    ombud = sign_in("ombud")
    for typed, sentence in ((" ", "Skriv hela namnet, eller"), ("a" * 3000, "tecken.")):
        answer = ombud.post(PATH, person=typed)
        assert answer.status_code == 422
        assert sentence in answer.get_data(as_text=True)


def test_it_is_not_there_for_others(town: Town, sign_in) -> None:  # type: ignore[no-untyped-def]
    for who in ("karin", "chef", "petra"):
        assert sign_in(who).get(PATH).status_code == 404
        assert "Registerutdrag" not in sign_in("chef").see("/loggkontroll")


def test_the_paper_is_printed_and_what_it_holds_is_no_part_of_it() -> None:
    order = ExtractOrder(subject_ids=("a",), language="en", staff_named=False)
    report = ExtractReport(
        organisation="Socialtjänsten",
        controller="Socialnämnden",
        municipality="Sunne",
        released_by="Ola Strand, dataskyddsombud",
        released_at=datetime(2026, 11, 23, 9, 0, tzinfo=UTC),
        identities=[["<b>Vera</b>", "", "", "no"]],
        cases=[],
        notes=[],
        consents=[],
        disclosures=[],
        looks=[],
        staff_named=order.staff_named,
        checkpoint="",
    )
    html = extract_page(report, order.language)
    assert "<b>Vera" not in html
    assert "Register extract" in html
    assert "What we know of who you are" in html
    assert "<table>" in html
    assert "<caption>" not in html  # the heading above has just said it
    assert make_pdf(html).startswith(b"%PDF")
