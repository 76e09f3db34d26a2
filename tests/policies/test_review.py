"""The rules on paper: whole, in both languages, and never older than the rules."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

import policies
from policies import Law
from policies.__main__ import main
from policies.review import FILES, review, stale, write
from policies.review_words import REVIEW_WORDS
from policies.rule_text import proofs_of, rule_sheet
from policies.rule_words import source_word
from policies.scenarios import Cases, packaged_cases, packaged_scenarios
from policies.selectors import paragraphs_in_english, written_out

PACK = Path(policies.__file__).parent


@pytest.fixture(scope="module")
def law() -> Law:
    return policies.load()


@pytest.fixture(scope="module")
def papers(law: Law) -> dict[str, str]:
    return {lang: review(law, packaged_cases(), lang) for lang in FILES}


def test_the_papers_are_as_new_as_the_rules(law: Law) -> None:
    assert stale(law, PACK) == [], "run `make review`"


@pytest.mark.parametrize("lang", ["sv", "en"])
def test_every_rule_is_there_with_provision_dates_and_words(
    law: Law, papers: dict[str, str], lang: str
) -> None:
    for rule in law.rules.values():
        heading = f"### {getattr(rule, lang)} ({rule.id})\n"
        assert papers[lang].count(heading) == 1
        told = papers[lang].split(heading)[1].split("\n### ")[0]
        assert getattr(rule, f"explain_{lang}") in told
        assert str(rule.valid_from) in told
        assert rule.valid_to is None or str(rule.valid_to) in told
        for cite in rule.cite:
            cited = written_out(cite)
            assert (paragraphs_in_english(cited) if lang == "en" else cited) in told
            assert cite.amended_by in told
        for name in (*rule.all, *rule.none, *rule.unless):
            assert law.text(name, lang) in told  # type: ignore[arg-type]
        for caution in rule.cautions:
            assert f"({caution})" in told


@pytest.mark.parametrize("lang", ["sv", "en"])
def test_every_secrecy_row_scenario_caution_and_source_is_there(
    law: Law, papers: dict[str, str], lang: str
) -> None:
    for row in law.secrecy:
        assert f"### {getattr(row, lang)}\n" in papers[lang]
        for cite in row.cite:
            day = "" if cite.amended_from is None else str(cite.amended_from)
            assert day in papers[lang]
    for scenario in packaged_scenarios():
        assert f"### {getattr(scenario, f'title_{lang}')} ({scenario.id})\n" in papers[lang]
    for caution in law.vocabulary.cautions.values():
        assert getattr(caution, lang) in papers[lang]
    for source in law.sources.values():
        assert source_word(source.read_to, lang) in papers[lang]
        assert source_word(source.reviewed_by, lang) in papers[lang]
        assert source.url in papers[lang]


def test_the_english_paper_says_nothing_in_swedish_but_what_the_acts_are_called(
    papers: dict[str, str],
) -> None:
    words = re.sub(r"https?://\S+", "", papers["en"])
    assert re.findall(r".*(?:stycket|[Hh]ärledd|\boch\b|\binte\b|\beller\b).*", words) == []
    assert "OSL 23 kap. 2 § third paragraph" in words


def test_says_that_no_lawyer_has_approved(papers: dict[str, str]) -> None:
    assert "Inte godkänd av någon jurist" in papers["sv"]
    assert "Not approved by any lawyer" in papers["en"]


def test_no_name_of_a_condition_or_key_is_left_in_the_text(
    law: Law, papers: dict[str, str]
) -> None:
    names = {name for name in law.vocabulary.conditions if "_" in name}
    for text in papers.values():
        words = set(text.replace("*", " ").replace("(", " ").split())
        assert words & names == set()


def test_check_tells_of_a_stale_paper_and_write_makes_it_new(
    law: Law, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pack = tmp_path / "pack"
    shutil.copytree(PACK, pack, ignore=shutil.ignore_patterns("*.py", "__pycache__", "scenarios"))
    (pack / "scenarios").mkdir()
    assert set(write(law, pack)) == set(FILES.values())
    assert write(law, pack) == []
    rules = pack / "rules" / "duties.toml"
    text = rules.read_text(encoding="utf-8")
    rules.write_text(
        text.replace("Anmälan om att ett barn kan", "Anmälan att ett barn kan"), "utf-8"
    )
    assert main(["review", str(pack), "--check"]) == 1
    assert "make review" in capsys.readouterr().err
    assert main(["review", str(pack), "--write"]) == 0
    assert main(["review", str(pack), "--check"]) == 0


@pytest.mark.parametrize("lang", ["sv", "en"])
def test_every_rule_has_its_proof_on_paper(law: Law, papers: dict[str, str], lang: str) -> None:
    """A case in which it applies, and one in which it falls where there is anything to fall on."""
    proofs = proofs_of(law, packaged_cases())
    words = REVIEW_WORDS[lang]  # type: ignore[index]
    for rule in law.rules.values():
        sheet = rule_sheet(law, rule, lang, proofs)  # type: ignore[arg-type]
        told = papers[lang].split(f"### {getattr(rule, lang)} ({rule.id})\n")[1].split("\n### ")[0]
        assert sheet.fires_in or any(one.fires for one in sheet.borders), rule.id
        if rule.all or rule.none or rule.unless:
            assert sheet.not_in or any(one.misses for one in sheet.borders), rule.id
        for shown in (*sheet.fires_in, *sheet.not_in):
            assert f"({shown.id})" in told
        for one in sheet.borders:
            line = words["border"].format(id=one.id, fires=one.fires, misses=one.misses)
            assert line in told


def test_a_rule_that_only_a_border_case_shows_is_named_for_what_it_is(law: Law) -> None:
    sheet = rule_sheet(law, law.rules["D-11-preschool"], "sv", proofs_of(law, packaged_cases()))
    without = proofs_of(law, Cases(packaged_cases().told, ()))
    assert rule_sheet(law, law.rules["D-11-preschool"], "sv", without).borders == ()
    assert [one.id for one in sheet.borders if one.fires] == ["G-D-11-preschool"]


def test_a_single_chapter_is_written_as_one(papers: dict[str, str]) -> None:
    for paper in papers.values():
        assert "23–23" not in paper
        assert re.search(r"OSL 23 kap\.[\n;]", paper)
        assert "OSL 21–40 kap." in paper
