"""A real web server over the test's database, for browsers."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from wsgiref.simple_server import WSGIRequestHandler, make_server

from django.core.servers.basehttp import ThreadedWSGIServer


@dataclass(frozen=True)
class Site:
    """A running site. url: without a slash at the end."""

    url: str


class Quiet(WSGIRequestHandler):
    def log_message(self, *_arguments) -> None:
        pass


@contextmanager
def serve(application=None) -> Iterator[Site]:
    """Serve the site (or another WSGI application) on a free port of localhost until the block ends."""
    from django.conf import settings
    from django.db import connections

    if application is None:
        from commonground.config.wsgi import application

    def closing(environ, start_response):
        answer = application(environ, start_response)
        try:
            yield from answer
        finally:
            # A file left open would be closed inside another request, and take its connection with it.
            getattr(answer, "close", lambda: None)()
            connections.close_all()

    server = make_server("localhost", 0, closing, server_class=Server, handler_class=Quiet)
    server.daemon_threads = True
    url = f"http://localhost:{server.server_address[1]}"
    trusted, settings.CSRF_TRUSTED_ORIGINS = settings.CSRF_TRUSTED_ORIGINS, [url]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield Site(url)
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
        settings.CSRF_TRUSTED_ORIGINS = trusted


class Server(ThreadedWSGIServer):
    def __init__(self, address, handler, **_options) -> None:
        super().__init__(address, handler, ipv6=False)
