"""Envelope encryption: root, rings, case keys, notes, deliveries, fields.

Takes and gives frozen values, knows no database, clock or law. Start with `RootKey.load`, then
`SoftwareKeyring(root).open_ring(...)`, then `ring.unwrap_case_key(...)`.
"""

from app.keys.age import encrypt_to_age, is_age_key
from app.keys.case_key import CaseKey, SealedNote, WrappedCaseKey, case_of_key_id, new_case_key
from app.keys.delivery import DeliveryContent, SealedDelivery, seal_delivery
from app.keys.envelope import ct_hash
from app.keys.errors import (
    KeyFault,
    RingOfAnotherRoot,
    RootKeyCorrupt,
    RootKeyExists,
    RootKeyExposed,
    RootKeyFault,
    RootKeyMissing,
    RootKeyPurpose,
    RootKeyUnreadable,
    RootKeyWrong,
    SealBroken,
    TextTooLong,
    TooLong,
)
from app.keys.event_sealer import EventSealer, event_sealer
from app.keys.field_seal import key_version_of, sealed_before
from app.keys.keyring import Keyring, RootSeal, SealedRing, SoftwareKeyring
from app.keys.padding import LONGEST, SIZE_CLASSES, too_long
from app.keys.ring import Ring
from app.keys.rings import Rings
from app.keys.root_key import Purpose, RootKey
from app.keys.timestamp import StampFalse, StampRequest, check_stamp, request_stamp

__all__ = [
    "LONGEST",
    "SIZE_CLASSES",
    "CaseKey",
    "DeliveryContent",
    "EventSealer",
    "KeyFault",
    "Keyring",
    "Purpose",
    "Ring",
    "RingOfAnotherRoot",
    "Rings",
    "RootKey",
    "RootKeyCorrupt",
    "RootKeyExists",
    "RootKeyExposed",
    "RootKeyFault",
    "RootKeyMissing",
    "RootKeyPurpose",
    "RootKeyUnreadable",
    "RootKeyWrong",
    "RootSeal",
    "SealBroken",
    "SealedDelivery",
    "SealedNote",
    "SealedRing",
    "SoftwareKeyring",
    "StampFalse",
    "StampRequest",
    "TextTooLong",
    "TooLong",
    "WrappedCaseKey",
    "case_of_key_id",
    "check_stamp",
    "ct_hash",
    "encrypt_to_age",
    "event_sealer",
    "is_age_key",
    "key_version_of",
    "new_case_key",
    "request_stamp",
    "seal_delivery",
    "sealed_before",
    "too_long",
]
