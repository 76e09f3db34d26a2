"""The documents point at what is there."""

from __future__ import annotations

import ast
import configparser
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def documents() -> list[Path]:
    result = subprocess.run(
        ["git", "-c", "safe.directory=*", "ls-files", "-z", "-co", "--exclude-standard", "*.md"],
        cwd=ROOT,
        capture_output=True,
        check=True,
        timeout=900,
    )
    names = [name.decode() for name in result.stdout.split(b"\0") if name]
    paths = [ROOT / name for name in names if "vendor" not in name.split("/")]
    return [path for path in paths if path.is_file()]


def dead_links(path: Path, text: str) -> list[str]:
    links = re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", text)
    local = [link for link in links if not re.match(r"[a-z]+:", link)]
    return [link for link in local if not (path.parent / link).exists()]


def unknown_documents(text: str, known: set[str]) -> list[str]:
    """Documents that a text names and that are not there to be read."""
    return sorted({name for name in re.findall(r"\b[\w-]+\.md\b", text) if name not in known})


def symbols() -> list[tuple[str, str]]:
    """Symbol and file, from the table of ARCHITECTURE.md."""
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    return re.findall(r"^\| [^|]+ \| `([^`]+)` \| `([^`]+)` \|$", text, re.MULTILINE)


def defined(place: Path) -> set[str]:
    tree = ast.parse(place.read_text(encoding="utf-8"))
    kinds = ast.ClassDef | ast.FunctionDef
    return {node.name for node in tree.body if isinstance(node, kinds)}


def test_every_link_between_documents_leads_somewhere() -> None:
    found = {path: dead_links(path, path.read_text(encoding="utf-8")) for path in documents()}
    assert {str(path): links for path, links in found.items() if links} == {}


def test_a_planted_dead_link_is_seen() -> None:
    assert dead_links(ROOT / "README.md", "see [this](NOWHERE.md)") == ["NOWHERE.md"]


def test_no_file_sends_its_reader_to_a_document_that_is_not_here() -> None:
    known = {path.name for path in documents()}
    places = [
        path
        for folder in ("app", "audit", "policies", "docs", "tests", ".ci")
        for path in sorted((ROOT / folder).rglob("*"))
        if path.suffix in {".py", ".toml", ".md", ".html", ".po", ""} and path.is_file()
        if "vendor" not in path.parts and path != Path(__file__)
    ]
    found = {
        str(path.relative_to(ROOT)): names
        for path in [*places, *ROOT.glob("*.md")]
        if (names := unknown_documents(path.read_text(encoding="utf-8"), known))
    }
    assert found == {}, found


def test_a_planted_reference_to_a_missing_document_is_seen() -> None:
    assert unknown_documents("as nowhere.md section 2 says", {"README.md"}) == ["nowhere.md"]


@pytest.mark.parametrize(("symbol", "place"), symbols())
def test_every_symbol_in_the_architecture_is_in_its_file(symbol: str, place: str) -> None:
    assert symbol in defined(ROOT / place)


def test_the_architecture_lists_symbols() -> None:
    assert len(symbols()) >= 12


def test_the_architecture_draws_the_arrows_that_are_enforced() -> None:
    parser = configparser.ConfigParser()
    parser.read(ROOT / ".importlinter", encoding="utf-8")
    layers = parser["importlinter:contract:layers"]["layers"].strip().split("\n")
    height = {
        name: place for place, layer in enumerate(layers) for name in re.findall(r"\w+", layer)
    }
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    [arrows] = [line for line in text.split("```")[1].splitlines() if "→" in line]
    drawn = [{height[name] for name in re.findall(r"\w+", layer)} for layer in arrows.split("→")]
    # What is drawn side by side is one layer; the drawing may leave a layer out, never turn one.
    assert [len(heights) for heights in drawn] == [1] * len(drawn)
    places = [heights.pop() for heights in drawn]
    assert places == sorted(set(places))
    assert (places[0], places[-1]) == (0, len(layers) - 1)


@pytest.mark.parametrize(
    "name",
    [
        "README.md",
        "ARCHITECTURE.md",
        "THREAT_MODEL.md",
        "GLOSSARY.md",
        "CONTRIBUTING.md",
        "SECURITY.md",
        "CHANGELOG.md",
        "LICENSE",
        "config.example.toml",
    ],
)
def test_a_document_that_people_look_for_is_there(name: str) -> None:
    assert len((ROOT / name).read_text(encoding="utf-8")) > 500


def test_the_readme_names_only_targets_that_make_has() -> None:
    targets = set(re.findall(r"^([a-z\-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for document in ["README.md", "CONTRIBUTING.md"]:
        text = (ROOT / document).read_text(encoding="utf-8")
        named = set(re.findall(r"(?:^|`)make ([a-z]+)", text, re.MULTILINE))
        assert named <= targets


def test_the_script_that_runs_every_test_can_be_run() -> None:
    script = ROOT / ".ci" / "run"
    assert script.stat().st_mode & 0o111
    assert subprocess.run(["bash", "-n", str(script)], check=False).returncode == 0


def test_the_readme_names_only_sign_ins_that_the_demonstration_has() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    named = re.findall(r"^\| `([a-z]+)` \|", text, re.MULTILINE)
    staff = (ROOT / "app" / "demonstration" / "staff.py").read_text(encoding="utf-8")
    assert len(named) == 3
    assert [name for name in named if f'"{name}"' not in staff] == []
