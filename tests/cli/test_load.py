"""`commonground load` is the pages' own code: the same counts, the same refusals, behind the sender's walls."""

import json

import pytest
from django.db import connection
from tests.conftest import commonground
from tests.formats.bundles import small, with_row, write_folder, write_zip

pytestmark = pytest.mark.database


def load(*words):
    done = commonground("load", *map(str, words), COMMONGROUND_DATABASE=connection.settings_dict["NAME"])
    return done, json.loads(done.stdout) if "--json" in words and done.stdout else None


def test_the_report_has_the_promised_shape_and_adds_up(world, tmp_path):
    bundle = with_row(small(), "enrollments.csv", "e9,,,k1,s1,nobody,student,,,", "e3,,,k2,s1,u4,student,,,")

    done, report = load(write_zip(bundle, tmp_path / "b.zip"), "--district", "9001-01", "--json")

    assert done.returncode == 0, done.stderr
    assert {"format", "version", "batch", "read", "accepted", "held", "left_out", "problems", "preview"} <= set(report)
    # 3 orgs, 2 sessions, 1 course, 2 classes, 5 users, 5 enrollments, 1 demographics; one names nobody, one repeats.
    assert (report["read"], report["accepted"], report["held"], report["left_out"]) == (19, 17, 1, 1)
    assert set(report["preview"]) == {"new", "changed", "missing"}
    held = next(problem for problem in report["problems"] if problem["outcome"] == "held")
    assert (held["code"], held["file"], held["count"], held["first_lines"]) == (
        "user_unknown",
        "enrollments.csv",
        1,
        [5],
    )


def test_a_first_bundle_is_applied_only_with_first(world, tmp_path):
    path = write_folder(small(), tmp_path / "bundle")

    without, _ = load(path, "--district", "9001-01", "--apply")
    said_so, report = load(path, "--district", "9001-01", "--apply", "--first", "--json")

    assert without.returncode == 2
    assert "--first" in without.stderr
    assert (said_so.returncode, report["status"]) == (0, "applied")


def test_a_refused_file_exits_with_one_and_its_code(world, tmp_path):
    (tmp_path / "no.zip").write_bytes(b"no archive")

    done, report = load(tmp_path / "no.zip", "--district", "9001-01", "--json")

    assert done.returncode == 1
    (problem,) = report["problems"]
    assert problem["outcome"] == "refused"


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--district", "0000-99"], "No district has the state id"),
        (["--district", "9003-01"], "which coordinator"),
        (["--district", "9001-01", "--as", "otto@example.org"], "which coordinator"),
    ],
)
def test_who_may_not_send_is_told(world, tmp_path, words, sentence):
    done, _ = load(write_zip(small(), tmp_path / "b.zip"), *words)

    assert done.returncode == 2
    assert sentence in done.stderr


def batches(*words):
    return commonground("batches", *words, "--json", COMMONGROUND_DATABASE=connection.settings_dict["NAME"])


def test_a_checked_batch_is_applied_and_taken_back_from_the_command_line(world, tmp_path):
    load(write_zip(small(), tmp_path / "b.zip"), "--district", "9001-01")

    refused = batches("--district", "9001-01", "--apply", "1")
    applied = batches("--district", "9001-01", "--apply", "1", "--first")
    undone = batches("--district", "9001-01", "--undo", "1")
    again = batches("--district", "9001-01", "--undo", "7")

    assert (refused.returncode, again.returncode) == (2, 2)
    assert json.loads(applied.stdout)["batches"][0]["status"] == "applied"
    assert json.loads(undone.stdout)["batches"][0]["status"] == "undone"


def test_without_a_database_a_sentence_is_said_and_no_traceback(tmp_path):
    path = write_folder(small(), tmp_path / "bundle")

    done = commonground("load", str(path), "--district", "9001-01", COMMONGROUND_DATA=str(tmp_path / "nowhere"))

    assert done.returncode == 2
    assert "The database does not answer" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_database_without_tables_is_told_the_same_way(databases, server, tmp_path):
    path = write_folder(small(), tmp_path / "bundle")

    done = commonground("load", str(path), "--district", "9001-01", COMMONGROUND_DATABASE="postgres")

    assert done.returncode == 2
    assert "The database does not answer, or was never set up" in done.stderr
    assert "Traceback" not in done.stderr
