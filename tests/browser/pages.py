"""Every page there is, in one table. A new page is a new line, and gets all the checks."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Locator, Page

WHO = {
    "karin": "karin",
    "jonas": "jonas",
    "sara": "sara",
    "farida": "farida",
    "chef": "chef",
    "ombud": "ombud",
    "per": "per",
    "nils": "nils",
    "petra": "petra",
}
"""Who can sign in -> their user name."""


@dataclass(frozen=True, kw_only=True)
class Shown:
    """One page as one visitor meets it."""

    name: str
    path: str
    """With the names of `tests.browser.world` in braces where an id stands."""
    who: str | None = "karin"
    status: int = 200
    prepare: Callable[[Page], None] | None = None
    """What to do on the page first, e.g. send a form wrongly filled in."""
    reaches: tuple[str, ...] = ()
    """Names of links and buttons that the keyboard must reach, in Swedish."""


def press(button: Locator) -> None:
    """Presses what leads to another page, and waits until that page is there."""
    with button.page.expect_navigation():
        button.click()


def _send(page: Page) -> None:
    press(page.locator("main form button[type=submit]").first)


def _send_after_time_out(page: Page) -> None:
    page.locator("#text").fill(
        "Den unge berättade om kontakten med äldre kamrater vid resecentrum."
    )
    page.context.clear_cookies(name="sluss-session")
    _send(page)


def _send_wrong_password(page: Page) -> None:
    page.locator("#user_name").fill("karin")
    page.locator("#password").fill("fel")
    _send(page)


def _send_last(page: Page) -> None:
    press(page.locator("main form button[type=submit]").last)


def _propose_broken(page: Page) -> None:
    page.locator("#source").select_option("folder:trasigt")
    _send_last(page)


def _open_two(page: Page) -> None:
    for box in page.locator("main input[type=checkbox]").all()[:2]:
        box.check()
    press(page.get_by_role("button", name=re.compile("^(Öppna de markerade|Open those marked)$")))


def _find_and_release(page: Page) -> None:
    """Found, and released without anything marked."""
    page.locator("#person").fill("Elliot Exempelsson")
    _send(page)
    _send_last(page)


def _write_wrongly(page: Page) -> None:
    page.locator("#title").fill("Hembesök 20 november")
    page.locator("main summary").first.click()
    page.locator("#crime").select_option(index=3)
    _send_last(page)


def _type_badly(page: Page) -> None:
    page.locator("#name").fill("Vera Exempelsson")
    page.locator("#number").fill("20100504-0000")
    page.locator("#born").fill("4 maj 2010")
    _send_last(page)


CASES = [
    Shown(name="arenden", path="/", reaches=("Ärenden", "Logga ut", "Nytt ärende")),
    Shown(name="arenden-inga", path="/", who="jonas"),
    Shown(name="nytt-arende", path="/arenden/nytt", reaches=("Öppna ärendet",)),
    Shown(name="nytt-arende-fel", path="/arenden/nytt", prepare=_type_badly),
    Shown(
        name="arende",
        path="/arenden/{case}",
        reaches=("Ny anteckning", "Öppna de markerade", "Lägg till en person", "Anteckna samtycke"),
    ),
    Shown(
        name="arendegrupp",
        path="/arenden/{case}/arendegrupp",
        reaches=("Lägg till i ärendegruppen",),
    ),
    Shown(name="arendegrupp-fel", path="/arenden/{case}/arendegrupp", prepare=_send_last),
    Shown(name="arendegrupp-chef", path="/arenden/{case}/arendegrupp", who="chef"),
    Shown(
        name="arende-avsluta",
        path="/arenden/{case}/avsluta",
        reaches=("Avsluta ärendet", "Avbryt"),
    ),
    Shown(name="jav", path="/jav", reaches=("Anmäl jäv", "Avbryt")),
    Shown(name="jav-fel", path="/jav", prepare=_send),
    Shown(name="jav-varning", path="/arenden/{protected_case}", prepare=_open_two),
    Shown(name="brev", path="/utlamnanden/{arrived}/brev", reaches=("Spara beslutet",)),
    Shown(name="brev-fel", path="/utlamnanden/{arrived}/brev", prepare=_send),
    Shown(
        name="text-till-utdrag",
        path="/arenden/{case}/text-till-utdrag",
        reaches=("Släpp texten", "Avbryt"),
    ),
    Shown(name="text-till-utdrag-fel", path="/arenden/{case}/text-till-utdrag", prepare=_send),
    Shown(name="fragor", path="/fragor", reaches=("Skicka svaret",)),
    Shown(name="fragor-fel", path="/fragor", prepare=_send),
    Shown(name="arende-skyddat", path="/arenden/{protected_case}"),
    Shown(name="arende-inget-markerat", path="/arenden/{case}", prepare=_send),
    Shown(name="person-ny", path="/arenden/{case}/person", prepare=_type_badly),
    Shown(name="person-ratta", path="/arenden/{protected_case}/person/{protected_young}"),
    Shown(
        name="skydd-tas-bort",
        path="/arenden/{protected_case}/person/{protected_young}/skydd",
        reaches=("Fråga någon annan", "Avbryt"),
    ),
    Shown(
        name="skydd-tas-bort-fel",
        path="/arenden/{protected_case}/person/{protected_young}/skydd",
        prepare=_send,
    ),
    Shown(name="anteckning-ny", path="/arenden/{case}/anteckning"),
    Shown(
        name="anteckning-fel", path="/arenden/{protected_case}/anteckning", prepare=_write_wrongly
    ),
    Shown(name="anteckningar-oppna", path="/arenden/{case}", prepare=_open_two),
    Shown(
        name="anteckning-ratta-fraga",
        path="/anteckningar/{note}/ratta",
        reaches=("Öppna för att rätta", "Avbryt"),
    ),
    Shown(name="anteckning-ratta", path="/anteckningar/{note}/ratta", prepare=_send),
    Shown(name="versioner", path="/anteckningar/{note}/versioner", prepare=_send),
    Shown(name="samtycken", path="/samtycken"),
    Shown(name="samtycke-nytt", path="/arenden/{case}/samtycke", reaches=("Anteckna svaret",)),
    Shown(name="samtycke-fel", path="/arenden/{case}/samtycke", prepare=_send_last),
    Shown(
        name="samtycke-aterkalla",
        path="/arenden/{case}/samtycke/{consent}/aterkalla",
        reaches=("Återkalla samtycket",),
    ),
    Shown(name="samtycke-aterkallat", path="/arenden/{case}/samtycke/{withdrawn}/aterkalla"),
]


def _assess_badly(page: Page) -> None:
    ground = page.locator(".ground").first
    ground.locator("summary").first.click()
    ground.locator("input[value=yes]").first.check()
    ground.locator("textarea").first.fill("Hon har sagt ja till en körning.")
    _send_last(page)


def _assess_no(page: Page) -> None:
    _open_everything(page)  # an answer that was recorded in an earlier run is under a fold
    page.locator("input[name=initiative][value=own]").check()
    # Each visit records one no more; when every ground has its no, the page stands as it is shown.
    for ground in page.locator(".ground:has(textarea):has(input[value=no])").all()[:1]:
        ground.locator("input[value=no]").first.check()
        ground.locator("textarea").first.fill("Det finns inget som tyder på det.")
    for checked in page.locator("#checked, #ordinary").all():
        checked.check()
    _send_last(page)


def _open_everything(page: Page) -> None:
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")


def _register_wrongly(page: Page) -> None:
    page.locator("#reference").fill("Alva Exempelsson")
    press(page.locator("form[action$=registrera] button"))


def _file_wrongly(page: Page) -> None:
    page.locator("input[value=new]").check()
    _send_last(page)


def _search_wrongly(page: Page) -> None:
    page.locator("#person").fill("A")
    page.locator("#since").fill("i går")
    page.locator("main form button").first.click()
    page.wait_for_load_state()


def _answer_wrongly(page: Page) -> None:
    _send(page)
    _send_last(page)


_TO_POLICE = "/anteckningar/{asked}/lamna-ut/{police}?purpose=prevent_crime"
CROSSING = [
    Shown(
        name="lamna-ut-andamal",
        path="/anteckningar/{asked}/lamna-ut",
        reaches=("Visa vad lagen svarar",),
    ),
    Shown(name="lamna-ut", path="/anteckningar/{asked}/lamna-ut?purpose=prevent_crime"),
    Shown(
        name="lamna-ut-oppna-delar",
        path="/anteckningar/{asked}/lamna-ut?purpose=coordinate_support",
        prepare=_open_everything,
    ),
    Shown(name="lamna-ut-flera", path="/anteckningar/{both}/lamna-ut?purpose=care_or_support"),
    Shown(
        name="lamna-ut-sparrad", path="/anteckningar/{inquiry}/lamna-ut?purpose=coordinate_support"
    ),
    Shown(
        name="beslut",
        path=_TO_POLICE,
        reaches=("Visa vad lagen svarar med det", "Lämna ut till Lokalpolisområde Torsby"),
    ),
    Shown(name="beslut-oppna-delar", path=_TO_POLICE, prepare=_open_everything),
    Shown(name="beslut-fel", path=_TO_POLICE, prepare=_assess_badly),
    Shown(
        name="beslut-nekat",
        path="/anteckningar/{asked}/lamna-ut/{police}?purpose=protect_child",
        prepare=_assess_no,
    ),
    Shown(
        name="beslut-flera",
        path="/anteckningar/{both}/lamna-ut/{police}?purpose=prevent_crime",
        prepare=_open_everything,
    ),
    Shown(
        name="beslut-oskyddat",
        path="/anteckningar/{asked}/lamna-ut/{leisure}?purpose=coordinate_support",
    ),
    Shown(
        name="beslut-skyldighet",
        path="/anteckningar/{duty}/lamna-ut/{social}?purpose=protect_child",
        who="farida",
        reaches=("Lämna ut till Socialtjänsten, Sunne",),
    ),
    Shown(
        name="beslut-sparrat",
        path="/anteckningar/{inquiry}/lamna-ut/{leisure}?purpose=coordinate_support",
    ),
    Shown(
        name="beslut-godkannande",
        path="/anteckningar/{asked}/lamna-ut/{school}?purpose=prevent_crime",
        reaches=("Be om godkännande",),
    ),
    Shown(name="delegation", path="/delegation", who="petra", reaches=("Registrera", "Avsluta")),
    Shown(name="delegation-fel", path="/delegation", who="petra", prepare=_send_last),
    Shown(name="regelpaket", path="/regelpaket", who="petra", reaches=("Föreslå",)),
    Shown(name="regelpaket-fel", path="/regelpaket", who="petra", prepare=_send_last),
    Shown(name="regelpaket-trasigt", path="/regelpaket", who="petra", prepare=_propose_broken),
    Shown(
        name="regelpaket-forslag",
        path="/regelpaket/{proposal}",
        who="petra",
        reaches=("Ta i bruk", "Ta tillbaka förslaget"),
    ),
    Shown(name="regelpaket-vantar", path="/regelpaket/{waiting_proposal}", who="petra"),
    Shown(name="delegation-beslut", path="/delegation/beslut", who="chef", reaches=("Visa",)),
    Shown(
        name="delegation-beslut-fel",
        path="/delegation/beslut?since=2026-12-01&until=2026-11-01",
        who="chef",
        status=422,
    ),
    Shown(name="godkannanden", path="/godkannanden", who="chef"),
    Shown(name="godkannanden-egna", path="/godkannanden"),
    Shown(
        name="godkannande", path="/godkannanden/{question}", who="chef", reaches=("Läs underlaget",)
    ),
    Shown(
        name="godkannande-eget", path="/godkannanden/{question}", reaches=("Ta tillbaka frågan",)
    ),
    Shown(name="godkannande-last", path="/godkannanden/{question}", who="chef", prepare=_send),
    Shown(
        name="godkannande-fel", path="/godkannanden/{question}", who="chef", prepare=_answer_wrongly
    ),
    Shown(name="godkannande-svarat", path="/godkannanden/{answered}"),
    Shown(name="inkommet", path="/inkommet", who="sara"),
    Shown(
        name="inkommet-ett",
        path="/inkommet/{new}",
        who="sara",
        reaches=("Öppna texten", "Registrera"),
    ),
    Shown(name="inkommet-oppnat", path="/inkommet/{new}", who="sara", prepare=_send),
    Shown(name="inkommet-fel", path="/inkommet/{new}", who="sara", prepare=_register_wrongly),
    Shown(name="inkommet-registrerat", path="/inkommet/{registered}", who="sara"),
    Shown(name="inkommet-valj-arende", path="/inkommet/{registered}/lagg-i-arende", who="sara"),
    Shown(
        name="inkommet-lagg",
        path="/inkommet/{registered}/lagg-i-arende?case={saras_case}",
        who="sara",
        reaches=("Lägg i ärendet",),
    ),
    Shown(
        name="inkommet-lagg-fel",
        path="/inkommet/{registered}/lagg-i-arende?case={saras_case}",
        who="sara",
        prepare=_file_wrongly,
    ),
    Shown(
        name="utlamnanderegister",
        path="/utlamnanderegister",
        who="chef",
        reaches=("Visa", "Hämta som tabell (CSV)"),
    ),
    Shown(name="registerforteckning", path="/registerforteckning", who="ombud"),
    Shown(name="exporter", path="/exporter", who="chef", reaches=("Beställ en export",)),
    Shown(name="export-bestall", path="/exporter/bestall", who="chef", reaches=("Beställ",)),
    Shown(name="export-bestall-fel", path="/exporter/bestall", who="chef", prepare=_send_last),
    Shown(name="export-egen", path="/exporter/{export_waiting}", who="chef"),
    Shown(
        name="export-avgor",
        path="/exporter/{export_waiting}",
        who="ombud",
        reaches=("Besluta",),
    ),
    Shown(name="export-avgor-fel", path="/exporter/{export_waiting}", who="ombud", prepare=_send),
    Shown(
        name="export-skrivs-om",
        path="/exporter/{export_anew}",
        who="chef",
        reaches=("Skriv exporten",),
    ),
    Shown(
        name="export-skriv",
        path="/exporter/{export_released}",
        who="chef",
        reaches=("Skriv exporten",),
    ),
    Shown(
        name="export-klar", path="/exporter/{export_ready}", who="chef", reaches=("Hämta filen",)
    ),
    Shown(name="loggkontroll", path="/loggkontroll", who="chef"),
    Shown(
        name="nodoppning", path="/nodoppning", who="jonas", reaches=("Nödöppna ärendet", "Avbryt")
    ),
    Shown(name="nodoppning-fel", path="/nodoppning", who="karin", prepare=_send),
    Shown(name="nodoppnat-arende", path="/arenden/{case}", who="jonas"),
    Shown(
        name="loggkontroll-nodoppningar",
        path="/loggkontroll/nodoppningar",
        who="chef",
        reaches=("Spara bedömningen",),
    ),
    Shown(
        name="loggkontroll-nodoppningar-fel",
        path="/loggkontroll/nodoppningar",
        who="chef",
        prepare=_send,
    ),
    Shown(
        name="loggkontroll-signaler",
        path="/loggkontroll/signaler",
        who="chef",
        reaches=("Spara bedömningen",),
    ),
    Shown(
        name="loggkontroll-signaler-fel",
        path="/loggkontroll/signaler",
        who="chef",
        prepare=_send,
    ),
    Shown(name="loggkontroll-rundor", path="/loggkontroll/rundor", who="chef"),
    Shown(
        name="loggkontroll-runda",
        path="/loggkontroll/rundor/{round}",
        who="chef",
        reaches=("Spara bedömningen", "Ställ frågan"),
    ),
    Shown(
        name="loggkontroll-runda-fel",
        path="/loggkontroll/rundor/{round}",
        who="chef",
        prepare=_send,
    ),
    Shown(name="loggkontroll-rapport", path="/loggkontroll/rundor/{round}/rapport", who="chef"),
    Shown(
        name="loggkontroll-hela-loggen",
        path="/loggkontroll/rundor/post/{item}/hela-loggen",
        who="chef",
        reaches=("Öppna hela loggen",),
    ),
    Shown(
        name="loggkontroll-hela-loggen-fel",
        path="/loggkontroll/rundor/post/{item}/hela-loggen",
        who="chef",
        prepare=_send,
    ),
    Shown(name="utdrag", path="/loggkontroll/utdrag", who="ombud", reaches=("Sök personen",)),
    Shown(name="utdrag-fel", path="/loggkontroll/utdrag", who="ombud", prepare=_find_and_release),
    Shown(name="loggkontroll-logg", path="/loggkontroll/logg", who="chef"),
    Shown(
        name="loggkontroll-logg-fel",
        path="/loggkontroll/logg",
        who="chef",
        prepare=_search_wrongly,
        reaches=("Sök i loggen",),
    ),
    Shown(name="loggkontroll-arende", path="/loggkontroll/{crossing}", who="chef"),
]

_QUESTION = "/fraga?from=SOC&to=POLICE&category=K11&purpose=prevent_crime&age=16"
LAW = [
    Shown(name="fraga", path="/fraga", who=None, reaches=("Logga in", "Fortsätt")),
    Shown(name="fraga-svar", path=_QUESTION, who=None, reaches=("Visa vad lagen svarar",)),
    Shown(name="fraga-alla-delar", path=_QUESTION, prepare=_open_everything),
    Shown(name="fraga-fel", path=f"{_QUESTION}0000&on=igår", status=422),
    Shown(
        name="fraga-nej",
        path="/fraga?from=POLICE&to=SOC&category=K21&purpose=child_inquiry&age=14",
    ),
    Shown(name="reglerna", path="/regler", who=None, reaches=("Visa reglerna",)),
    Shown(name="reglerna-fritid", path="/regler?from=LEISURE&on=2026-12-31"),
    Shown(name="regel", path="/regler/regel/P-18a", who=None),
    Shown(name="fall", path="/regler/fall/S08", who=None),
    Shown(name="kallor", path="/regler/kallor"),
    Shown(name="ova", path="/ova", who=None, reaches=("Börja med det första",)),
    Shown(name="ova-fall", path="/ova/1", who=None, reaches=("Visa vad lagen svarar",)),
    Shown(name="ova-svar", path="/ova/2?answer=no", reaches=("Nästa fall",)),
    Shown(name="ova-inget-valt", path="/ova/1?show=1", status=422),
    Shown(name="ova-resultat", path="/ova/intyg?given=man-c", who=None, reaches=("Alla fall",)),
    Shown(name="ova-intyg", path=f"/ova/intyg?given={'n' * 16}", prepare=_send),
    Shown(name="matris", path="/regler/matris", who=None, reaches=("Visa tabellen",)),
    Shown(name="matris-en", path="/regler/matris?from=SOC&purpose=coordinate_support&age=20"),
    Shown(name="matris-fel", path="/regler/matris?age=12a", status=422),
]

PAGES = [
    Shown(name="logga-in", path="/logga-in", who=None, reaches=("English", "Logga in")),
    Shown(name="logga-in-tomt", path="/logga-in", who=None, prepare=_send),
    Shown(name="logga-in-fel", path="/logga-in", who=None, prepare=_send_wrong_password),
    Shown(name="byt-losenord", path="/losenord"),
    Shown(name="byt-losenord-fel", path="/losenord", prepare=_send_last),
    Shown(name="valj-organisation", path="/valj-organisation", who="per", reaches=("Fortsätt",)),
    Shown(name="valj-organisation-tomt", path="/valj-organisation", who="per", prepare=_send),
    Shown(name="ingen-organisation", path="/valj-organisation", who="nils"),
    *CASES,
    *CROSSING,
    *LAW,
    Shown(name="finns-inte", path="/finns-inte", status=404, reaches=("Till startsidan",)),
    Shown(name="fel", path="/prov/fel", status=500),
    Shown(name="upptagen", path="/prov/upptagen", status=503),
    Shown(name="full", path="/prov/full", status=503),
    Shown(name="reglerna-kan-inte-lasas", path="/prov/regler", status=503),
    Shown(
        name="utloggad-med-text",
        path="/prov/formular",
        prepare=_send_after_time_out,
        reaches=("Logga in",),
    ),
    Shown(name="alla-delar", path="/prov/delar", who="chef"),
]
