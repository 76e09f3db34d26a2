"""`REVIEW.md`: the pack on paper, for the lawyer who must approve it beside the statute.

Whoever reads it needs neither the code nor the TOML. Made from the pack alone, so it never differs
from what the gate asks; `python -m policies review --check` fails when the pack has moved on.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from pathlib import Path

from policies.law import Lang, Law
from policies.pack import Cite, Parameter, Rule, Scenario
from policies.reading import pack_contents
from policies.review_words import REVIEW_WORDS
from policies.rule_text import (
    EFFECTS,
    Proof,
    Proofs,
    Provision,
    RuleSheet,
    SecrecySheet,
    Sentence,
    proofs_of,
    receiver_sheet,
    rule_sheet,
    secrecy_sheet,
)
from policies.rule_words import RULE_WORDS, source_word
from policies.scenarios import Cases, cases_in
from policies.selectors import paragraphs_in_english, written_out

FILES: dict[Lang, str] = {"sv": "REVIEW.md", "en": "REVIEW_EN.md"}


def review(law: Law, cases: Cases, lang: Lang) -> str:
    """The whole pack as Markdown, `sv` or `en`; every version of every rule, with its dates."""
    return _Paper(law, cases, lang).write()


def stale(law: Law, folder: Path) -> list[str]:
    """Names of the papers in a pack's folder that the pack has moved on from, or that lack."""
    return [name for name, text in _papers(law, folder) if _read(folder / name) != text]


def write(law: Law, folder: Path) -> list[str]:
    """Write the papers of a pack into its folder. Returns the names of those that changed."""
    changed = stale(law, folder)
    for name, text in _papers(law, folder):
        (folder / name).write_text(text, encoding="utf-8")
    return changed


def _papers(law: Law, folder: Path) -> list[tuple[str, str]]:
    cases = cases_in(pack_contents(folder))
    return [(name, review(law, cases, lang)) for lang, name in FILES.items()]


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""


class _Paper:
    def __init__(self, law: Law, cases: Cases, lang: Lang) -> None:
        self.law, self.scenarios, self.lang = law, cases.scenarios, lang
        self.words, self.rule_words = REVIEW_WORDS[lang], RULE_WORDS[lang]
        self.proofs: Proofs = proofs_of(law, cases)
        self.lines: list[str] = []

    def write(self) -> str:
        self._front()
        self._secrecy()
        self._receivers()
        for effect in EFFECTS:
            rules = [rule for rule in self.law.rules.values() if rule.effect == effect]
            self._heading(2, self.rule_words[effect])
            self._say(self.words[f"about_{effect}"])
            for rule in sorted(rules, key=_by_family):
                self._rule(rule_sheet(self.law, rule, self.lang, self.proofs))
        self._numbers()
        self._cautions()
        self._scenarios()
        self._sources()
        told = "\n".join(self.lines).rstrip("\n") + "\n"
        return paragraphs_in_english(told) if self.lang == "en" else told

    def _heading(self, level: int, text: str) -> None:
        self.lines += [f"{'#' * level} {text}", ""]

    def _say(self, *texts: str) -> None:
        for text in texts:
            self.lines += [text, ""]

    def _list(self, items: Iterable[str]) -> None:
        self.lines += [f"- {item}" for item in items] + [""]

    def _table(self, columns: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> None:
        self.lines += [f"| {' | '.join(columns)} |", f"|{'---|' * len(columns)}"]
        self.lines += [f"| {' | '.join(cell.replace('|', '/') for cell in row)} |" for row in rows]
        self.lines.append("")

    def _front(self) -> None:
        manifest = self.law.manifest
        self._heading(1, self.words["title"].format(id=self.law.id, version=self.law.version))
        approved = self.words["not_approved"]
        if manifest.approved_by:
            approved = self.words["approved"].format(
                by=manifest.approved_by, on=manifest.approved_on or ""
            )
        self._say(approved, self.words["made"], self.words["how"])
        self._list(self.words[f"how_{n}"] for n in range(1, 6))
        self._heading(2, self.words["kinds"])
        self._table(
            (self.words["kind"], self.words["authority"]),
            ((getattr(k, self.lang), self._authority(k.authority, k.authority_from))
             for k in self.law.vocabulary.kinds.values()),
        )  # fmt: skip

    def _authority(self, authority: bool, since: date | None) -> str:
        if authority and since:
            return self.words["authority_from"].format(day=since)
        return self.words["yes"] if authority else self.words["no"]

    def _secrecy(self) -> None:
        self._heading(2, self.words["secrecy"])
        self._say(self.words["about_secrecy"])
        for row in self.law.secrecy:
            self._row(secrecy_sheet(self.law, row, self.lang))

    def _row(self, row: SecrecySheet) -> None:
        self._heading(3, row.title)
        self._list(
            [
                f"**{self.words['held_by']}** {_joined(row.holders)}",
                f"**{self.words['category']}** {_joined(row.categories)}",
                f"**{self.words['strength']}** {row.presumption}",
                *self._conditions(row.conditions),
                *self._source(row.cites, row.valid_from, row.valid_to),
                *(f"**{self.words['caution']}** {text}" for text in row.cautions),
            ]
        )

    def _receivers(self) -> None:
        self._heading(2, self.words["receivers"])
        self._say(self.words["about_receivers"])
        for row in self.law.receivers:
            sheet = receiver_sheet(self.law, row, self.lang)
            self._list(
                [
                    f"**{self.words['to']}** {_joined(sheet.kinds)}",
                    f"**{self.words['stays_secret']}** {_joined(sheet.covers)}",
                    f"**{self.words['category']}** {_joined(sheet.categories)}",
                    *self._source(sheet.cites, sheet.valid_from, sheet.valid_to),
                ]
            )

    def _rule(self, rule: RuleSheet) -> None:
        self._heading(3, f"{rule.title} ({rule.id})")
        self._say(rule.plain)
        parts = [
            ("from", rule.senders),
            ("to", rule.recipients),
            ("opens", rule.opens),
            ("not_opens", rule.not_opens),
            ("strikes", rule.strikes),
            ("only_for", rule.secrecy),
        ]
        items = [f"**{self.words[key]}** {_joined(texts)}" for key, texts in parts if texts]
        items += self._conditions(rule.conditions)
        items += [f"**{self.words['unless']}** {one.text}" for one in rule.unless]
        if rule.separate_channel:
            items.append(f"**{self.words['channel']}**")
        items += self._source(rule.cites, rule.valid_from, rule.valid_to)
        items.append(f"**{self.words['confidence']}** {rule.confidence}")
        items += [f"**{self.words['caution']}** {text}" for text in rule.cautions]
        items += self._proofs("fires_in", rule.fires_in) + self._proofs("not_in", rule.not_in)
        items += [
            self.words["border"].format(id=one.id, fires=one.fires, misses=one.misses)
            for one in rule.borders
        ]
        self._list(items)

    def _conditions(self, conditions: tuple[Sentence, ...]) -> list[str]:
        if not conditions:
            return []
        shown = [f"  - {one.text} *({one.kind_words})*" for one in conditions]
        return ["\n".join([f"**{self.words['conditions']}**", *shown])]

    def _source(self, cites: tuple[Provision, ...], first: date, last: date | None) -> list[str]:
        provisions = [
            f"{one.text} ({one.amended_by})" if one.amended_by else one.text for one in cites
        ]
        key = "dates" if last else "dates_open"
        dates = self.words[key].format(first=first, last=last)
        return [f"**{self.words['provision']}** {'; '.join(provisions)}", dates]

    def _proofs(self, key: str, proofs: tuple[Proof, ...]) -> list[str]:
        told = "; ".join(f"{one.title} ({one.id})" for one in proofs)
        return [f"**{self.words[key]}** {told}"] if proofs else []

    def _numbers(self) -> None:
        words = self.words
        self._heading(2, words["numbers"])
        self._table(
            (words["number"], words["value"], words["provision"], words["since"], words["until"]),
            (
                (one.name, f"{one.value} {one.unit}", _cited(one.cite), *_span(one))
                for one in self.law.parameters
            ),
        )
        self._heading(2, words["crimes"])
        self._table(
            (words["crime"], words["prison"], words["least"], words["provision"], words["since"]),
            (
                (
                    getattr(one, self.lang),
                    words["yes"] if one.imprisonment else words["no"],
                    str(one.min_months),
                    _cited(one.cite),
                    str(one.valid_from),
                )
                for one in self.law.crimes
            ),
        )

    def _cautions(self) -> None:
        self._heading(2, self.words["uncertain"])
        self._say(self.words["about_uncertain"])
        known = self.law.vocabulary.cautions.values()
        self._list(f"**{one.id}** {getattr(one, self.lang)}" for one in known)

    def _scenarios(self) -> None:
        self._heading(2, self.words["scenarios"])
        self._say(self.words["about_scenarios"])
        for one in self.scenarios:
            english = self.lang == "en"
            self._heading(3, f"{one.title_en if english else one.title_sv} ({one.id})")
            self._say(one.question_en if english else one.question_sv)
            self._list(
                [
                    *(self._answer(a.on, a.outcome_class, a.asks) for a in one.answer),
                    f"**{self.words['rests_on']}** {', '.join(one.rests_on)}",
                    f"**{self.words['source']}** {self._where_from(one)}",
                ]
            )

    def _where_from(self, one: Scenario) -> str:
        """Where nothing is published the source says so in Swedish, which the words then say."""
        faithful = self.words[f"fidelity_{one.fidelity}"]
        return f"{one.source} ({faithful})" if "://" in one.source else faithful

    def _answer(self, on: date, outcome_class: str, asks: str) -> str:
        about = self.words["about_rule"].format(rule=asks) if asks else ""
        return f"{on}: **{self.words[f'class_{outcome_class}']}**{about}"

    def _sources(self) -> None:
        words = self.words
        self._heading(2, words["sources"])
        self._table(
            (words["act"], "SFS", words["read_to"], words["reviewed"], words["where"]),
            (
                (
                    f"{getattr(one, self.lang)} ({one.act})",
                    one.sfs,
                    source_word(one.read_to, self.lang),
                    f"{source_word(one.reviewed_by, self.lang)} {one.reviewed_on or ''}".strip(),
                    one.url,
                )
                for one in self.law.sources.values()
            ),
        )


def _by_family(rule: Rule) -> tuple[str, date, str]:
    return rule.version_of, rule.valid_from, rule.id


def _joined(texts: Iterable[str]) -> str:
    return "; ".join(texts)


def _cited(cites: Iterable[Cite]) -> str:
    return "; ".join(written_out(cite) for cite in cites)


def _span(dated: Parameter) -> tuple[str, str]:
    return str(dated.valid_from), str(dated.valid_to or "")
