"""Who may give which role where: written into `core_rolegiving` at every migration; the database decides by it."""

from collections.abc import Iterator
from dataclasses import dataclass

from commonground.apps.core.roles import ROLES


@dataclass(frozen=True)
class Gives:
    """Who may give a role: holders of `giver`, at organizations of `kind`, as far as `reach`.

    here: at the organization of the giver's own grant · parts: at the schools of the giver's district · first: at a
    member district of the giver's collaborative that nobody ever led and that holds no records.
    """

    giver: str
    role: str
    reach: str
    kind: str


# Those without whom nobody could let anybody in: the last of them at an organization cannot be ended.
OWNER_AT = {"collaborative": "director", "joint_powers": "director", "district": "coordinator"}


def gives() -> Iterator[Gives]:
    """Every right to give a role: the owner of an organization gives what may be held there."""
    for role in ROLES.values():
        for kind in role.held_at:
            if kind in OWNER_AT:
                yield Gives(OWNER_AT[kind], role.key, "here", kind)
            if kind == "school":
                yield Gives("coordinator", role.key, "parts", kind)
    yield Gives("director", "coordinator", "first", "district")
