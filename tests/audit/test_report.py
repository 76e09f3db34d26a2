"""What is told when more is wrong than can be listed."""

from __future__ import annotations

from audit.report import FINDING_CAP, Findings


def test_one_kind_however_often_found_hides_no_other() -> None:
    found = Findings()
    for number in range(FINDING_CAP + 100):
        found.add("missing", number, "details.jsonl", "details without their entry")
    found.add("edited", None, "tile/entries/000", "the file is not as it was")
    found.add("edited", None, "tile/entries/001.p/44", "the file is not as it was")
    found.settle()
    assert [one.kind for one in found.listed] == ["missing"] * FINDING_CAP + ["edited"]
    assert found.left_out == 101
