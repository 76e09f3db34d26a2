"""Karin's case on Elliot, 17, and what Sara's police district knows of him.

Holds a refused attempt, a disclosure that has been received, a consent that was withdrawn, and
what came back from the police.
"""

from __future__ import annotations

from dataclasses import replace

from app.demonstration.crossings import Ask, Disclose, File, Open, Register, Said
from app.demonstration.moments import Moment
from app.demonstration.steps import (
    Agree,
    BreakGlass,
    Correct,
    Join,
    Pry,
    Read,
    Review,
    Start,
    Withdraw,
    Write,
)
from app.demonstration.world import Step
from app.domain.note import NoteAttributes

PLAIN = NoteAttributes(
    contact_known=True,
    committed_crime="no",
    investigation="no",
    reporter_identity="no",
    concern_report="no",
    health_serious="no",
)
"""Attributes of a note in which nothing is special, all answered."""

_RISK = Said(
    statement="risk_of_crime",
    answer="yes",
    reasons="Flera iakttagelser av olika personer pekar åt samma håll.",
    circumstances="Fältarbetare har två kvällar i rad sett honom lämna påsar till okända bilar vid "
    "resecentrum, senast i måndags kl. 21.40.",
)
_SUITABLE = Said(
    statement="not_inappropriate",
    answer="yes",
    reasons="Den planerade insatsen störs inte, och han vet att vi samverkar med polisen.",
)

_BEGINNING: tuple[Step, ...] = (
    Start(
        on=Moment(12, "09:10"),
        by="karin",
        case="elliot",
        young="elliot",
        series="SN",
        number="0412",
    ),
    Join(on=Moment(12, "09:18"), by="karin", case="elliot", person="helena", relation="guardian"),
    Join(on=Moment(12, "09:21"), by="karin", case="elliot", person="roger", relation="guardian"),
    Write(
        on=Moment(12, "10:05"),
        by="karin",
        note="elliot/narvaro",
        category="K11",
        title="Skolveckan och vad som hjälper",
        text="Elliot berättar att skolan fungerar bäst när han vet hur dagen ser ut. Han har varit "
        "borta från tolv lektioner sedan skolstarten, mest på förmiddagarna. Han vill gärna ha en "
        "vuxen att stämma av med på måndagar. Föräldrarna stöder det.",
        about=("elliot",),
        says=PLAIN,
    ),
    Write(
        on=Moment(9, "13:20"),
        by="karin",
        note="elliot/kontakter",
        category="K11",
        title="Nya kontakter vid resecentrum",
        text="Elliot har de senaste veckorna börjat umgås med några som är äldre än han. Han säger "
        "att de bjuder på mat och att han ibland får pengar för att hämta saker. Han vet inte vad "
        "det är han hämtar. Han verkar lättad över att få berätta och vill inte att det blir "
        "värre.",
        about=("elliot",),
        says=PLAIN,
    ),
    Ask(on=Moment(8, "08:40"), by="karin", note="elliot/kontakter", purpose="prevent_crime"),
    Disclose(
        on=Moment(8, "08:44"),
        by="karin",
        key="elliot-avslag",
        note="elliot/kontakter",
        to="polisen-torsby",
        purpose="prevent_crime",
        refused=True,
    ),
    Write(
        on=Moment(8, "09:30"),
        by="karin",
        note="elliot/kvallar",
        category="K11",
        title="Iakttagelser under två kvällar",
        text="Våra fältarbetare har sett Elliot vid resecentrum två kvällar i rad. Båda gångerna "
        "lämnade han något till en bil som stannade kort. När de pratade med honom var han artig "
        "men ville gå därifrån. Han följde sedan med hem.",
        about=("elliot",),
        says=PLAIN,
    ),
    Disclose(
        on=Moment(8, "10:02"),
        by="karin",
        key="elliot-polis",
        note="elliot/kvallar",
        to="polisen-torsby",
        purpose="prevent_crime",
        said=(_RISK, _SUITABLE),
    ),
)

_POLICE: tuple[Step, ...] = (
    Open(on=Moment(8, "11:31"), by="sara", key="elliot-polis"),
    Register(on=Moment(8, "11:36"), by="sara", key="elliot-polis", series="LPO", number="118"),
    Start(
        on=Moment(8, "11:40"),
        by="sara",
        case="elliot-lpo",
        young="elliot",
        series="LPO",
        number="0231",
    ),
    File(
        on=Moment(8, "11:44"),
        by="sara",
        key="elliot-polis",
        note="elliot-lpo/kvallar",
        category="K17",
        about=("elliot",),
    ),
    Write(
        on=Moment(6, "15:10"),
        by="sara",
        note="elliot-lpo/samtal",
        category="K17",
        title="Samtal vid resecentrum",
        text="Jag pratade med Elliot vid resecentrum under kvällen. Han var ensam och hade inget "
        "otillåtet på sig. Han sade att han vill sluta men att han är rädd för vad de andra ska "
        "säga. Jag skjutsade hem honom och pratade med mamman.",
        about=("elliot",),
        says=PLAIN,
    ),
    Disclose(
        on=Moment(6, "15:26"),
        by="sara",
        key="polis-elliot",
        note="elliot-lpo/samtal",
        to="sunne-soc",
        purpose="protect_child",
        said=(
            Said(
                statement="needs_social_action",
                answer="yes",
                reasons="Han ber själv om hjälp att ta sig ur det, och det är socialtjänstens sak.",
            ),
        ),
    ),
    Write(
        on=Moment(5, "10:50"),
        by="sara",
        note="elliot-lpo/spaning",
        category="K18",
        title="Uppgift ur en pågående förundersökning",
        text="Det pågår en förundersökning om narkotikabrott där flera unga används som bud. "
        "Elliots namn förekommer som en av dem. Han är inte misstänkt. Förundersökningsledaren vet "
        "att socialtjänsten får veta detta, och ingen annan.",
        about=("elliot",),
        says=replace(PLAIN, investigation="yes"),
    ),
    Disclose(
        on=Moment(5, "11:05"),
        by="sara",
        key="polis-spaning",
        note="elliot-lpo/spaning",
        to="sunne-soc",
        purpose="protect_child",
        said=(
            Said(
                statement="needs_social_action",
                answer="yes",
                reasons="Han kan behöva skydd innan ingripandet. Förundersökningsledaren är hörd.",
            ),
        ),
    ),
)

_CONSENT: tuple[Step, ...] = (
    Agree(
        on=Moment(7, "13:02"),
        by="karin",
        key="elliot-ja",
        case="elliot",
        person="elliot",
        giver="subject",
        to="sunne-skola",
        category="K11",
        purpose="schooling",
    ),
    Agree(
        on=Moment(7, "13:06"),
        by="karin",
        key="elliot-foraldrar",
        case="elliot",
        person="elliot",
        giver="guardian",
        to="sunne-skola",
        category="K11",
        purpose="schooling",
    ),
    Agree(
        on=Moment(7, "13:08"),
        by="karin",
        key="elliot-fritid-ja",
        case="elliot",
        person="elliot",
        giver="subject",
        to="sunne-fritid",
        category="K11",
        purpose="coordinate_support",
    ),
    Agree(
        on=Moment(7, "13:10"),
        by="karin",
        key="elliot-fritid-foraldrar",
        case="elliot",
        person="elliot",
        giver="guardian",
        to="sunne-fritid",
        category="K11",
        purpose="coordinate_support",
    ),
    Disclose(
        on=Moment(7, "13:15"),
        by="karin",
        key="elliot-skola",
        note="elliot/narvaro",
        to="sunne-skola",
        purpose="schooling",
        open_to_guardian=True,
    ),
    Open(on=Moment(7, "14:20"), by="anneli", key="elliot-skola"),
    Register(on=Moment(7, "14:22"), by="anneli", key="elliot-skola", series="UN", number="877"),
    Open(on=Moment(6, "16:02"), by="karin", key="polis-elliot"),
    Register(on=Moment(6, "16:04"), by="karin", key="polis-elliot", series="SN", number="1201"),
    File(
        on=Moment(6, "16:09"),
        by="karin",
        key="polis-elliot",
        note="elliot/polissamtal",
        category="K11",
        about=("elliot",),
    ),
    Open(on=Moment(5, "13:11"), by="karin", key="polis-spaning"),
    Register(on=Moment(5, "13:14"), by="karin", key="polis-spaning", series="SN", number="1214"),
    File(
        on=Moment(5, "13:17"),
        by="karin",
        key="polis-spaning",
        note="elliot/forundersokning",
        category="K11",
        about=("elliot",),
    ),
    Withdraw(on=Moment(4, "09:12"), by="karin", key="elliot-ja"),
    Correct(
        on=Moment(3, "08:31"),
        by="karin",
        note="elliot/narvaro",
        text="Elliot berättar att skolan fungerar bäst när han vet hur dagen ser ut. Han har varit "
        "borta från nio lektioner sedan skolstarten, inte tolv som jag först skrev. Han vill gärna "
        "ha en vuxen att stämma av med på måndagar. Föräldrarna stöder det.",
    ),
    Disclose(
        on=Moment(3, "08:40"),
        by="karin",
        key="elliot-skola-igen",
        note="elliot/narvaro",
        to="sunne-skola",
        purpose="schooling",
        said=(
            Said(
                statement="clear_no_harm",
                answer="no",
                reasons="Han har tagit tillbaka sitt samtycke och är orolig för hur skolan ser på "
                "honom. Det står inte klart att han inte lider men.",
            ),
        ),
        refused=True,
    ),
    Write(
        on=Moment(3, "10:15"),
        by="karin",
        note="elliot/mamma",
        category="K11",
        title="Mammas situation hemma",
        text="Helena berättar att hon är sjukskriven sedan i våras och får behandling. Hon orkar "
        "det mesta hemma men inte de sena kvällarna. Hon vill vara med på mötena på telefon. Hon "
        "ber att uppgiften om behandlingen stannar hos oss.",
        about=("helena",),
        says=replace(PLAIN, health_serious="yes"),
    ),
    Read(
        on=Moment(2, "08:55"),
        by="karin",
        notes=("elliot/narvaro", "elliot/kontakter", "elliot/polissamtal"),
    ),
    Pry(on=Moment(2, "09:20"), by="jonas", case="elliot"),
    BreakGlass(
        on=Moment(1, "16:40"),
        by="jonas",
        case="elliot",
        reference="SN %(year)s/0412",
        reason="Elliot har inte kommit hem och mamman är här. Karin har gått för dagen och svarar "
        "inte. Jag behöver veta vilka han brukar vara med.",
        notes=("elliot/kontakter",),
    ),
    Review(on=Moment(1, "15:30"), by="birgitta", case="elliot"),
)

STEPS: tuple[Step, ...] = _BEGINNING + _POLICE + _CONSENT
