"""The entry for the web server."""

import gc
import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

from commonground.config.proxy import TrustedProxy, networks

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "commonground.config.settings")
application = TrustedProxy(get_wsgi_application(), proxies=networks(settings.PROXIES))
# Code, settings and addresses stay as long as the process: the collector need not walk through them within every answer.
_ = get_resolver().url_patterns
gc.freeze()
