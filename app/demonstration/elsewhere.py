"""What the police, the emergency ward and social services in Torsby write."""

from __future__ import annotations

from dataclasses import replace

from app.demonstration.crossings import Disclose, Open, Register, Said
from app.demonstration.karin_elliot import PLAIN
from app.demonstration.moments import Moment
from app.demonstration.steps import Start, Write
from app.demonstration.world import Step

_POLICE: tuple[Step, ...] = (
    Start(on=Moment(9, "16:00"), by="sara", case="leon", young="leon", series="LPO", number="0228"),
    Write(
        on=Moment(9, "16:20"),
        by="sara",
        note="leon/samtal",
        category="K17",
        title="Samtal med Leon",
        text="Leon är 19 år och har börjat ta avstånd från sitt tidigare umgänge. Han hjälper till "
        "på nattvandringarna. Han är orolig för ett par som är yngre än han. Han svarar gärna när "
        "jag ringer.",
        about=("leon",),
        says=PLAIN,
    ),
    Write(
        on=Moment(9, "16:35"),
        by="sara",
        note="leon/register",
        category="K21",
        title="Uppgift ur belastningsregistret",
        text="Det finns en äldre uppgift i belastningsregistret. Den används bara här.",
        about=("leon",),
        says=PLAIN,
    ),
)

_CARE: tuple[Step, ...] = (
    Start(
        on=Moment(4, "22:40"),
        by="ingrid",
        case="casper",
        young="casper",
        series="RV",
        number="5110",
    ),
    Write(
        on=Moment(4, "22:55"),
        by="ingrid",
        note="casper/besok",
        category="K15",
        title="Besök på kvällen",
        text="Casper kom in med en vän efter att ha blivit dålig på en fest. Han mådde bättre "
        "efter två timmar. Han ville inte att vi ringde hem, men gick med på det till slut. Ingen "
        "har hämtat honom tidigare när det hänt.",
        about=("casper",),
        says=replace(PLAIN, health_serious="yes"),
    ),
    Disclose(
        on=Moment(4, "23:10"),
        by="ingrid",
        key="casper-anmalan",
        note="casper/besok",
        to="torsby-soc",
        purpose="protect_child",
        said=(
            Said(
                statement="child_fares_badly",
                answer="yes",
                reasons="Det är tredje gången på två månader och ingen vuxen har gått att nå.",
                circumstances="Egna anteckningar från kvällen och de två tidigare besöken.",
            ),
        ),
    ),
    Open(on=Moment(3, "08:05"), by="hakan", key="casper-anmalan"),
    Register(on=Moment(3, "08:08"), by="hakan", key="casper-anmalan", series="SN", number="702"),
    Start(
        on=Moment(3, "08:20"),
        by="hakan",
        case="casper-soc",
        young="casper",
        series="SN",
        number="0199",
    ),
    Write(
        on=Moment(3, "14:10"),
        by="hakan",
        note="casper-soc/forhandsbedomning",
        category="K11",
        title="Förhandsbedömning",
        text="Jag har talat med Casper och hans pappa. Båda vill ha hjälp. Vi inleder en utredning "
        "och träffas på torsdag. Casper vill att hans tränare får veta varför han missar "
        "träningen.",
        about=("casper",),
        says=PLAIN,
    ),
)

STEPS: tuple[Step, ...] = _POLICE + _CARE
