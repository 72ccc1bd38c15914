"""Which addresses lie outside this machine's own network: the only ones that a page may make the server reach."""

import ipaddress

_THROUGH_NAT64 = ipaddress.ip_network("64:ff9b::/96")  # RFC 6052: the last four bytes are an IPv4 address


def is_outside(address: str) -> bool:
    """Whether a numeric address is reached over the internet, also when it hides another one inside.

    Not this machine, no private, link-local, shared, reserved or multicast range.

    >>> is_outside("93.184.216.34"), is_outside("169.254.169.254"), is_outside("::ffff:10.0.0.1")
    (True, False, False)
    """
    ip = ipaddress.ip_address(address.split("%", 1)[0])
    if isinstance(ip, ipaddress.IPv6Address):
        hidden = ip.ipv4_mapped or ip.sixtofour
        if ip in _THROUGH_NAT64:
            hidden = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        ip = hidden or ip
    return ip.is_global and not ip.is_multicast
