"""Engine tests run on busy machines too: a slow example is not a wrong one."""

from hypothesis import settings

settings.register_profile("engine", deadline=None)
settings.load_profile("engine")
