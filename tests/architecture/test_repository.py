"""What a tracked file may hold: no machine, no registry, no real person, and what it promises."""

from __future__ import annotations

import ast
import hashlib
import re
import subprocess
from datetime import date
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

# Written in pieces, so that this file does not hold what it forbids.
MACHINE_PATHS = [re.compile(r"(?<![\w.\-/:])/" + name) for name in ("work/", "root/", r"home/\w+")]
REGISTRIES = [
    re.compile(re.escape(name) + r"\." + ending)
    for name, ending in [
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("npmjs", "org"),
        ("npmjs", "com"),
        ("proxy.golang", "org"),
        ("deb.debian", "org"),
    ]
]
IDENTITY_NUMBER = re.compile(r"(?<![0-9A-Za-z])((?:19|20)\d{6})[-+ ]?(\d{4})(?![0-9A-Za-z])")
# Skatteverket's published test numbers cover these serials for the birth dates we use.
TEST_SERIALS = {"238", "239", "980", "981", "982", "983"}

ACTS = (
    r"(?:OSL|SoL|LUL|LSS|LVU|LVM|FB|BrB|RB|TF|FL|HSL|PSL|PDL|KL|BDL|PolisdataL|"
    r"skollagen|polislagen|brottsdatalagen|dataskyddslagen|förvaltningslagen|arkivlagen|"
    r"folkbokföringslagen|dataskyddsförordningen|lag|förordning|HSLF-FS)(?: \(?\d{4}:\d+\)?)?"
)
NUMBER = r"\d+(?: [a-z])?(?:[-–]\d+(?: [a-z])?)?"
SECTIONS = rf"{NUMBER}(?:(?:, | och ){NUMBER})* §§?(?: \d st)?(?: \d p)?"
REFERENCE = rf"(?:{NUMBER} kap\.(?: {SECTIONS})?|{SECTIONS}|artikel \d+(?:\.\d+)?)"
REMARK = r"(?: \([^)]+\))?"
ONE_SOURCE = rf"{ACTS} {REFERENCE}{REMARK}(?:(?:, | och ){REFERENCE}{REMARK})*"
LAW_LINE = re.compile(rf"\bLaw: {ONE_SOURCE}(?:[;,] {ONE_SOURCE})*\.?$")
CITATION = re.compile(rf"\b{ACTS} \d+ (?:kap\.|[a-z]? ?§)")


def tracked() -> list[Path]:
    """Every file in git, and every new one that git does not ignore, that is there."""
    result = subprocess.run(
        ["git", "-c", "safe.directory=*", "ls-files", "-z", "-co", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
        timeout=900,
    )
    paths = [ROOT / name.decode() for name in result.stdout.split(b"\0") if name]
    return [path for path in paths if path.is_file()]


def texts() -> list[tuple[str, str]]:
    """Path within the repository and text, of every tracked file that is text."""
    found = []
    for path in tracked():
        try:
            found.append((str(path.relative_to(ROOT)), path.read_text(encoding="utf-8")))
        except UnicodeDecodeError:
            continue
    return found


def matches(patterns: list[re.Pattern[str]], text: str) -> list[str]:
    return [found.group() for pattern in patterns for found in pattern.finditer(text)]


def check_digit(nine: str) -> int:
    doubled = [int(digit) * (2 - place % 2) for place, digit in enumerate(nine)]
    return -sum(value // 10 + value % 10 for value in doubled) % 10


def real_looking_numbers(text: str) -> list[str]:
    """Valid identity or coordination numbers whose serial is not one of the test serials."""
    found = []
    for match in IDENTITY_NUMBER.finditer(text):
        day, last = match.groups()
        number = day[2:] + last[:3]
        in_month = int(day[6:8])
        try:
            date(int(day[:4]), int(day[4:6]), in_month - 60 if in_month > 60 else in_month)
        except ValueError:
            continue
        if check_digit(number) == int(last[3]) and last[:3] not in TEST_SERIALS:
            found.append(match.group())
    return found


def docstrings(source: str) -> list[str]:
    kinds = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
    nodes = [node for node in ast.walk(ast.parse(source)) if isinstance(node, kinds)]
    return [text for node in nodes if (text := ast.get_docstring(node))]


def unmarked_citations(source: str) -> list[str]:
    """Lines of docstrings that cite a provision in another form than `Law: ACT n kap. m §`."""
    found = []
    for text in docstrings(source):
        marked = [line for line in text.splitlines() if "Law:" in line]
        found += [line for line in marked if not LAW_LINE.search(line.strip())]
        if not marked:
            # In backticks it is an example of data, not a provision that the code embodies.
            bare = re.sub(r"`[^`]*`", "", text)
            found += [line for line in bare.splitlines() if CITATION.search(line)]
    return found


def test_no_file_names_a_path_on_somebodys_machine() -> None:
    found = {name: m for name, text in texts() if (m := matches(MACHINE_PATHS, text))}
    assert found == {}, found


def test_no_file_names_a_package_registry() -> None:
    found = {name: m for name, text in texts() if (m := matches(REGISTRIES, text))}
    assert found == {}, found


def test_no_file_holds_an_identity_number_that_could_be_a_persons() -> None:
    found = {name: m for name, text in texts() if (m := real_looking_numbers(text))}
    assert found == {}, found


def test_lock_files_hold_a_hash_for_every_package_and_no_address() -> None:
    locks = sorted(ROOT.glob("*.lock"))
    assert [lock.name for lock in locks] == ["requirements-test.lock", "requirements.lock"]
    for lock in locks:
        text = lock.read_text(encoding="utf-8")
        pinned = re.findall(r"^[a-z0-9][\w.\-\[\]]*==", text, re.MULTILINE)
        entries = re.split(r"^(?=[a-z0-9][\w.\-\[\]]*==)", text, flags=re.MULTILINE)[1:]
        assert len(pinned) == len(entries) > 20
        assert [entry[:40] for entry in entries if "--hash=sha256:" not in entry] == []
        assert "://" not in text
        assert "index-url" not in text


def test_vendored_files_are_what_their_checksums_say() -> None:
    sums = [path for path in tracked() if path.name == "SHA256SUMS"]
    for listing in sums:
        lines = listing.read_text(encoding="utf-8").splitlines()
        listed = dict(reversed(line.split(maxsplit=1)) for line in lines if line)
        listed = {name.lstrip("*").removeprefix("./"): digest for name, digest in listed.items()}
        present = {
            str(path.relative_to(listing.parent))
            for path in tracked()
            if path.is_relative_to(listing.parent) and path != listing
        }
        assert present - set(listed) == set(), f"not listed in {listing.relative_to(ROOT)}"
        for name, digest in listed.items():
            content = (listing.parent / name).read_bytes()
            assert hashlib.sha256(content).hexdigest() == digest, name


def test_every_vendored_folder_has_checksums() -> None:
    vendored = {path.parent for path in tracked() if "vendor" in path.relative_to(ROOT).parts}
    bare = [
        str(folder.relative_to(ROOT))
        for folder in sorted(vendored)
        if not any((up / "SHA256SUMS").exists() for up in [folder, *folder.parents])
    ]
    assert bare == []


def test_code_that_embodies_a_provision_cites_it_in_one_form() -> None:
    found = {
        name: lines
        for name, text in texts()
        if name.endswith(".py") and name.split("/")[0] in {"app", "audit", "policies"}
        if (lines := unmarked_citations(text))
    }
    assert found == {}, found


@pytest.mark.parametrize(
    "text", ["see /" + "work/main", "key = '/" + "root/key'", "(/" + "home/anna/x)"]
)
def test_a_planted_machine_path_is_seen(text: str) -> None:
    assert matches(MACHINE_PATHS, text) != []


def test_an_address_with_such_a_part_is_no_machine_path() -> None:
    assert matches(MACHINE_PATHS, "https://example.org/home/index, ./work/x and a/root/b") == []


def test_a_planted_registry_is_seen() -> None:
    assert matches(REGISTRIES, "https://files.python" + "hosted.org/packages") != []


@pytest.mark.parametrize("number", ["19900101" + "-0017", "19900101" + "0017", "20051261" + "1239"])
def test_a_planted_identity_number_with_another_serial_is_seen(number: str) -> None:
    nine = re.sub(r"\D", "", number)[2:11]
    valid = number[:-1] + str(check_digit(nine))
    assert real_looking_numbers(f"född {valid}.") == [valid]


@pytest.mark.parametrize(
    "line",
    [
        "Law: OSL 12 kap. 2 §",
        "Law: OSL 10 kap. 18 a §; SoL 14 kap. 1 §",
        "Law: OSL 10 kap. 2 och 28 §§",
        "Law: dataskyddsförordningen artikel 32",
        "Law: FB 6 kap. 2 §.",
        "Law: polislagen 3 §",
        "Law: OSL 10 kap., 21-40 kap.",
        "Of its own. Law: OSL 2 kap. 1, 3, 4 §§",
        "Law: lag (2025:170) 7 §, skollagen 6 a kap. 10 §",
        "Law: OSL 8 kap. 1 § (each person, each recipient)",
        "Law: OSL 7 kap. 3 § (caution U16), 8 kap. 1 §",
        "Law: PDL 4 kap. 3 § (the model for all), HSLF-FS 2016:40 4 kap. 9 §",
    ],
)
def test_a_citation_in_the_agreed_form_is_accepted(line: str) -> None:
    assert unmarked_citations(f'"""Something.\n\n{line}\n"""') == []


@pytest.mark.parametrize(
    "line",
    [
        "Law: OSL 12:2",
        "Law: chapter 12, section 2",
        "Law: OSL 12 kap 2 §",
        "See OSL 12 kap. 2 §.",
        "Law:",
    ],
)
def test_a_citation_in_another_form_is_seen(line: str) -> None:
    assert unmarked_citations(f'"""Something.\n\n{line}\n"""') == [line]
