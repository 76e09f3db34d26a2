"""A configuration is right, or the technician is told everything that is wrong, with lines."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from app import config

ROOT = Path(__file__).parents[2]
EXAMPLE = (ROOT / "config.example.toml").read_text(encoding="utf-8")
HERE = Path("/srv/sluss/config.toml")

MINIMAL = """\
[storage]
database = "sqlite:///sluss.db"
state = "state"
[keys]
root = "root.key"
forms = "forms.key"
[signer]
origin = "sluss.example.se/log"
key = "signer.key"
state = "signer.state"
"""


def problems(text: str) -> list[tuple[int | None, str]]:
    with pytest.raises(config.ConfigError) as caught:
        config.parse(text, HERE)
    return [(problem.line, problem.sentence) for problem in caught.value.problems]


def changed(old: str, new: str) -> str:
    assert MINIMAL.count(old) == 1
    return MINIMAL.replace(old, new)


def test_the_example_is_a_configuration_that_works() -> None:
    example = config.parse(EXAMPLE, HERE)
    assert example.service == config.Service()
    assert not example.service.demonstration


def test_the_example_shows_every_setting() -> None:
    for section, kind in config.SECTIONS.items():
        shown = EXAMPLE.split(f"\n[{section}]\n")[1].split("\n[")[0]
        assert [name for name in kind.__struct_fields__ if f"\n{name} = " not in f"\n{shown}"] == []


def test_every_setting_does_something() -> None:
    readers = "".join(
        path.read_text(encoding="utf-8")
        for path in (ROOT / "app").glob("*.py")
        if path.name != "config.py"
    )
    fields = {name for kind in config.SECTIONS.values() for name in kind.__struct_fields__}
    assert {name for name in fields if not re.search(rf"\.{name}\b", readers)} == set()


def test_what_can_be_left_out_gets_its_safe_value() -> None:
    minimal = config.parse(MINIMAL, HERE)
    assert minimal.service.cookie_secure
    assert not minimal.service.demonstration
    assert minimal.service.host == "127.0.0.1"


def test_relative_paths_are_relative_to_the_file() -> None:
    minimal = config.parse(MINIMAL, HERE)
    assert minimal.storage.database == "sqlite:////srv/sluss/sluss.db"
    assert minimal.keys.root == "/srv/sluss/root.key"
    assert minimal.signer.state == "/srv/sluss/signer.state"


def test_absolute_paths_stay() -> None:
    text = changed('"root.key"', '"/etc/sluss/root.key"')
    text = text.replace("sqlite:///sluss.db", "sqlite:////var/lib/sluss/sluss.db")
    absolute = config.parse(text, HERE)
    assert absolute.keys.root == "/etc/sluss/root.key"
    assert absolute.storage.database == "sqlite:////var/lib/sluss/sluss.db"


def test_a_postgresql_address_is_left_as_it_is() -> None:
    address = "postgresql+psycopg://sluss_app@/sluss?host=/run/postgresql"
    assert config.parse(changed("sqlite:///sluss.db", address), HERE).storage.database == address


def test_every_problem_is_told_at_once_with_its_line() -> None:
    text = """\
[service]
port = 80000
cookie_secure = "yes"
demo = true

[storage]
state = ""

[signer]
origin = "two words"
key = "signer.key"
state = "signer.state"

[colour]
"""
    assert problems(text) == [
        (None, "[keys] lacks root; config.example.toml shows how to write it"),
        (None, "[keys] lacks forms; config.example.toml shows how to write it"),
        (2, "[service] port must be a whole number from 1 to 65535; it is 80000"),
        (3, "[service] cookie_secure must be true or false; it is 'yes'"),
        (
            4,
            "[service] has no setting demo; it has host, port, hosts, proxy_hops, cookie_secure, "
            "demonstration, open_question, second_opinion",
        ),
        (6, "[storage] lacks database; config.example.toml shows how to write it"),
        (7, "[storage] state must be a text in quotation marks, not empty; it is ''"),
        (
            10,
            '[signer] origin must be a name without spaces and "+", like a web address; '
            "it is 'two words'",
        ),
        (
            14,
            "colour is not a section here; the sections are [service], [storage], [keys], "
            "[signer], [review], [retention], [witnesses], "
            "[timestamps]",
        ),
    ]


def test_the_message_names_file_and_line() -> None:
    with pytest.raises(config.ConfigError) as caught:
        config.parse(MINIMAL + "[service]\nproxy_hops = 9\n", HERE)
    assert str(caught.value) == (
        "/srv/sluss/config.toml:12: [service] proxy_hops must be a whole number from 0 to 5; "
        "it is 9"
    )


def test_broken_toml_is_told_with_its_line() -> None:
    [(line, sentence)] = problems("[service]\nport = = 3\n")
    assert line == 2
    assert sentence.startswith("not TOML: ")


def test_a_section_written_as_a_value_is_told() -> None:
    text = "keys = 3\n" + changed('[keys]\nroot = "root.key"\nforms = "forms.key"\n', "")
    assert problems(text) == [(1, "write [keys] as a section of its own")]


@pytest.mark.parametrize(
    "address", ["mysql://x", "sqlite", "postgresql://sluss", "sqlite://", "sqlite:///:memory:"]
)
def test_another_database_is_refused(address: str) -> None:
    [(line, sentence)] = problems(changed("sqlite:///sluss.db", address))
    assert line == 2
    assert sentence.startswith("[storage] database must ")


def test_the_demonstration_is_served_on_loopback_only() -> None:
    text = '[service]\nhost = "0.0.0.0"\ndemonstration = true\n' + MINIMAL
    [(line, sentence)] = problems(text)
    assert line == 3
    assert "127.0.0.1" in sentence


def test_an_insecure_cookie_is_allowed_on_loopback_only() -> None:
    insecure = "[service]\ncookie_secure = false\n"
    assert not config.parse(insecure + MINIMAL, HERE).service.cookie_secure
    [(line, sentence)] = problems(insecure + 'host = "10.0.0.5"\n' + MINIMAL)
    assert line == 2
    assert "HTTPS" in sentence


def test_two_settings_may_not_name_one_file() -> None:
    text = changed('"signer.key"', '"root.key"')
    assert problems(text) == [
        (9, "[signer] key and [keys] root name the same file; give each its own")
    ]


@pytest.mark.parametrize("hosts", ['"sluss.example.se"', "[]", '["Sluss.example.se"]', "[3]"])
def test_hosts_that_are_no_list_of_names_are_told(hosts: str) -> None:
    [(line, sentence)] = problems(f"[service]\nhosts = {hosts}\n" + MINIMAL)
    assert line == 2
    assert "must be a list of host names in lower case" in sentence


def test_hosts_are_names_the_service_answers_to() -> None:
    text = '[service]\nhosts = ["sluss.example.se"]\n' + MINIMAL
    assert config.parse(text, HERE).service.hosts == ("sluss.example.se",)


def test_a_missing_file_says_what_to_do(tmp_path: Path) -> None:
    missing = tmp_path / "config.toml"
    with pytest.raises(config.ConfigError, match=r"No such file.*config\.example\.toml"):
        config.load(missing)


def test_a_file_that_is_not_text_says_so(tmp_path: Path) -> None:
    binary = tmp_path / "config.toml"
    binary.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(config.ConfigError, match="not UTF-8"):
        config.load(binary)


def test_a_file_on_disk_is_loaded(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(MINIMAL, encoding="utf-8")
    assert config.load(path).keys.root == str(tmp_path / "root.key")


APP, OWNER = (f"postgresql+psycopg://sluss_{role}@/sluss" for role in ("app", "owner"))


@pytest.mark.parametrize(
    ("database", "owner"),
    [("sqlite:///sluss.db", OWNER), (APP, APP), (APP, "sqlite:///sluss.db"), (APP, "sluss_owner")],
)
def test_an_owner_that_cannot_be_another_role_is_told(database: str, owner: str) -> None:
    text = changed('"sqlite:///sluss.db"', f'"{database}"\nowner = "{owner}"')
    [(line, sentence)] = problems(text)
    assert line == 3
    assert "and another role" in sentence


def test_an_owner_is_another_role_of_the_same_database() -> None:
    text = changed('"sqlite:///sluss.db"', f'"{APP}"\nowner = "{OWNER}"')
    assert config.parse(text, HERE).storage.owner == OWNER


PERIOD = '{ kind = "SOC", years = 5, basis = "decision" }'


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("log_years = 10", "log_years needs log_basis"),
        ("entries_years = 10", "entries_years needs entries_basis"),
        (
            'entries_years = 5\nentries_basis = "d"\nlog_years = 10\nlog_basis = "d"',
            "entries_years is shorter than log_years",
        ),
        (f"cases = [{PERIOD}, {PERIOD}]", "two periods for SOC"),
        ('cases = [{ kind = "SOC", years = 0, basis = "d" }]', "cases must be a list of"),
        ('cases = [{ kind = "SOC", years = 5 }]', "cases must be a list of"),
        ("log_years = -1", "log_years must be a whole number of years"),
    ],
)
def test_a_period_that_nobody_decided_is_told(written: str, said: str) -> None:
    [(line, sentence)] = problems(f"{MINIMAL}[retention]\n{written}\n")
    assert line == len(MINIMAL.splitlines()) + 2
    assert said in sentence


def test_nothing_has_a_period_unless_it_is_written() -> None:
    assert config.parse(MINIMAL, HERE).retention == config.Retention()
    assert config.Retention().cases == ()
    assert config.Retention().log_years == 0


@pytest.mark.parametrize(
    ("known", "quorum"), [("[]", 1), ('["http://w x"]', 0), ('["http://w x"]', 2)]
)
def test_a_quorum_is_of_those_that_are_known(known: str, quorum: int) -> None:
    text = f"{MINIMAL}[witnesses]\nknown = {known}\nquorum = {quorum}\n"
    ((line, sentence),) = problems(text)
    assert line == text.splitlines().index(f"quorum = {quorum}") + 1
    assert "quorum must be from 1 to the number of those known" in sentence


@pytest.mark.parametrize("one", ['service = "http://tsa.example"', 'roots = "tsa.pem"'])
def test_a_time_stamping_service_needs_its_certificates(one: str) -> None:
    ((line, sentence),) = problems(f"{MINIMAL}[timestamps]\n{one}\n")
    assert line == len(MINIMAL.splitlines()) + 1
    assert "both service and roots" in sentence
