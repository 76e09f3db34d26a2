"""The faults that the log and the keys must survive, and the test that each of them is.

A fault whose test is renamed or removed is missed here, and not first in an incident.
"""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

FAULTS: dict[str, tuple[str, ...]] = {
    "writers killed with -9 on SQLite": (
        "tests/faults/test_crashes.py::test_nothing_acknowledged_is_lost_when_writers_are_killed",
        "tests/crashes/test_disclosing_at_every_point.py::"
        "test_killed_at_each_write_and_flush_of_the_file",
    ),
    "PostgreSQL stopped at once, or one of its processes killed": (
        "tests/faults/test_crashes.py::test_nothing_acknowledged_is_lost_when_the_server_crashes",
        "tests/crashes/test_disclosing_at_every_point.py::"
        "test_killed_before_and_after_each_statement",
    ),
    "a call on the log's file that fails": (
        "tests/crashes/test_failing_at_every_point.py::test_an_act_is_refused_or_kept_whole",
    ),
    "a call on the signer's files that fails": (
        "tests/crashes/test_failing_at_every_point.py::"
        "test_a_signer_never_gives_out_what_contradicts_what_it_gave_out",
    ),
    "a call on an export's files that fails": (
        "tests/crashes/test_failing_at_every_point.py::"
        "test_an_export_is_told_as_written_only_if_it_verifies",
    ),
    "a call on a witness's files that fails": (
        "tests/crashes/test_witness_at_every_point.py::test_it_signs_only_what_it_has_kept",
    ),
    "a rotation of the log's keys that breaks off": (
        "tests/crashes/test_failing_at_every_point.py::"
        "test_a_rotation_of_the_logs_keys_that_breaks_off_is_finished_or_never_was",
        "tests/faults/test_rotating_log_keys.py::test_the_keys_are_replaced_while_the_service_runs",
    ),
    "a full disk under the database": (
        "tests/faults/test_no_room.py::test_on_a_full_disk_nothing_is_half_done",
        "tests/faults/test_no_room.py::test_a_server_without_room_is_told_as_that",
        "tests/faults/test_no_room.py::test_when_there_is_room_again_every_act_goes_through",
    ),
    "a full disk outside": (
        "tests/audit/test_signer_keys.py::test_nothing_is_given_out_that_cannot_be_kept_outside",
    ),
    "twelve attacks, with and without a tree made anew": (
        "tests/faults/test_twelve_attacks.py::test_it_is_seen_and_never_signed",
        "tests/audit/test_tamper_campaign.py::"
        "test_every_way_of_tampering_is_caught_and_named_and_no_clean_log_is",
    ),
    "the known limit: cut after the last checkpoint outside": (
        "tests/faults/test_twelve_attacks.py::"
        "test_the_known_limit_what_came_after_the_last_checkpoint_outside_is_cut_unseen",
        "tests/faults/test_twelve_attacks.py::"
        "test_the_known_limit_is_as_long_as_the_signers_five_seconds",
    ),
    "fork, rollback and edited tree at a witness": (
        "tests/audit/test_witness.py::test_it_refuses_a_rollback",
        "tests/audit/test_witness.py::"
        "test_it_refuses_another_log_of_the_same_size_and_one_that_follows_it",
    ),
    "a backup restored under a running signer": (
        "tests/audit/test_signer.py::"
        "test_refuses_a_restored_backup_that_has_grown_past_the_signed_size",
        "tests/audit/test_signer_keys.py::"
        "test_log_and_state_both_put_back_are_seen_against_what_is_outside",
    ),
    "sixteen writers in two processes on an empty log": (
        "tests/faults/test_log_under_stress.py::"
        "test_sixteen_writers_in_two_processes_begin_an_empty_log_without_fork_or_gap",
    ),
    "a stale moment": (
        "tests/faults/test_log_under_stress.py::"
        "test_one_who_reads_a_stale_moment_is_told_to_try_again_and_never_forks",
        "tests/faults/test_log_under_stress.py::"
        "test_on_sqlite_whoever_may_write_holds_the_file_from_its_first_reading",
    ),
    "a savepoint rolled back, a fault after the entry, a commit that tells nothing": (
        "tests/records/test_transaction.py::"
        "test_what_a_rolled_back_savepoint_wrote_and_told_never_happened",
        "tests/records/test_transaction.py::test_a_write_of_any_kind_without_an_event_is_refused",
        "tests/records/test_transaction.py::"
        "test_a_row_whose_entry_was_never_told_cannot_be_committed",
        "tests/attacks/test_everything_is_told.py::"
        "test_nothing_is_shown_whose_entry_could_not_be_kept",
    ),
    "a clock that jumps": (
        "tests/faults/test_log_under_stress.py::"
        "test_a_clock_that_jumps_never_makes_an_entry_earlier_and_is_kept_where_it_went_back",
    ),
    "texts of every form": (
        "tests/faults/test_log_under_stress.py::test_what_was_told_comes_back_to_the_byte",
    ),
    "ciphertexts, wraps and owners exchanged": (
        "tests/attacks/test_swapped_rows.py::test_it_opens_nowhere_else",
    ),
    "one ciphertext with two texts": (
        "tests/keys/test_two_keys.py::test_the_second_key_is_refused_by_the_commitment",
    ),
    "erased, erased without an entry, and brought back": (
        "tests/flows/test_purging.py::test_a_case_goes_with_its_key_and_every_root_stays",
        "tests/flows/test_purging.py::test_details_that_go_without_an_entry_are_named",
        "tests/flows/test_purging.py::"
        "test_a_backup_brought_back_holds_the_case_is_not_signed_and_is_erased_again",
    ),
    "a stolen dump": (
        "tests/attacks/test_canaries.py::test_nothing_is_found_where_it_should_not_be",
        "tests/faults/test_enumeration.py::test_no_column_tells_a_number_to_one_who_tries_them_all",
    ),
    "somebody else's program verifies what we signed": (
        "tests/audit/test_go.py::test_go_accepts_every_checkpoint_and_refuses_a_flipped_bit",
    ),
    "every proof up to 130 entries": (
        "tests/audit/test_merkle.py::"
        "test_every_inclusion_proof_verifies_and_no_truncated_or_lengthened_one_does",
        "tests/audit/test_merkle.py::"
        "test_every_consistency_proof_verifies_and_no_truncated_or_lengthened_one_does",
    ),
    "read after erasure": (
        "tests/flows/test_after_erasure.py::test_everything_is_read_as_before",
        "tests/flows/test_after_erasure.py::test_an_export_is_made_and_verifies",
    ),
    "the database's password in a thief's hands": (
        "tests/records/test_database_role.py::test_the_services_password_does_not_rewrite_the_log",
    ),
}


@cache
def _tests_in(path: str) -> frozenset[str]:
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


@pytest.mark.parametrize("fault", FAULTS)
def test_it_has_its_test(fault: str) -> None:
    missing = [
        test for test in FAULTS[fault] if test.split("::")[1] not in _tests_in(test.split("::")[0])
    ]
    assert missing == []
