"""How numbers and days are written, by language: families here read 10,273 and 49.5 in every language.

Django finds this through FORMAT_MODULE_PATH. https://docs.djangoproject.com/en/5.2/topics/i18n/formatting/
"""
