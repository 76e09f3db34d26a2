"""The report: tagged, readable, with the same figures under each chart, and nothing fetched."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import UTC, datetime

import pdfua
import pytest
from pypdf import PdfReader

from app.reports import pdf
from app.reports.compliance import ComplianceReport, Turn, compliance_page
from app.reports.page import Language
from app.reports.pdf import ReportFault, make_pdf

AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
REPORT = ComplianceReport(
    organisation="Socialtjänsten, Sunne",
    controller="Socialnämnden",
    case="",
    day_from="2026-01-01",
    day_until="2026-11-23",
    recipient="Granskare <AB>",
    purpose="Årlig granskning",
    ordered_by="Eva Dahl",
    ordered_at=AT,
    released_by="Ola Strand",
    released_at=AT,
    made_at=AT,
    staff_named=False,
    reasons_shown=False,
    entries=731,
    start=0,
    stop=900,
    by_noun={"note": 613, "consent": 87},
    by_result={"allow": 702, "deny": 29},
    by_month={"2026-10": 411, "2026-11": 320},
    by_recipient={"Lokalpolisområde Torsby": 17},
    disclosures=17,
    refusals=3,
    consents=5,
    listed=[
        ["2026-11-20 10:12", "SN 2026/0417", "Polisen", "Förebygga brott", "OSL 10 kap. 18 a §"]
    ],
    turns=2,
    listed_turns=[
        Turn(when="2026-11-21", case="SN 2026/0418", code="refused", recipient="Skolan", by="Ida"),
        Turn(when="2026-11-22", case="", code="read", recipient="", by="handläggare"),
    ],
    packs=[["ab" * 32, "20", "finns"]],
    checkpoint="sluss.example/log\n900\nabcd=\n\n— sluss.example/log sig",
)


@pytest.fixture(scope="module", params=["sv", "en"])
def printed(request: pytest.FixtureRequest) -> tuple[Language, bytes]:
    return request.param, make_pdf(compliance_page(REPORT, request.param))


def test_it_is_a_tagged_pdf_without_errors(printed: tuple[Language, bytes], tmp_path) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "report.pdf"
    path.write_bytes(printed[1])
    found = pdfua.validate(str(path))
    assert [one for one in found.findings if "error" in str(one.severity).lower()] == []
    reader = PdfReader(path)
    assert reader.trailer["/Root"]["/MarkInfo"]["/Marked"]
    assert reader.trailer["/Root"]["/Lang"] == printed[0]


def test_its_text_can_be_read_and_holds_figures_and_checkpoint(
    printed: tuple[Language, bytes],
) -> None:
    text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(printed[1])).pages)
    for word in ("731", "613", "87", "702", "411", "SN 2026/0417", "sluss.example/log", "<AB>"):
        assert word in text
    told = ("Utlämnande nekades", "Läst efter nödöppning")
    if printed[0] == "en":
        told = ("Disclosure refused", "Read after emergency opening")
    assert all(word in " ".join(text.split()) for word in (*told, "SN 2026/0418", "Skolan", "Ida"))
    assert ("Kontrollpunkt" if printed[0] == "sv" else "Checkpoint") in text


@pytest.mark.parametrize(
    ("language", "told"),
    [("sv", "En av 3 exporter av samma beställning"), ("en", "One of 3 exports of the same order")],
)
def test_one_of_several_exports_of_an_order_says_so_on_paper(language: Language, told: str) -> None:
    several = compliance_page(replace(REPORT, together=3), language)
    assert told in several
    text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(make_pdf(several))).pages)
    assert told in " ".join(text.split())
    assert told[:10] not in compliance_page(REPORT, language)


def test_every_figure_of_a_chart_stands_in_a_table_too() -> None:
    page = compliance_page(REPORT, "sv")
    for figure in (613, 87, 702, 29, 411, 320, 17):
        assert f'<td class="figure">{figure}</td>' in page


def test_a_local_file_is_not_read(tmp_path) -> None:  # type: ignore[no-untyped-def]
    secret = tmp_path / "secret.txt"
    secret.write_text("HEMLIGHET" * 50)
    page = (
        f'<html lang="sv"><head><title>x</title><link rel=attachment href="file://{secret}">'
        f'</head><body><p>x</p><img alt="x" src="file://{secret}"></body></html>'
    )
    made = make_pdf(page)
    assert b"HEMLIGHET" not in made
    assert "/EmbeddedFiles" not in str(PdfReader(io.BytesIO(made)).trailer["/Root"])


def test_a_page_that_takes_too_much_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ReportFault, match="within 60 MB"):
        make_pdf("<html lang=sv><title>x</title><p>x</p></html>", megabytes=60)
    monkeypatch.setattr(pdf, "LARGEST_PAGE", 10)
    with pytest.raises(ReportFault, match="too long"):
        make_pdf("<html lang=sv><title>x</title><p>x</p></html>")


def test_missing_libraries_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf.sys, "path", [])
    done = type("Done", (), {"returncode": pdf.NO_LIBRARIES, "stdout": b""})
    monkeypatch.setattr(pdf.subprocess, "run", lambda *_, **__: done)
    with pytest.raises(ReportFault, match=r"libpango-1\.0-0"):
        make_pdf("<p>x</p>")
