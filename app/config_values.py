"""What a setting may be: its type, and how a problem says what it must be."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

# The description is what a problem's sentence says after "must be".
Flag = Annotated[bool, Meta(description="true or false")]
Port = Annotated[int, Meta(ge=1, le=65535, description="a whole number from 1 to 65535")]
Text = Annotated[str, Meta(min_length=1, description="a text in quotation marks, not empty")]
MayBeEmpty = Annotated[str, Meta(description="a text in quotation marks; empty: none")]
Hops = Annotated[int, Meta(ge=0, le=5, description="a whole number from 0 to 5")]
DayOfMonth = Annotated[int, Meta(ge=1, le=28, description="a whole number from 1 to 28")]
Hosts = Annotated[
    tuple[Annotated[str, Meta(pattern=r"^[a-z0-9.:\-\[\]]+$")], ...],
    Meta(min_length=1, description="a list of host names in lower case, at least one"),
]
Known = Annotated[
    tuple[str, ...], Meta(description="a list of texts, each an address, a space and a public key")
]
Quorum = Annotated[int, Meta(ge=0, le=100, description="a whole number from 0 to 100")]
Origin = Annotated[
    str, Meta(pattern=r"^[^\s+]+$", description='a name without spaces and "+", like a web address')
]
Years = Annotated[int, Meta(ge=0, le=150, description="a whole number of years from 0 to 150")]
