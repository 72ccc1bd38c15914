"""The Django project: settings, addresses, the entry for the web server."""
