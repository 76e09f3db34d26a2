"""A report as a page: the template, the language, and how times and figures are written."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import Literal

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from app.domain.legal_day import SWEDEN

Language = Literal["sv", "en"]
_HERE = Path(__file__).parent
_CATALOGUES = _HERE.parent / "translations"
_LONGEST_BAR = 360


@dataclass(frozen=True)
class Bar:
    """One bar of a chart, and the row of the table beneath with the same figure."""

    label: str
    count: int
    width: int
    """Of the chart's 360 units."""


def bars(figures: dict[str, int]) -> list[Bar]:
    """The figures in their order, the widest as long as the chart."""
    most = max(figures.values(), default=0) or 1
    return [
        Bar(label, count, max(1, round(_LONGEST_BAR * count / most)) if count else 0)
        for label, count in figures.items()
    ]


def local_time(at: datetime | None) -> str:
    """`2026-11-23 13:40`, as clocks in Sweden show it."""
    return at.astimezone(SWEDEN).strftime("%Y-%m-%d %H:%M") if at else ""


def page(template: str, language: Language, **values: object) -> str:
    """The report as HTML. Everything that is filled in is escaped."""
    return _environment(language).get_template(template).render(language=language, **values)


def words(language: Language) -> NullTranslations:
    """The catalogue of a language; Swedish is what the sources are written in."""
    return _translations(language)


@lru_cache(maxsize=2)
def _environment(language: Language) -> Environment:
    made = Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=select_autoescape(["html"]),
        extensions=["jinja2.ext.i18n"],
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["local_time"] = local_time
    made.install_gettext_translations(  # type: ignore[attr-defined]  # added by the extension
        _translations(language), newstyle=True
    )
    return made


@lru_cache(maxsize=2)
def _translations(language: Language) -> NullTranslations:
    if language == "sv":
        return NullTranslations()
    source = _CATALOGUES / language / "LC_MESSAGES" / "messages.po"
    compiled = BytesIO()
    with source.open("rb") as file:
        write_mo(compiled, read_po(file, locale=language))
    compiled.seek(0)
    return Translations(compiled)
