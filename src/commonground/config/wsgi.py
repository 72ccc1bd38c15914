"""The entry for the web server."""

import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from commonground.config.proxy import TrustedProxy, networks

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "commonground.config.settings")
application = TrustedProxy(get_wsgi_application(), proxies=networks(settings.PROXIES))
