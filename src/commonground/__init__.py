"""Commonground: the software that school-integration collaboratives run on."""

__version__ = "2027.1.dev0"
