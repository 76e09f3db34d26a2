"""Swedish and English, whole: no sentence without its English, no English without its sentence."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po
from flask.testing import FlaskClient

from app.domain.problem import Problem
from app.web.language import CATALOGUES, compile_catalogs, statutes
from app.web.problem_sentences import SENTENCES
from tests.web.stand_in import a_site, an_app

APP = CATALOGUES.parent
ENGLISH = CATALOGUES / "en" / "LC_MESSAGES" / "messages.po"
ASKS = {"_", "gettext", "ngettext", "lazy_gettext", "lazy_ngettext"}
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]")


def said() -> set[str]:
    """Every sentence that code and templates say, found as `pybabel extract` finds them."""
    with (CATALOGUES / "babel.ini").open() as mapping:
        methods, options = parse_mapping_cfg(mapping)
    keywords = {"_": None, "gettext": None, "ngettext": (1, 2), "lazy_gettext": None}
    found = extract_from_dir(str(APP), method_map=methods, options_map=options, keywords=keywords)
    return {message if isinstance(message, str) else message[0] for _, _, message, _, _ in found}


def translated() -> dict[str, str]:
    with ENGLISH.open("rb") as file:
        return {
            message.id if isinstance(message.id, str) else message.id[0]: message.string
            if isinstance(message.string, str)
            else message.string[0]
            for message in read_po(file)
            if message.id and not message.fuzzy
        }


def test_every_sentence_has_its_english() -> None:
    english = translated()
    assert sorted(sentence for sentence in said() if not english.get(sentence)) == []


def called(source: str) -> set[str]:
    """What code asks to have translated, read from its tree: inside f-strings too."""
    return {
        argument.value
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name | ast.Attribute)
        and (node.func.id if isinstance(node.func, ast.Name) else node.func.attr) in ASKS
        for argument in node.args[:1]
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str)
    }


def test_no_sentence_is_asked_for_where_the_extraction_does_not_see_it() -> None:
    """Babel reads no f-string before Python 3.12, and no folder that babel.ini leaves out."""
    asked = {one for path in APP.rglob("*.py") for one in called(path.read_text(encoding="utf-8"))}
    assert len(asked) > 500
    assert sorted(asked - said()) == []


def test_a_planted_sentence_in_an_f_string_is_seen() -> None:
    assert called("""x = f"{name}, {gettext('samma')}" """) == {"samma"}


def test_no_english_is_left_from_a_sentence_that_is_gone() -> None:
    assert sorted(translated().keys() - said()) == []


def test_the_english_has_the_same_blanks_to_fill() -> None:
    assert {
        sentence: english
        for sentence, english in translated().items()
        if sorted(PLACEHOLDER.findall(sentence)) != sorted(PLACEHOLDER.findall(english))
    } == {}


def test_a_stale_catalogue_is_compiled_again(tmp_path: Path) -> None:
    folder = tmp_path / "en" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    source = folder / "messages.po"
    source.write_text('msgid ""\nmsgstr ""\n\nmsgid "Ärenden"\nmsgstr "Cases"\n', encoding="utf-8")
    assert compile_catalogs(tmp_path) == [folder / "messages.mo"]
    assert compile_catalogs(tmp_path) == []
    assert b"Cases" in (folder / "messages.mo").read_bytes()


def test_a_browser_set_to_english_gets_english(client: FlaskClient) -> None:
    page = client.get("/logga-in", headers={"Accept-Language": "en-GB,en;q=0.9"})
    assert '<html lang="en"' in page.get_data(as_text=True)
    assert "User name" in page.get_data(as_text=True)


@pytest.mark.parametrize("asked", ["sv-SE,sv;q=0.9,en;q=0.8", "fi,nb;q=0.8", ""])
def test_others_get_swedish(client: FlaskClient, asked: str) -> None:
    page = client.get("/logga-in", headers={"Accept-Language": asked})
    assert '<html lang="sv"' in page.get_data(as_text=True)


def test_the_chosen_language_holds_and_leads_back_to_the_page(client: FlaskClient) -> None:
    answer = client.get("/sprak/en", headers={"Referer": "http://localhost/logga-in"})
    assert (answer.status_code, answer.location) == (303, "/logga-in")
    page = client.get("/logga-in", headers={"Accept-Language": "sv"}).get_data(as_text=True)
    assert '<html lang="en"' in page


@pytest.mark.parametrize(
    "came_from",
    [
        "http://elak.example/x",
        "http://localhost//elak.example",
        "http://localhost/\\elak",
        "nonsense",
    ],
)
def test_changing_language_leads_nowhere_but_here(client: FlaskClient, came_from: str) -> None:
    assert client.get("/sprak/en", headers={"Referer": came_from}).location == "/"


def test_an_unknown_language_does_not_exist(client: FlaskClient) -> None:
    assert client.get("/sprak/xx").status_code == 404


@pytest.mark.parametrize(
    "provision", ["OSL 10 kap. 18 a §", "OSL 12 kap. 2 §", "SoL 19 kap. 1 §", "FB 6 kap. 11, 13 §§"]
)
def test_a_provision_in_an_english_sentence_is_marked_as_swedish(provision: str) -> None:
    app = an_app(a_site()[0], "")
    with app.test_request_context(headers={"Accept-Language": "en"}):
        marked = statutes(f"See {provision} & more.")
    assert marked == f'See <span lang="sv">{provision}</span> &amp; more.'


def test_a_swedish_sentence_is_left_as_it_is() -> None:
    app = an_app(a_site()[0], "")
    with app.test_request_context(headers={"Accept-Language": "sv"}):
        assert statutes("Se OSL 10 kap. 2 § <b>") == "Se OSL 10 kap. 2 § &lt;b&gt;"


def problem_codes() -> set[str]:
    """Every code that domain and flows give a Problem, read from their source."""
    codes: set[str] = set()
    for path in [*(APP / "domain").glob("*.py"), *(APP / "flows").glob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Problem":
                value = next(kw.value for kw in node.keywords if kw.arg == "code")
                if isinstance(value, ast.Constant):
                    codes.add(value.value)
    return codes


def test_every_problem_has_its_sentence() -> None:
    assert problem_codes()
    assert sorted(problem_codes() - SENTENCES.keys()) == []
    assert {field + "_missing" for field in ("title", "text")} <= SENTENCES.keys()


def test_a_problem_without_a_sentence_still_tells_where() -> None:
    from app.web.problem_sentences import sentence_for

    with an_app(a_site()[0], "").test_request_context():
        assert sentence_for(Problem(field="x", code="nothing_known")) == "Rätta det här fältet."
