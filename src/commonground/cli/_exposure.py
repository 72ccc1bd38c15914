"""What has to hold before anybody outside this machine can reach the site."""

import ipaddress
import os
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

LOCAL = {"localhost", "127.0.0.1", "::1"}


class NotSafeToServe(Exception):
    """Something must be put right before others may reach the site; the message lists all of it."""


def is_local(address: str) -> bool:
    """Whether only this machine can reach something that listens there."""
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return address in LOCAL


def refuse_unless_safe(*, address: str, certificate: Path | None, key: Path | None) -> None:
    """Raise NotSafeToServe when others can reach the site and something is missing; on this machine alone, all goes.

    A proxy that is named, or another host that is answered to, brings others in, wherever the server itself listens.

    address: where the server listens. certificate, key: its own TLS files, None when a named proxy ends TLS.
    """
    from django.conf import settings

    public = urlsplit(settings.PUBLIC_ADDRESS)
    answers_to = (address, public.hostname or "", *(host.strip("[]") for host in settings.ALLOWED_HOSTS))
    if all(map(is_local, answers_to)) and public.scheme == "http" and not settings.PROXIES:
        return
    missing = list(_missing(public.scheme, public.hostname or "", certificate, key))
    if missing:
        raise NotSafeToServe("Others could reach this site, so it is not served yet:\n" + "\n".join(missing))


def _missing(scheme: str, host: str, certificate: Path | None, key: Path | None) -> Iterator[str]:
    from django.conf import settings

    from commonground.store.secrets import given

    if scheme != "https":
        yield "- COMMONGROUND_ADDRESS must be the address that people open, and begin with https://."
    elif is_local(host):
        yield "- COMMONGROUND_ADDRESS names this machine only: give the name that people open."
    if bool(certificate) != bool(key):
        yield "- --certificate and --key belong together."
    elif certificate is None and not settings.PROXIES:
        yield "- Name the TLS files with --certificate and --key, or the proxy that ends TLS in COMMONGROUND_PROXIES."
    for path in (certificate, key):
        if path is not None and not os.access(path, os.R_OK):
            yield f"- {path} cannot be read."
    if given("secret_key") is None:
        yield "- The secret key was made up on this machine: give one in COMMONGROUND_SECRET_KEY_FILE."
    if not os.environ.get("DATABASE_URL"):
        yield "- The embedded PostgreSQL is for demonstrations: name a PostgreSQL 16 or later in DATABASE_URL."
    if settings.DEBUG:
        yield "- COMMONGROUND_DEBUG is on: it shows what it should not."
    if settings.DEMONSTRATION_CODE:
        yield "- The demonstration's sign-in code is on: it opens accounts with six digits."
