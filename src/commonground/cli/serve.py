"""The web server."""

import argparse
import sys
from pathlib import Path

HELP = "serve the site: on this machine, or beyond it behind TLS"
# One that begins just then hears nothing of being asked to stop. Less than the supervisor's patience.
STOP_WITHIN_SECONDS = 8
BESIDE = {"class": "logging.StreamHandler", "formatter": "generic", "stream": "ext://sys.stderr"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--address", default="127.0.0.1", help="where to listen (this machine only, unless TLS is set up)"
    )
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--certificate", type=Path, metavar="FILE", help="the TLS certificate with its chain, as PEM")
    parser.add_argument("--key", type=Path, metavar="FILE", help="the private key of the certificate, as PEM")


def run(arguments: argparse.Namespace) -> int:
    from commonground.cli._exposure import NotSafeToServe, refuse_unless_safe
    from commonground.cli._site import RolePassesWalls, refuse_a_role_that_passes_walls, setup

    setup()
    try:
        refuse_unless_safe(address=arguments.address, certificate=arguments.certificate, key=arguments.key)
        refuse_a_role_that_passes_walls()
    except (NotSafeToServe, RolePassesWalls) as refused:
        print(refused, file=sys.stderr)
        return 1
    from django.conf import settings
    from django.db import connection
    from granian import Granian
    from granian.constants import Interfaces, SSLProtocols
    from granian.log import LogLevels

    settings.STATIC_ROOT.mkdir(mode=0o700, exist_ok=True)
    # Loaded once, before the workers are forked: they answer at once, and none is asked to stop while it still loads and is deaf.
    from commonground.config import wsgi  # noqa: F401

    # The workers are forked: with a connection of this process open, two readers would be answered through the same one.
    connection.close()
    connection.close_pool()  # type: ignore[attr-defined]
    Granian(
        "commonground.config.wsgi:application",
        address=arguments.address,
        port=arguments.port,
        interface=Interfaces.WSGI,
        workers=arguments.workers,
        blocking_threads=2,
        log_access=False,
        log_level=LogLevels.warning,
        # What `start --once` prints is one line of JSON: a word of warning goes beside it, not into it.
        log_dictconfig={"handlers": {"console": BESIDE, "access": BESIDE}},
        websockets=False,
        respawn_failed_workers=True,
        workers_kill_timeout=STOP_WITHIN_SECONDS,
        ssl_cert=arguments.certificate,
        ssl_key=arguments.key,
        ssl_protocol_min=SSLProtocols.tls12,
    ).serve()
    return 0
