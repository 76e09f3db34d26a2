"""Which secrecy rules a list of selectors means, and how a provision is written out.

A secrecy rule is a code such as `OSL 26:1`, or with paragraph `OSL 23:2/st1`. Selectors are those
of `docs/formats/rule-pack.md`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from policies.pack import Cite

_SECTION = r"(?:(?P<chapter>\d+)(?P<chapter_letter>[a-z]?):)?(?P<section>\d+)(?P<letter>[a-z]?)"
_ACT = r"(?P<act>[^\s:]+(?: \([^)]*\))?)"
_CODE = re.compile(rf"{_ACT} {_SECTION}(?:/(?P<part>[a-z0-9]+))?")
_RANGE = re.compile(rf"{_ACT} (?P<chapter>\d+[a-z]?):(?P<first>\d+)-(?P<last>\d+)")
_CHAPTERS = re.compile(rf"chapter:{_ACT} (?P<first>\d+)-(?P<last>\d+)")
_AT = re.compile(rf"{_SECTION}(?:-(?P<last>\d+[a-z]?))?(?: st (?P<st>\d+))?(?: p (?P<p>\d+))?")

_ORDINALS = ("första", "andra", "tredje", "fjärde", "femte", "sjätte", "sjunde", "åttonde")
_IN_ENGLISH = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth")
_PARAGRAPH = re.compile(rf"\b({'|'.join(_ORDINALS)}|\d+) stycket\b")


class SecrecyCode(NamedTuple):
    """A secrecy rule, taken apart."""

    act: str
    chapter: str
    """`26`, `6a`, or empty in an act without chapters."""
    section: int
    letter: str
    part: str


@lru_cache(maxsize=4096)
def parse_code(code: str) -> SecrecyCode | None:
    """The parts of a code, None when it is not written as one."""
    match = _CODE.fullmatch(code)
    if match is None:
        return None
    chapter = (match["chapter"] or "") + (match["chapter_letter"] or "")
    return SecrecyCode(
        match["act"], chapter, int(match["section"]), match["letter"], match["part"] or ""
    )


def is_selector(selector: str) -> bool:
    """Whether it is written as a selector; sets are looked up by the caller."""
    if selector == "all" or selector.startswith("set:"):
        return True
    patterns = (_RANGE, _CHAPTERS)
    return any(p.fullmatch(selector) for p in patterns) or parse_code(selector) is not None


def expand(selectors: Iterable[str], sets: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """Replace `set:NAME` by its members. Unknown sets select nothing; the loader reports them."""
    out: list[str] = []
    for selector in selectors:
        if selector.startswith("set:"):
            out.extend(sets.get(selector[4:], ()))
        else:
            out.append(selector)
    return tuple(out)


@lru_cache(maxsize=65536)
def selects(selector: str, code: str, *, loosely: bool = False) -> bool:
    """Whether an expanded selector selects the secrecy rule.

    `loosely` is for exclusions: a paragraph then counts for its section and the other way round,
    because a rule must not open the part that its statute closes.
    """
    if selector == "all":
        return True
    parsed = parse_code(code)
    if parsed is None:
        return selector == code
    chapters = _CHAPTERS.fullmatch(selector)
    if chapters is not None:
        return parsed.act == chapters["act"] and _chapter_within(parsed.chapter, chapters)
    span = _RANGE.fullmatch(selector)
    if span is not None:
        return (parsed.act, parsed.chapter) == (span["act"], span["chapter"]) and _within(
            parsed, int(span["first"]), int(span["last"])
        )
    wanted = parse_code(selector)
    if wanted is None:
        return False
    if wanted[:4] != parsed[:4]:
        return False
    return wanted.part in ("", parsed.part) or (loosely and parsed.part == "")


def _chapter_within(chapter: str, span: re.Match[str]) -> bool:
    number = re.match(r"\d+", chapter)
    return number is not None and int(span["first"]) <= int(number[0]) <= int(span["last"])


def _within(code: SecrecyCode, first: int, last: int) -> bool:
    # 25:1-8 takes in an inserted 1 a, which stands between 1 and 8, but not 8 a, which comes after.
    return first <= code.section < last or (code.section == last and code.letter == "")


def select(
    selectors: Iterable[str], codes: Iterable[str], *, loosely: bool = False
) -> frozenset[str]:
    """The codes that any of the expanded selectors selects."""
    among = codes if isinstance(codes, frozenset) else frozenset(codes)
    return frozenset().union(*(_selected(one, among, loosely=loosely) for one in selectors))


@lru_cache(maxsize=4096)
def _selected(selector: str, codes: frozenset[str], *, loosely: bool) -> frozenset[str]:
    return frozenset(code for code in codes if selects(selector, code, loosely=loosely))


def is_provision(at: str) -> bool:
    """Whether `Cite.at` is written as `10:18a`, `7`, `6:12-14`, `23:2 st 1` or `6:15 st 1 p 1`."""
    return _AT.fullmatch(at) is not None


@lru_cache(maxsize=4096)
def written_out(cite: Cite) -> str:
    """The provision as it is read in Sweden, e.g. `OSL 10 kap. 18 a §`."""
    match = _AT.fullmatch(cite.at)
    if match is None:
        return f"{cite.act} {cite.at}"
    words = [cite.act]
    if match["chapter"]:
        words.append(_spaced(match["chapter"] + match["chapter_letter"]) + " kap.")
    section = _spaced(match["section"] + match["letter"])
    words.append(f"{section}–{_spaced(match['last'])} §§" if match["last"] else f"{section} §")
    if match["st"]:
        number = int(match["st"])
        ordinal = _ORDINALS[number - 1] if number <= len(_ORDINALS) else match["st"]
        words.append(f"{ordinal} stycket")
    if match["p"]:
        words.append(match["p"])
    return " ".join(words)


def paragraphs_in_english(text: str) -> str:
    """Text in English with its provisions' paragraphs in English too.

    Acts, chapters and sections keep the names under which a reader finds them.
    """
    return _PARAGRAPH.sub(lambda found: f"{_english(found[1])} paragraph", text)


def _english(ordinal: str) -> str:
    return _IN_ENGLISH[_ORDINALS.index(ordinal)] if ordinal in _ORDINALS else ordinal


def _spaced(number: str) -> str:
    return re.sub(r"(?<=\d)(?=[a-z])", " ", number)
