"""A root key that is not a file: it stands for a module that never gives its key out."""

from __future__ import annotations

from app.keys import SealBroken


class HardwareRoot:
    """A root whose sealed bytes look like nothing of ours, as a hardware module's would."""

    key_id = "root-in-hardware"

    def __init__(self) -> None:
        self.kept: dict[bytes, tuple[bytes, bytes]] = {}

    def seal(self, plaintext: bytes, associated: bytes) -> bytes:
        handle = f"object {len(self.kept)}".encode()
        self.kept[handle] = (plaintext, associated)
        return handle

    def unseal(self, sealed: bytes, associated: bytes) -> bytes:
        plaintext, bound = self.kept[sealed]
        if bound != associated:
            raise SealBroken("object")
        return plaintext
