"""Making and opening organisations' rings under the root.

`SoftwareKeyring` asks the root for two things, `seal` and `unseal`. A root in a hardware module
is another `RootSeal`; nothing else moves. Format: docs/formats/key-ring.md.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from typing import Final, Protocol

from app.keys.envelope import KEY
from app.keys.errors import RingOfAnotherRoot, SealBroken
from app.keys.framing import framed
from app.keys.hybrid import private_from_seed
from app.keys.ring import RING_SECRETS, Ring
from app.keys.secret import Secret

_FORM: Final = 1


@dataclass(frozen=True, slots=True, repr=False)
class SealedRing:
    """A ring as it is stored: the public key in clear, the rest under the root."""

    organisation_id: str
    version: int
    public_key: bytes
    sealed: bytes
    root_key_id: str


class RootSeal(Protocol):
    """The two things that a root does. The bytes it makes are its own affair."""

    @property
    def key_id(self) -> str: ...

    def seal(self, plaintext: bytes, associated: bytes) -> bytes: ...

    def unseal(self, sealed: bytes, associated: bytes) -> bytes:
        """Raises SealBroken."""
        ...


class Keyring(Protocol):
    """What flows and start-up need of the organisations' rings."""

    @property
    def root_key_id(self) -> str: ...

    def new_ring(self, organisation_id: str, version: int = 1) -> SealedRing: ...

    def open_ring(self, sealed: SealedRing) -> Ring: ...

    def recipient_key(self, sealed: SealedRing) -> bytes: ...

    def under_new_root(self, sealed: SealedRing, new_root: RootSeal) -> SealedRing: ...


class SoftwareKeyring(Secret):
    """Rings that are opened in this process, under a root that is handed in."""

    __slots__ = ("_root",)

    def __init__(self, root: RootSeal) -> None:
        self._root = root

    def _named(self) -> str:
        return self._root.key_id

    @property
    def root_key_id(self) -> str:
        """The id of the root that seals new rings."""
        return self._root.key_id

    def new_ring(self, organisation_id: str, version: int = 1) -> SealedRing:
        """A ring with keys nobody has had. Renewing a ring is a new one with the next version."""
        if version < 1:
            raise ValueError(f"a ring's version is 1 or more, got {version}")
        clear = secrets.token_bytes(RING_SECRETS)
        _, public_key = private_from_seed(clear[:KEY])
        empty = SealedRing(organisation_id, version, public_key, b"", self._root.key_id)
        return self._sealed(empty, clear)

    def open_ring(self, sealed: SealedRing) -> Ring:
        """The organisation's keys. Raises RingOfAnotherRoot, SealBroken."""
        return Ring(sealed.organisation_id, sealed.version, self._clear(sealed))

    def recipient_key(self, sealed: SealedRing) -> bytes:
        """The public key, if the root says that it is this organisation's and of this version.

        Without this check, whoever can write to the database could put in a public key of their
        own and read what is sealed next. Opens no private key. Raises RingOfAnotherRoot,
        SealBroken.
        """
        of_public, _ = self._split(sealed)
        self._unsealed(sealed, of_public, "sluss/ring-public/1")
        return sealed.public_key

    def under_new_root(self, sealed: SealedRing, new_root: RootSeal) -> SealedRing:
        """The same ring, sealed under another root. Raises RingOfAnotherRoot, SealBroken."""
        moved = replace(sealed, sealed=b"", root_key_id=new_root.key_id)
        return SoftwareKeyring(new_root)._sealed(moved, self._clear(sealed))

    def _sealed(self, ring: SealedRing, clear: bytes) -> SealedRing:
        of_public = self._root.seal(b"", _place("sluss/ring-public/1", ring))
        of_private = self._root.seal(clear, _place("sluss/ring/1", ring))
        head = bytes((_FORM,)) + len(of_public).to_bytes(2, "big")
        return replace(ring, sealed=head + of_public + of_private)

    def _clear(self, sealed: SealedRing) -> bytes:
        _, of_private = self._split(sealed)
        return self._unsealed(sealed, of_private, "sluss/ring/1")

    def _unsealed(self, ring: SealedRing, sealed: bytes, label: str) -> bytes:
        try:
            return self._root.unseal(sealed, _place(label, ring))
        except SealBroken:
            # Said anew with the ring's name, because the root does not know what it seals.
            raise SealBroken(_name(ring)) from None

    def _split(self, sealed: SealedRing) -> tuple[bytes, bytes]:
        """The seal of the public key and that of the private ones."""
        if sealed.root_key_id != self._root.key_id:
            raise RingOfAnotherRoot(
                f"{_name(sealed)} is sealed under root key {sealed.root_key_id}, and the root key"
                f" that was loaded is {self._root.key_id}; start with the file of"
                f" {sealed.root_key_id}"
            )
        end = 3 + int.from_bytes(sealed.sealed[1:3], "big")
        if sealed.sealed[:1] != bytes((_FORM,)):
            raise SealBroken(_name(sealed))
        return sealed.sealed[3:end], sealed.sealed[end:]


def _name(sealed: SealedRing) -> str:
    return f"the ring of organisation {sealed.organisation_id}, version {sealed.version}"


def _place(label: str, ring: SealedRing) -> bytes:
    return framed(label, ring.organisation_id, ring.version, ring.root_key_id, ring.public_key)
