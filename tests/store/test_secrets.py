"""Secrets come from outside, or are made once."""

import stat
from concurrent.futures import ThreadPoolExecutor

import pytest

from commonground.store.secrets import SecretError, secret


def test_a_secret_is_generated_once(tmp_path):
    first = secret(tmp_path, "secret_key")

    assert secret(tmp_path, "secret_key") == first
    assert secret(tmp_path, "another") != first
    assert len(first) >= 43


def test_the_environment_gives_a_secret_itself_or_a_file_of_it(tmp_path, monkeypatch):
    (tmp_path / "key").write_text("from a file\n")
    monkeypatch.setenv("COMMONGROUND_SECRET_KEY_FILE", str(tmp_path / "key"))
    assert secret(tmp_path, "secret_key") == "from a file"

    monkeypatch.setenv("COMMONGROUND_SECRET_KEY", "itself")
    assert secret(tmp_path, "secret_key") == "itself"
    assert not (tmp_path / "secrets.json").exists()


def test_many_that_ask_at_once_get_the_same_secret(tmp_path):
    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(lambda _: secret(tmp_path, "secret_key"), range(8)))) == 1


def test_only_the_owner_can_read_them(tmp_path):
    secret(tmp_path, "secret_key")

    assert stat.S_IMODE((tmp_path / "secrets.json").stat().st_mode) == 0o600


@pytest.mark.parametrize("content", [None, "", " \n"])
def test_a_promised_file_that_holds_nothing_is_refused(tmp_path, monkeypatch, content):
    path = tmp_path / "key"
    if content is not None:
        path.write_text(content)
    monkeypatch.setenv("COMMONGROUND_SECRET_KEY_FILE", str(path))

    with pytest.raises(SecretError, match="COMMONGROUND_SECRET_KEY_FILE"):
        secret(tmp_path, "secret_key")
