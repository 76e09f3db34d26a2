"""Karin's other cases: Tilda, 13, Malte, 20, Alva, 16, and Signe, 15."""

from __future__ import annotations

from dataclasses import replace

from app.demonstration.crossings import AskApproval, Disclose, Open, Register, Said, Stop
from app.demonstration.karin_elliot import PLAIN
from app.demonstration.moments import Moment
from app.demonstration.steps import Agree, Join, Start, Write
from app.demonstration.world import Step

_TILDA: tuple[Step, ...] = (
    Start(
        on=Moment(11, "10:02"),
        by="karin",
        case="tilda",
        young="tilda",
        series="SN",
        number="0418",
    ),
    Join(on=Moment(11, "10:08"), by="karin", case="tilda", person="camilla", relation="guardian"),
    Join(on=Moment(11, "10:10"), by="karin", case="tilda", person="stefan", relation="guardian"),
    Write(
        on=Moment(11, "10:40"),
        by="karin",
        note="tilda/fritid",
        category="K11",
        title="Önskemål om en plats på eftermiddagarna",
        text="Tilda vill ha någonstans att vara mellan skolan och kvällsmaten. Hon tycker om att "
        "spela trummor och har hört att fritidsgården har ett rum för det. Hon vill att någon i "
        "personalen vet att hon kan behöva gå undan ibland. Föräldrarna tycker att det är bra.",
        about=("tilda",),
        says=PLAIN,
    ),
    Agree(
        on=Moment(10, "09:12"),
        by="karin",
        key="tilda-ja",
        case="tilda",
        person="tilda",
        giver="guardian",
        to="sunne-fritid",
        category="K11",
        purpose="coordinate_support",
        days=120,
    ),
    Disclose(
        on=Moment(10, "09:30"),
        by="karin",
        key="tilda-fritid",
        note="tilda/fritid",
        to="sunne-fritid",
        purpose="coordinate_support",
        open_to_guardian=True,
        said=(
            Said(
                statement="child_view_heard",
                answer="yes",
                reasons="Tilda har själv bett om det och läst vad som lämnas ut.",
            ),
        ),
    ),
    Open(on=Moment(10, "13:45"), by="nadja", key="tilda-fritid"),
    Register(on=Moment(10, "13:50"), by="nadja", key="tilda-fritid", series="KFN", number="64"),
    Write(
        on=Moment(6, "11:20"),
        by="karin",
        note="tilda/vardag",
        category="K11",
        title="Vardagen hos två föräldrar",
        text="Tilda bor varannan vecka hos mamma och pappa. Bytena går bättre sedan de kom överens "
        "om att hon själv packar. Hon sover dåligt natten före. Hon vill att de vuxna pratar med "
        "varandra i stället för genom henne.",
        about=("tilda",),
        says=PLAIN,
    ),
    Write(
        on=Moment(5, "15:02"),
        by="karin",
        note="tilda/radgivning",
        category="K12",
        title="Det Camilla berättade i familjerådgivningen",
        text="Camilla har gått i familjerådgivning hos oss sedan i augusti. Hon berättar hur hon "
        "ser på separationen och vad hon ångrar. Hon vill att det stannar i rummet. Hon funderar "
        "på om något av det kunde hjälpa skolan att förstå.",
        about=("camilla",),
        says=PLAIN,
    ),
)

_MALTE: tuple[Step, ...] = (
    Start(
        on=Moment(10, "14:00"),
        by="karin",
        case="malte",
        young="malte",
        series="SN",
        number="0423",
    ),
    Write(
        on=Moment(10, "14:25"),
        by="karin",
        note="malte/planering",
        category="K11",
        title="Planering för hösten",
        text="Malte vill bli av med sina skulder och komma i arbete. Han har en praktikplats från "
        "den första i månaden. Han sover hos en vän så länge. Vi hörs varje fredag.",
        about=("malte",),
        says=PLAIN,
    ),
    Agree(
        on=Moment(9, "10:15"),
        by="karin",
        key="malte-ja",
        case="malte",
        person="malte",
        giver="subject",
        to="akuten-torsby",
        category="K11",
        purpose="care_or_support",
        days=180,
    ),
    Disclose(
        on=Moment(9, "10:30"),
        by="karin",
        key="malte-fel",
        note="malte/planering",
        to="akuten-torsby",
        purpose="care_or_support",
    ),
    Stop(on=Moment(9, "10:31"), by="karin", key="malte-fel", seconds=48),
    Write(
        on=Moment(2, "13:05"),
        by="karin",
        note="malte/skuld",
        category="K11",
        title="Skuld och nya uppdrag",
        text="Malte berättar att han är skyldig pengar till personer han inte vill namnge. De har "
        "sagt att skulden kan betalas genom att han kör åt dem. Han har sagt ja till en körning på "
        "lördag men ångrar sig. Han vill ha hjälp att säga nej.",
        about=("malte",),
        says=PLAIN,
    ),
    Disclose(
        on=Moment(1, "10:12"),
        by="karin",
        key="malte-polis",
        note="malte/skuld",
        to="polisen-torsby",
        purpose="prevent_crime",
        said=(
            Said(
                statement="risk_of_crime",
                answer="yes",
                reasons="Han har en bestämd uppgift på en bestämd dag och ett hot bakom.",
                circumstances="Malte sade i samtal med mig i går att han ska köra en bil till "
                "Karlstad på lördag för att minska sin skuld.",
            ),
            Said(
                statement="not_inappropriate",
                answer="yes",
                reasons="Han vet att jag talar med polisen. Insatserna hos oss fortsätter.",
            ),
        ),
    ),
    AskApproval(
        on=Moment(1, "10:20"),
        by="karin",
        note="malte/skuld",
        to="sunne-bra",
        purpose="prevent_crime",
        said=(
            Said(
                statement="needed_for_purpose",
                answer="yes",
                reasons="Samordnaren kan göra avhopparstödet möjligt före lördagen.",
            ),
            Said(
                statement="no_predominant_reasons",
                answer="yes",
                reasons="Malte vill ha hjälpen, och risken för honom väger tyngre.",
            ),
        ),
    ),
    Write(
        on=Moment(1, "10:40"),
        by="karin",
        note="malte/telefon",
        category="K11",
        title="Telefonnummer",
        text="Malte har bytt nummer och nås nu på 070-174 06 05. Det gamla är avstängt. Han svarar "
        "helst på meddelanden före lunch.",
        about=("malte",),
        says=replace(PLAIN, contact_kind="phone"),
    ),
)

_ALVA: tuple[Step, ...] = (
    Start(on=Moment(9, "08:30"), by="karin", case="alva", young="alva", series="SN", number="0427"),
    Join(on=Moment(9, "08:34"), by="karin", case="alva", person="marie", relation="guardian"),
    Write(
        on=Moment(9, "08:50"),
        by="karin",
        note="alva/adress",
        category="K11",
        title="Var familjen bor nu",
        text="Alva och mamma Marie har flyttat till en lägenhet i en annan del av länet. De lever "
        "med skyddade personuppgifter. Adressen finns bara i den särskilda pärmen. Ring alltid "
        "Marie före ett besök.",
        about=("alva", "marie"),
        says=replace(PLAIN, contact_kind="home_address"),
    ),
    Write(
        on=Moment(8, "14:10"),
        by="karin",
        note="alva/skolstart",
        category="K11",
        title="Inför bytet av skola",
        text="Alva börjar på en ny skola efter lovet. Hon vill ha samma ämnen som förut och en "
        "kurator från första dagen. Hon är bra på språk. Det viktigaste för henne är att slippa "
        "frågor om varför hon flyttat.",
        about=("alva",),
        says=PLAIN,
    ),
    Write(
        on=Moment(4, "10:20"),
        by="karin",
        note="alva/boende",
        category="K27",
        title="Skyddat boende under september",
        text="Familjen bodde på ett skyddat boende i tre veckor. Vistelsen är avslutad. Inget om "
        "platsen får nämnas utanför den här anteckningen.",
        about=("alva", "marie"),
        says=replace(PLAIN, contact_kind="sheltered_address"),
    ),
)

_SIGNE: tuple[Step, ...] = (
    Start(
        on=Moment(6, "09:00"),
        by="karin",
        case="signe",
        young="signe",
        series="SN",
        number="0433",
    ),
    Join(on=Moment(6, "09:05"), by="karin", case="signe", person="anders", relation="guardian"),
    Write(
        on=Moment(6, "09:40"),
        by="karin",
        note="signe/handelse",
        category="K11",
        title="Händelsen i söndags",
        text="Signe berättar att hon blev slagen av en äldre ungdom vid busstationen i söndags. "
        "Hon har ett blåmärke på armen som skolsköterskan har sett. Hon vill att det anmäls men är "
        "orolig för vad som händer sedan. Hennes pappa vet om det.",
        about=("signe",),
        says=replace(
            PLAIN,
            committed_crime="yes",
            crime="misshandel",
            crime_stage="completed",
            victim_under_18="yes",
        ),
    ),
    Write(
        on=Moment(5, "09:15"),
        by="karin",
        note="signe/bor",
        category="K11",
        title="Om Signe bor i familjehemmet",
        text="Signe bor i familjehemmet sedan i torsdags. Uppgiften är bara om hon bor där eller "
        "inte.",
        about=("signe",),
        says=replace(PLAIN, presence_only="yes"),
    ),
    Agree(
        on=Moment(4, "14:30"),
        by="karin",
        key="signe-nej",
        case="signe",
        person="signe",
        giver="guardian",
        to="sunne-skola",
        category="K11",
        purpose="schooling",
        answer="refused",
        form="oral",
    ),
    Write(
        on=Moment(2, "15:40"),
        by="karin",
        note="signe/skola",
        category="K11",
        title="Skolarbetet under placeringen",
        text="Signe går kvar i sin klass. Hon behöver läxorna skickade på fredagar eftersom resan "
        "är lång. Hon har bra kontakt med sin mentor. Pappan vill inte att skolan får veta mer än "
        "nödvändigt.",
        about=("signe",),
        says=PLAIN,
    ),
)

STEPS: tuple[Step, ...] = _TILDA + _MALTE + _ALVA + _SIGNE
