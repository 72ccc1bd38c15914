"""The demonstration: a collaborative of seven real districts with invented people, written as real exports look."""

from commonground.demonstration.world import World, write_bundles

__all__ = ["World", "write_bundles"]
