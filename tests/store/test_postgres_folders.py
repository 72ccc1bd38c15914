"""The launcher and the folders it is given: long, moved and copied ones, and folders of other programs."""

import os
import shutil

import psutil
import pytest
from tests.store.servers import ask, start, write

from commonground.store import postgres
from commonground.store.postgres import binaries as programs
from commonground.store.postgres import processes

pytestmark = [pytest.mark.database, pytest.mark.slow]

AS_ROOT = os.geteuid() == 0


def test_a_long_path_gets_a_short_socket_folder(tmp_path):
    data = tmp_path / ("a long name " * 9) / "data"
    try:
        server = start(data)
        assert len(f"{server.socket_dir}/.s.PGSQL.{server.port}") <= 103
        assert ask(server, "SELECT 1") == 1

        postgres.stop(data)

        assert start(data).socket_dir == server.socket_dir
    finally:
        postgres.stop(data)


def test_a_path_may_hold_spaces_quotes_and_letters_of_any_language(tmp_path):
    data = tmp_path / "Ms. O'Brien's \"data\", año 1"
    try:
        assert ask(start(data), "SELECT 1") == 1
    finally:
        postgres.stop(data)


def test_a_moved_data_folder_starts_where_it_is(data, tmp_path):
    write(start(data), "CREATE TABLE kept AS SELECT 7 AS value")
    postgres.stop(data)
    moved = data.rename(tmp_path / "moved")

    try:
        server = start(moved)
        assert ask(server, "SELECT value FROM kept") == 7
        assert not data.exists()
    finally:
        postgres.stop(moved)


def test_a_data_folder_moved_under_its_server_gets_a_new_server(data, tmp_path):
    first = start(data)
    write(first, "CREATE TABLE kept AS SELECT 7 AS value")
    moved = data.rename(tmp_path / "moved")

    try:
        server = start(moved)
        assert ask(server, "SELECT value FROM kept") == 7
        assert not psutil.pid_exists(first.pid) or server.pid == first.pid
        assert len([p for p in processes.serving(moved / "postgres") if p.pid == server.pid]) == 1
    finally:
        postgres.stop(moved)


def test_a_copied_data_folder_is_a_cluster_of_its_own(data, tmp_path):
    first = start(data)
    write(first, "CREATE TABLE kept AS SELECT 7 AS value")
    postgres.stop(data)
    copy = tmp_path / "copy"
    shutil.copytree(data, copy, ignore=shutil.ignore_patterns(".s.*"))  # as root, all of it now belongs to root

    try:
        first, second = start(data), start(copy)
        assert second.pid != first.pid
        assert ask(second, "SELECT value FROM kept") == 7
    finally:
        postgres.stop(copy)


def test_a_cluster_of_another_version_is_refused_with_what_to_do(data):
    start(data)
    postgres.stop(data)
    (data / "postgres" / "PG_VERSION").write_text("17\n")

    with pytest.raises(postgres.ServerFailed, match="commonground backup"):
        start(data)


def test_any_folder_of_programs_may_be_given(data, tmp_path):
    linked = tmp_path / "elsewhere"
    linked.symlink_to(programs.find().parent)

    assert ask(start(data, binaries=linked), "SELECT 1") == 1


def test_programs_older_than_16_are_refused(data, open_folder):
    for name in ("postgres", "initdb"):
        (open_folder / name).write_text(f"#!/bin/sh\necho '{name} (PostgreSQL) 15.8'\n")
        (open_folder / name).chmod(0o755)

    with pytest.raises(postgres.NoBinaries, match="version 16 or later"):
        start(data, binaries=open_folder)


def test_a_folder_without_programs_is_refused(data, tmp_path):
    with pytest.raises(postgres.NoBinaries, match="no PostgreSQL program"):
        start(data, binaries=tmp_path)


def test_the_environment_may_name_the_programs(data, tmp_path, monkeypatch):
    monkeypatch.setenv("COMMONGROUND_POSTGRES", str(tmp_path))

    with pytest.raises(postgres.NoBinaries, match="no PostgreSQL program"):
        start(data)
