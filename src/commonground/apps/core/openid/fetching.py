"""Asking a provider's server: over TLS, outside this machine's own network, at the address that was checked, and briefly."""

import http.client
import json
import socket
import ssl
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.conf import settings

from commonground.apps.core.networks import is_outside
from commonground.apps.core.openid.refusing import SignInRefused

SECONDS, ALL_SECONDS = 5, 10
MOST_BYTES = 512 * 1024
THIS_MACHINE = {"localhost", "127.0.0.1", "::1"}


@dataclass(frozen=True)
class Place:
    """Where a URL leads. address: the numeric address that was checked. target: path and query, as the request says it."""

    host: str
    port: int
    address: str
    target: str
    is_secure: bool


def is_fit(url: str) -> bool:
    """Whether a URL has the form that people and this server may be sent to; asks no network.

    https with a host and nothing else that misleads; http only on this machine, and only where the site itself has no TLS,
    which `serve` refuses for a site that others reach.
    """
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname, parts.port
    except ValueError:
        return False
    if not host or parts.username is not None or parts.password is not None or parts.fragment or not url.isascii():
        return False
    if any(sign.isspace() or not sign.isprintable() or sign == "\\" for sign in url):
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and _is_this_machine(host))


def _is_this_machine(host: str) -> bool:
    return host in THIS_MACHINE and not settings.BEHIND_TLS


def checked_place(url: str) -> Place:
    """Where the URL leads, when it may be asked from here. Raises SignInRefused: address, port, name, inside.

    Every address of the name must lie outside, so that no page can be used to reach what only this machine reaches.
    COMMONGROUND_OPENID_HOSTS, set by the operator, names servers inside, or on other ports, that may be used all the same.
    """
    if not is_fit(url):
        raise SignInRefused("address")
    parts = urlsplit(url)
    host = str(parts.hostname)
    is_secure = parts.scheme == "https"
    port = parts.port or (443 if is_secure else 80)
    is_allowed = _is_this_machine(host) or f"{host}:{port}" in settings.INSIDE_OPENID_HOSTS
    if port != 443 and not is_allowed:
        raise SignInRefused("port")
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise SignInRefused("name") from None
    addresses = [str(entry[4][0]) for entry in found]
    if not is_allowed and not all(is_outside(one) for one in addresses):
        raise SignInRefused("inside")
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Place(host, port, addresses[0], target, is_secure)


class _Pinned(http.client.HTTPConnection):
    """Connects to the address that was checked, whatever the name would answer now; the name stands in the certificate."""

    def __init__(self, place: Place) -> None:
        super().__init__(place.host, place.port, timeout=SECONDS)
        self.place = place
        self.was_hung_up = False

    def connect(self) -> None:
        self.sock = socket.create_connection((self.place.address, self.place.port), self.timeout)
        if self.place.is_secure:
            trust = ssl.create_default_context()
            self.sock = trust.wrap_socket(self.sock, server_hostname=self.place.host, do_handshake_on_connect=False)
            self.sock.do_handshake()

    def hang_up(self) -> None:
        """End the conversation from outside, for a server that answers one letter at a time."""
        self.was_hung_up = True
        try:
            if self.sock is not None:
                self.sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass


@dataclass(frozen=True)
class Answer:
    """What a server answered. body: a JSON object, empty when it sent something else."""

    status: int
    body: dict[str, Any]


def ask(url: str, *, form: Mapping[str, str] | None = None, headers: Mapping[str, str] | None = None) -> Answer:
    """What the server at this URL answers, to a GET or with a form to a POST. Follows no redirect. Nothing is logged.

    Raises SignInRefused: those of `checked_place`, certificate, silent, strange (longer than 512 KiB).
    """
    place = checked_place(url)
    connection = _Pinned(place)
    watchdog = threading.Timer(ALL_SECONDS, connection.hang_up)
    watchdog.daemon = True
    watchdog.start()
    sent = {"Accept": "application/json", "User-Agent": "Commonground", **(headers or {})}
    if form is not None:
        sent["Content-Type"] = "application/x-www-form-urlencoded"
    try:
        connection.request(
            "POST" if form is not None else "GET", place.target, urlencode(form) if form is not None else None, sent
        )
        response = connection.getresponse()
        text = response.read(MOST_BYTES + 1)
    except ssl.SSLError:
        raise SignInRefused("certificate") from None
    except (OSError, http.client.HTTPException):
        raise SignInRefused("silent") from None
    finally:
        watchdog.cancel()
        connection.close()
    if connection.was_hung_up:
        raise SignInRefused("silent")
    if len(text) > MOST_BYTES:
        raise SignInRefused("strange")
    try:
        body = json.loads(text)
    except (ValueError, RecursionError):
        body = {}
    return Answer(response.status, body if isinstance(body, dict) else {})
