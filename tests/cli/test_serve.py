"""Serving beyond this machine: refused until it is safe, then over TLS; a named proxy is believed and nobody else."""

import datetime
import os
import socket
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request
import warnings
from http.client import HTTPException
from pathlib import Path

import pytest
from django.db import connection
from django.utils import timezone
from tests.conftest import FOLDER

from commonground.cli._exposure import NotSafeToServe, refuse_unless_safe
from commonground.config.proxy import TrustedProxy, networks
from commonground.store.secrets import secret


@pytest.fixture
def safe(settings, monkeypatch, tmp_path):
    """Everything that has to hold, holding: the certificate and the key."""
    settings.PUBLIC_ADDRESS, settings.DEBUG, settings.DEMONSTRATION_CODE = "https://cg.example.org", False, ""
    settings.PROXIES = ""
    monkeypatch.setenv("COMMONGROUND_SECRET_KEY", "given from outside, long enough for anybody")
    monkeypatch.setenv("DATABASE_URL", "postgresql://db.example.org/commonground")
    certificate, key = tmp_path / "certificate.pem", tmp_path / "key.pem"
    certificate.touch()
    key.touch()
    return {"address": "0.0.0.0", "certificate": certificate, "key": key}


def test_with_everything_in_place_the_site_is_served(safe):
    refuse_unless_safe(**safe)


def test_on_this_machine_alone_nothing_is_asked(settings, monkeypatch):
    settings.PUBLIC_ADDRESS = "http://localhost:8000"
    settings.ALLOWED_HOSTS, settings.PROXIES = ["localhost", "127.0.0.1", "[::1]"], ""
    monkeypatch.delenv("DATABASE_URL", raising=False)

    refuse_unless_safe(address="127.0.0.1", certificate=None, key=None)


@pytest.mark.parametrize(
    ("name", "value"),
    [("PROXIES", "127.0.0.1"), ("PROXIES", "10.0.0.0/8"), ("ALLOWED_HOSTS", ["localhost", "cg.example.org"])],
)
def test_a_named_proxy_or_host_brings_others_in_whatever_the_address(settings, monkeypatch, name, value):
    """Behind a proxy the server listens on this machine alone, and the demonstration's six digits would open it."""
    settings.PUBLIC_ADDRESS, settings.DEMONSTRATION_CODE = "http://localhost:8000", "314159"
    settings.ALLOWED_HOSTS, settings.PROXIES = ["localhost", "127.0.0.1", "[::1]"], ""
    setattr(settings, name, value)
    monkeypatch.delenv("DATABASE_URL", raising=False)

    with pytest.raises(NotSafeToServe, match="six digits"):
        refuse_unless_safe(address="127.0.0.1", certificate=None, key=None)


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda safe, settings, env: setattr(settings, "DEBUG", True), "COMMONGROUND_DEBUG"),
        (lambda safe, settings, env: setattr(settings, "DEMONSTRATION_CODE", "1"), "six digits"),
        (lambda safe, settings, env: setattr(settings, "PUBLIC_ADDRESS", "http://cg.example.org"), "https://"),
        (lambda safe, settings, env: setattr(settings, "PUBLIC_ADDRESS", "https://localhost"), "this machine only"),
        (lambda safe, settings, env: env.delenv("COMMONGROUND_SECRET_KEY"), "COMMONGROUND_SECRET_KEY_FILE"),
        (lambda safe, settings, env: env.delenv("DATABASE_URL"), "DATABASE_URL"),
        (lambda safe, settings, env: safe.update(certificate=None), "belong together"),
        (lambda safe, settings, env: safe.update(certificate=None, key=None), "COMMONGROUND_PROXIES"),
        (lambda safe, settings, env: safe["key"].unlink(), "cannot be read"),
    ],
)
def test_each_thing_that_is_missing_is_named(safe, settings, monkeypatch, spoil, said):
    spoil(safe, settings, monkeypatch)

    with pytest.raises(NotSafeToServe) as refused:
        refuse_unless_safe(**safe)

    lines = str(refused.value).splitlines()
    assert len(lines) == 2
    assert said in lines[1]


def test_a_named_proxy_may_end_tls_in_our_place(safe, settings):
    settings.PROXIES = "127.0.0.1"

    refuse_unless_safe(address="127.0.0.1", certificate=None, key=None)


def seen(environ, proxies="127.0.0.1,10.0.0.0/8"):
    """What the site believes of a request."""
    told = {}
    TrustedProxy(lambda environ, start: told.update(environ) or [], proxies=networks(proxies))(environ, None)
    return told["REMOTE_ADDR"], told["wsgi.url_scheme"], [key for key in told if "FORWARDED" in key]


@pytest.mark.parametrize(
    ("nearest", "chain", "scheme", "believed"),
    [
        ("127.0.0.1", "203.0.113.9", "https", ("203.0.113.9", "https")),
        ("127.0.0.1", "203.0.113.9", "http", ("203.0.113.9", "http")),
        # What the visitor put in front says nothing: the last address that is no proxy of ours is the visitor's.
        ("127.0.0.1", "127.0.0.1, 203.0.113.9, 10.1.2.3", "https", ("203.0.113.9", "https")),
        ("127.0.0.1", "nonsense", "https", ("127.0.0.1", "https")),
        ("127.0.0.1", "", "", ("127.0.0.1", "http")),
        # Nobody named: nothing is believed.
        ("203.0.113.9", "127.0.0.1", "https", ("203.0.113.9", "http")),
        ("", "127.0.0.1", "https", ("", "http")),
    ],
)
def test_only_a_named_proxy_is_believed(nearest, chain, scheme, believed):
    environ = {
        "REMOTE_ADDR": nearest,
        "wsgi.url_scheme": "http",
        "HTTP_X_FORWARDED_FOR": chain,
        "HTTP_X_FORWARDED_PROTO": scheme,
        "HTTP_X_FORWARDED_HOST": "evil.example.org",
        "HTTP_FORWARDED": "for=127.0.0.1",
    }

    assert seen(environ) == (*believed, [])


def test_a_proxy_that_is_no_address_is_refused():
    with pytest.raises(ValueError, match="proxy"):
        networks("127.0.0.1,proxy.example.org")


def self_signed(folder: Path) -> tuple[Path, Path]:
    """A certificate for localhost and its key."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = timezone.now()
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    files = folder / "certificate.pem", folder / "key.pem"
    files[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    files[1].write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return files


@pytest.mark.database
def only_tls_before_1_2() -> ssl.SSLContext:
    """An old client: it trusts anybody and speaks TLS 1.0 and 1.1 alone."""
    old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    old.check_hostname, old.verify_mode = False, ssl.CERT_NONE
    old.set_ciphers("DEFAULT:@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        old.minimum_version, old.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
    return old


def test_beyond_this_machine_the_site_answers_over_tls_only(world, databases, tmp_path):
    certificate, key = self_signed(tmp_path)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        unused_port = probe.getsockname()[1]
    dsn = (
        f"postgresql://cg_login:{secret(FOLDER, 'cg_login_password')}@localhost:{databases.server.port}"
        f"/{connection.settings_dict['NAME']}"
    )
    environ = os.environ | {
        "COMMONGROUND_ADDRESS": "https://cg.example.org",
        "COMMONGROUND_DEMONSTRATION_CODE": "",
        "COMMONGROUND_SECRET_KEY": "given from outside, long enough for anybody",
        "DATABASE_URL": dsn,
        "PYTHONPATH": os.pathsep.join(part for part in sys.path if part),
    }
    words = ["serve", "--address", "0.0.0.0", "--port", str(unused_port), "--workers", "1"]
    words += ["--certificate", str(certificate), "--key", str(key)]
    site = subprocess.Popen([sys.executable, "-m", "commonground", *words], env=environ, stderr=subprocess.PIPE)
    try:
        trusting = ssl.create_default_context(cafile=str(certificate))
        address = f"localhost:{unused_port}/account/sign-in/"
        answer = None
        deadline = time.monotonic() + 60
        while answer is None and time.monotonic() < deadline and site.poll() is None:
            try:
                answer = urllib.request.urlopen(f"https://{address}", context=trusting, timeout=5)
            except (urllib.error.URLError, OSError):
                continue
        assert answer is not None, site.stderr.read().decode() if site.poll() is not None else "no answer"
        assert answer.status == 200
        assert "max-age=31536000" in answer.headers["Strict-Transport-Security"]
        cookies = answer.headers.get_all("Set-Cookie")
        assert cookies
        assert all(cookie.startswith("__Host-") and "Secure" in cookie for cookie in cookies)
        with pytest.raises((urllib.error.URLError, HTTPException, OSError)):
            urllib.request.urlopen(f"http://{address}", timeout=5)
        with socket.create_connection(("localhost", unused_port)) as plain, pytest.raises(ssl.SSLError, match="ALERT"):
            only_tls_before_1_2().wrap_socket(plain)
    finally:
        site.terminate()
        site.communicate(timeout=20)
