"""A proxy in front of the site: believed about the visitor's address and about HTTPS, and only when it was named."""

import ipaddress
from collections.abc import Callable, Iterable
from typing import Any

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

_FORWARDED = ("HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO", "HTTP_X_FORWARDED_HOST", "HTTP_FORWARDED")


class TrustedProxy:
    """Takes the visitor's address and scheme from the named proxies, and what everybody else claims from nobody.

    proxies: the networks the proxies speak from. The last address of X-Forwarded-For that is no proxy is the visitor.
    """

    def __init__(self, application: Application, *, proxies: Iterable[Network]) -> None:
        self.application = application
        self.proxies = tuple(proxies)

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        claimed = {key: environ.pop(key) for key in _FORWARDED if key in environ}
        if self._is_proxy(environ.get("REMOTE_ADDR", "")):
            environ["REMOTE_ADDR"] = self._visitor(claimed.get("HTTP_X_FORWARDED_FOR", ""), environ["REMOTE_ADDR"])
            scheme = claimed.get("HTTP_X_FORWARDED_PROTO", "").strip().lower()
            environ["wsgi.url_scheme"] = "https" if scheme == "https" else "http"
        return self.application(environ, start_response)

    def _visitor(self, chain: str, nearest: str) -> str:
        for hop in reversed([part.strip() for part in chain.split(",") if part.strip()]):
            try:
                ipaddress.ip_address(hop)
            except ValueError:
                break
            nearest = hop
            if not self._is_proxy(hop):
                break
        return nearest

    def _is_proxy(self, address: str) -> bool:
        try:
            parsed = ipaddress.ip_address(address)
        except ValueError:
            return False
        return any(parsed in network for network in self.proxies)


def networks(text: str) -> tuple[Network, ...]:
    """The networks of a comma-separated list such as `127.0.0.1,10.0.0.0/8`. Raises ValueError naming the bad one."""
    return tuple(ipaddress.ip_network(part.strip()) for part in text.split(",") if part.strip())
