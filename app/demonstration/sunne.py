"""What others in Sunne write: Jonas, the schools, pupil health, leisure and coordination."""

from __future__ import annotations

from dataclasses import replace

from app.demonstration.crossings import Disclose, Open, Register, Said
from app.demonstration.karin_elliot import PLAIN
from app.demonstration.moments import Moment
from app.demonstration.steps import Join, Start, Write
from app.demonstration.world import Step
from app.domain.note import NoteAttributes

_JONAS: tuple[Step, ...] = (
    Start(
        on=Moment(11, "13:10"), by="jonas", case="noah", young="noah", series="SN", number="0420"
    ),
    Write(
        on=Moment(11, "13:40"),
        by="jonas",
        note="noah/uppdrag",
        category="K11",
        title="Oro för nya uppdrag",
        text="Noah är 22 år och har stöd av oss för sin ekonomi. Han berättar att han blivit "
        "tillfrågad om att låna ut sitt konto. Han har inte bestämt sig. Han undrar vad som händer "
        "om han säger ja.",
        about=("noah",),
        says=PLAIN,
    ),
    Start(on=Moment(7, "09:20"), by="jonas", case="amir", young="amir", series="SN", number="0430"),
    Write(
        on=Moment(7, "09:50"),
        by="jonas",
        note="amir/ankomst",
        category="K11",
        title="Första samtalet",
        text="Amir kom till kommunen i förra veckan och bor hos en bekant. Han säger att han är "
        "tonåring men har inga papper som visar när han är född. Han vill gå i skolan. Tolk behövs "
        "vid nästa möte.",
        about=("amir",),
        says=NoteAttributes(contact_known=True, reporter_identity="no", concern_report="no"),
    ),
)

_SCHOOL: tuple[Step, ...] = (
    Start(
        on=Moment(9, "11:00"), by="anneli", case="hugo", young="hugo", series="UN", number="0091"
    ),
    Write(
        on=Moment(9, "11:12"),
        by="anneli",
        note="hugo/franvaro",
        category="K1",
        title="Frånvaro i september",
        text="Hugo har varit borta elva lektioner i september, alla anmälda. Det är mindre än i "
        "fjol. Mentorn följer upp varje vecka.",
        about=("hugo",),
        says=PLAIN,
    ),
    Write(
        on=Moment(6, "10:30"),
        by="anneli",
        note="hugo/stod",
        category="K2",
        title="Åtgärdsprogram i matematik",
        text="Hugo får stöd i en mindre grupp i matematik två gånger i veckan. Programmet följs "
        "upp i januari. Han tycker att det går bättre. Hemmet är informerat.",
        about=("hugo",),
        says=PLAIN,
    ),
    Write(
        on=Moment(2, "09:00"),
        by="anneli",
        note="hugo/skadegorelse",
        category="K2",
        title="Rutorna i slöjdsalen",
        text="I tisdags krossades tre rutor i slöjdsalen. Två lärare såg Hugo kasta stenar mot "
        "dem. Han säger att det började som en lek. Han har varit med och ritat upp vad som hände.",
        about=("hugo",),
        says=replace(
            PLAIN,
            committed_crime="yes",
            crime="skadegorelse",
            crime_stage="completed",
            victim_under_18="no",
        ),
    ),
    Disclose(
        on=Moment(2, "09:25"),
        by="anneli",
        key="hugo-polis",
        note="hugo/skadegorelse",
        to="polisen-torsby",
        purpose="investigate_crime",
        said=(
            Said(
                statement="pupil_suspected_school_crime",
                answer="yes",
                reasons="Det hände på skoltid i skolans lokaler.",
                circumstances="Två lärare såg honom kasta stenar mot slöjdsalens fönster i tisdags "
                "kl. 12.50.",
            ),
            Said(
                statement="no_predominant_reasons",
                answer="yes",
                reasons="Händelsen är känd på skolan. Hans förtroende för oss påverkas inte mer av "
                "en anmälan.",
            ),
        ),
    ),
    Start(
        on=Moment(8, "08:20"),
        by="viktor",
        case="hugo-larare",
        young="hugo",
        series="UN",
        number="0094",
    ),
    Write(
        on=Moment(8, "08:35"),
        by="viktor",
        note="hugo-larare/klassrum",
        category="K1",
        title="I klassrummet",
        text="Hugo arbetar bra när han får börja med något han kan. Han hjälper gärna andra. Han "
        "har svårare för grupparbeten efter lunch.",
        about=("hugo",),
        says=PLAIN,
    ),
    Disclose(
        on=Moment(8, "08:50"),
        by="viktor",
        key="hugo-utan-delegation",
        note="hugo-larare/klassrum",
        to="sunne-fritid",
        purpose="coordinate_support",
        refused=True,
    ),
)

_PUPIL_HEALTH: tuple[Step, ...] = (
    Start(
        on=Moment(10, "08:10"), by="farida", case="vera", young="vera", series="UN", number="0088"
    ),
    Join(on=Moment(10, "08:14"), by="farida", case="vera", person="linda", relation="guardian"),
    Write(
        on=Moment(10, "08:40"),
        by="farida",
        note="vera/samtal",
        category="K3",
        title="Samtal om hösten",
        text="Vera kommer till mig varannan vecka. Hon har tappat lusten för det mesta och sover "
        "oregelbundet. Hon har två nära vänner som hon litar på. Vi har pratat om vad som brukar "
        "hjälpa.",
        about=("vera",),
        says=PLAIN,
    ),
    Write(
        on=Moment(3, "11:10"),
        by="farida",
        note="vera/oro",
        category="K3",
        title="Oro för hur Vera har det hemma",
        text="Vera berättade i dag att hon ofta är ensam hemma flera dygn i sträck. Hon lagar mat "
        "själv och tar sig till skolan. Hon vill inte att mamma får skulden. Jag har sagt att jag "
        "måste berätta det vidare, och hon var med när jag skrev.",
        about=("vera",),
        says=replace(PLAIN, concern_report="yes"),
    ),
    Disclose(
        on=Moment(3, "11:25"),
        by="farida",
        key="vera-anmalan",
        note="vera/oro",
        to="sunne-soc",
        purpose="protect_child",
        said=(
            Said(
                statement="child_fares_badly",
                answer="yes",
                reasons="Hon är 14 år och lämnas ensam flera dygn i sträck.",
                circumstances="Vera berättade det själv för mig den här förmiddagen.",
            ),
        ),
    ),
    Open(on=Moment(3, "12:50"), by="jonas", key="vera-anmalan"),
    Register(on=Moment(3, "12:53"), by="jonas", key="vera-anmalan", series="SN", number="1222"),
    Start(
        on=Moment(7, "10:00"),
        by="lena",
        case="vera-med",
        young="vera",
        series="UN",
        number="0090",
    ),
    Write(
        on=Moment(7, "10:20"),
        by="lena",
        note="vera-med/halsa",
        category="K4",
        title="Hälsobesök i årskurs 8",
        text="Vera växer som hon ska. Hon berättar om huvudvärk och dålig sömn sedan i somras. Vi "
        "har kommit överens om att hon skriver upp sömnen i två veckor. Nytt besök är bokat.",
        about=("vera",),
        says=PLAIN,
    ),
)

_AROUND: tuple[Step, ...] = (
    Start(
        on=Moment(8, "15:10"),
        by="nadja",
        case="stina",
        young="stina",
        series="KFN",
        number="0012",
    ),
    Write(
        on=Moment(8, "15:30"),
        by="nadja",
        note="stina/kvall",
        category="K33",
        title="Iakttagelse på fritidsgården",
        text="Stina har varit på gården fyra kvällar den här veckan. Hon stannar till stängning "
        "och vill gärna hjälpa till i köket. Hon säger att det är lugnare här än hemma.",
        about=("stina",),
        says=PLAIN,
    ),
    Start(
        on=Moment(6, "13:30"), by="tomas", case="wilma", young="wilma", series="FG", number="0007"
    ),
    Write(
        on=Moment(6, "13:45"),
        by="tomas",
        note="wilma/stod",
        category="K9",
        title="Stöd inför gymnasiearbetet",
        text="Wilma har fått extra tid och en lugn plats att skriva på. Specialpedagogen träffar "
        "henne en gång i veckan. Hon vill att det blir likadant om hon byter skola.",
        about=("wilma",),
        says=PLAIN,
    ),
    Write(
        on=Moment(6, "13:55"),
        by="tomas",
        note="wilma/betyg",
        category="K1",
        title="Betyg och kurser",
        text="Wilma läser tredje året på samhällsprogrammet. Hon har godkänt i alla kurser "
        "hittills och siktar på universitetet.",
        about=("wilma",),
        says=PLAIN,
    ),
    Start(on=Moment(5, "08:15"), by="per", case="lage", young="leon", series="KS", number="0044"),
    Write(
        on=Moment(5, "08:40"),
        by="per",
        note="lage/kvallar",
        category="K34",
        title="Kvällarna vid resecentrum",
        text="Sedan månadsskiftet samlas fler unga än vanligt vid resecentrum på kvällarna. Det är "
        "mest lugnt. Belysningen på baksidan är trasig. Fler vuxna på plats mellan 20 och 22 "
        "skulle göra skillnad.",
        about=("leon",),
        says=replace(PLAIN, identifiable="no"),
    ),
    Write(
        on=Moment(5, "08:55"),
        by="per",
        note="lage/leon",
        category="K33",
        title="Leon vill börja som ledare",
        text="Leon har frågat om han kan få hjälpa till på nattvandringarna. Han är omtyckt av de "
        "yngre. Han behöver någon som går bredvid de första gångerna.",
        about=("leon",),
        says=PLAIN,
    ),
)

STEPS: tuple[Step, ...] = _JONAS + _SCHOOL + _PUPIL_HEALTH + _AROUND
