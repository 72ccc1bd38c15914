"""What is to be grouped: students, their attributes and numbers, rooms, and wishes."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from commonground.engine.values import InputError, whole_number, whole_numbers

RACE_WORDS = frozenset(
    {"race", "races", "racial", "ethnicity", "ethnicities", "ethnic", "raceethnicity", "hispanic", "latino", "latina"}
    | {"latinx", "bipoc", "nonwhite", "minority", "protected"}
)
HARD, SQUARES = 20.0, 0.5


class DecisionNeeded(InputError):
    """Grouping was asked to see race without a board's recorded decision."""


@dataclass(frozen=True, slots=True)
class BoardDecision:
    """A board's dated decision that lets grouping inside a filled program see race.

    on: the day, as ISO text. counsel: who advised. reference: where the decision is kept.
    """

    on: str
    counsel: str
    reference: str

    def __post_init__(self) -> None:
        if not (self.on.strip() and self.counsel.strip() and self.reference.strip()):
            raise InputError("a decision needs its day, the counsel who advised, and where it is kept")


@dataclass(frozen=True, slots=True)
class Wishes:
    """What should hold beside balance. Students and groups are positions from 0.

    together, apart: sets of students who must, or must not, share a group; all of them are kept or refused beforehand.
    locks: group per student that may not change. not_alone: attributes in which nobody should be the only one of a
    level in a group (it works against spreading one per group).
    friends: students of whom at least one should share the group. preferences: cost of each group per student, shape
    (students, groups), 0 for no objection; None for no preferences.
    """

    together: Sequence[Sequence[int]] = ()
    apart: Sequence[Sequence[int]] = ()
    locks: Mapping[int, int] = field(default_factory=dict)
    not_alone: Sequence[str] = ()
    friends: Mapping[int, Sequence[int]] = field(default_factory=dict)
    preferences: ArrayLike | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Task:
    """A checked grouping task as arrays.

    sizes: students per group. attributes: their names, in order. labels: (attribute, level) per column of the table.
    codes: column of each student and attribute, shape (students, attributes). weights: per column.
    share: of each column among all students. numbers: standardized, each followed by its standardized square,
    shape (students, 2 x numbers); number_weights: 1 and 0.5. wishes: as given. fingerprint: of all of this.
    """

    sizes: NDArray[np.int64]
    attributes: tuple[str, ...]
    labels: tuple[tuple[str, str], ...]
    codes: NDArray[np.int32]
    weights: NDArray[np.float64]
    share: NDArray[np.float64]
    number_names: tuple[str, ...]
    numbers: NDArray[np.float64]
    number_weights: NDArray[np.float64]
    wishes: Wishes
    decision: BoardDecision | None
    fingerprint: str

    @property
    def student_count(self) -> int:
        """How many students are grouped."""
        return int(self.codes.shape[0])

    @property
    def group_count(self) -> int:
        """How many groups there are."""
        return len(self.sizes)

    @property
    def ideal(self) -> NDArray[np.float64]:
        """What proportional shares would be, in students, shape (groups, columns)."""
        return np.outer(self.sizes, self.share)


def room_sizes(students: int, capacities: Sequence[int]) -> list[int]:
    """How many students each room gets: as even as the rooms allow.

    Raises InputError when they do not fit, or a number is not whole or below zero.

    >>> room_sizes(20, [10, 4, 10])
    [8, 4, 8]
    """
    for number, name in (
        (students, "the number of students"),
        *((one, "the capacity of a room") for one in capacities),
    ):
        whole_number(number, name=name)
    if students > sum(capacities):
        raise InputError(f"{students} students and {sum(capacities)} places; add a room or a larger one")
    sizes = [0] * len(capacities)
    for _ in range(students):
        open_rooms = (room for room in range(len(sizes)) if sizes[room] < capacities[room])
        sizes[min(open_rooms, key=lambda room: (sizes[room], room))] += 1
    return sizes


def grouping_task(
    sizes: Sequence[int],
    *,
    attributes: Mapping[str, Sequence[object]],
    numbers: Mapping[str, ArrayLike] | None = None,
    weights: Mapping[str, float] | None = None,
    wishes: Wishes | None = None,
    decision: BoardDecision | None = None,
) -> Task:
    """A checked task.

    sizes: students per group, adding up to the students there are (`room_sizes` spreads them over rooms).
    attributes: a level per student, by name; only these are seen, and every result prints them. numbers: shape
    (students,), a finite number each, such as a pre-test. weights: of an attribute or number, 1 where not given.
    decision: needed before an attribute may be race or ethnicity.
    Raises DecisionNeeded; InputError for lengths that differ, missing levels or numbers, sizes that do not add up,
    unknown students, groups or attributes in a wish.

    >>> task = grouping_task([2, 2], attributes={"district": ["W", "W", "S", "S"]})
    >>> task.labels, task.ideal.tolist()
    ((('district', 'S'), ('district', 'W')), [[1.0, 1.0], [1.0, 1.0]])
    """
    numbers, weights, wishes = numbers or {}, weights or {}, wishes or Wishes()
    lengths = {name: len(values) for name, values in attributes.items()}
    lengths |= {name: np.size(values) for name, values in numbers.items()}
    if len(set(lengths.values())) != 1:
        raise InputError(f"give every attribute and number one value per student; there are {lengths or 'none'}")
    (count,) = set(lengths.values())
    room = whole_numbers(sizes, name="group sizes").astype(np.int64)
    if not len(room) or room.min() < 1 or room.sum() != count:
        raise InputError(f"group sizes {list(sizes)} are for {count} students; give sizes of 1 or more that add up")
    for name in lengths:
        if decision is None and _is_about_race(name):
            raise DecisionNeeded(
                f"attribute {name!r} may be seen only with a board's dated decision; give it or leave it out"
            )
    for name in weights:
        if name not in lengths or not 0 <= weights[name] < np.inf:
            raise InputError(f"weight of {name!r}: give 0 or more, for an attribute or number of this task")
    codes, labels = _codes(attributes, count)
    table = _standardized(numbers, count)
    shares = np.bincount(codes.ravel(), minlength=len(labels)) / count
    _check_wishes(wishes, attributes, count, len(room))
    number_weights = [weights.get(name, 1.0) * part for name in numbers for part in (1.0, SQUARES)]
    return Task(
        sizes=room,
        attributes=tuple(attributes),
        labels=labels,
        codes=codes,
        weights=np.array([weights.get(name, 1.0) for name, _ in labels]),
        share=shares,
        number_names=tuple(numbers),
        numbers=table,
        number_weights=np.array(number_weights),
        wishes=wishes,
        decision=decision,
        fingerprint=_fingerprint(room, codes, table, wishes),
    )


def _is_about_race(name: str) -> bool:
    words = re.findall(r"[A-Z]?[a-z]+|[A-Z]+", name)
    return not RACE_WORDS.isdisjoint(word.lower() for word in words)


def _codes(
    attributes: Mapping[str, Sequence[object]], count: int
) -> tuple[NDArray[np.int32], tuple[tuple[str, str], ...]]:
    labels: list[tuple[str, str]] = []
    codes = np.empty((count, len(attributes)), np.int32)
    for place, (name, values) in enumerate(attributes.items()):
        for student, value in enumerate(values):
            if value is None or value != value:
                raise InputError(f"{name} of student {student} is missing; give a level, such as 'not known'")
        levels, level = np.unique([str(value) for value in values], return_inverse=True)
        codes[:, place] = level + len(labels)
        labels += [(name, str(one)) for one in levels]
    return codes, tuple(labels)


def _standardized(numbers: Mapping[str, ArrayLike], count: int) -> NDArray[np.float64]:
    """Each number with mean 0 and variance 1, and its square likewise; zeros where everyone is alike."""
    columns = []
    for name, values in numbers.items():
        try:
            column = np.asarray(values, float)
        except (TypeError, ValueError):
            raise InputError(f"{name} must be one number per student; one of them is no number") from None
        if not np.isfinite(column).all():
            at = int(np.argmin(np.isfinite(column)))
            raise InputError(f"{name} of student {at} is missing; give a number, or leave {name} out for everyone")
        for part in (column, (column - column.mean()) ** 2):
            spread = part.std()
            columns.append((part - part.mean()) / (spread or 1.0))
    return np.array(columns).reshape(-1, count).T.copy()


def _check_wishes(wishes: Wishes, attributes: Mapping[str, Sequence[object]], students: int, groups: int) -> None:
    named = [*(one for block in (*wishes.together, *wishes.apart) for one in block), *wishes.locks, *wishes.friends]
    named += [friend for friends in wishes.friends.values() for friend in friends]
    for one in named:
        if not 0 <= one < students:
            raise InputError(f"a wish names student {one}; students are numbered from 0 to {students - 1}")
    for student, group in wishes.locks.items():
        if not 0 <= group < groups:
            raise InputError(
                f"student {student} is locked to group {group}; groups are numbered from 0 to {groups - 1}"
            )
    for name in wishes.not_alone:
        if name not in attributes:
            raise InputError(f"nobody alone by {name!r}: this is not an attribute of the task")
    for student, friends in wishes.friends.items():
        if student in friends or not friends:
            raise InputError(f"student {student} must name at least one friend, and not itself")
    if wishes.preferences is not None and np.shape(wishes.preferences) != (students, groups):
        raise InputError(f"preferences have shape {np.shape(wishes.preferences)}; give (students, groups)")
    if wishes.preferences is not None and not np.isfinite(np.asarray(wishes.preferences, float)).all():
        raise InputError("a preference is missing; give 0 where a student has no objection")


def checked_group(task: Task, group: ArrayLike) -> NDArray[np.int64]:
    """The number of each student's group, shape (students,). Raises InputError where one is missing or unknown."""
    given = whole_numbers(group, name="groups").astype(np.int64)
    if given.shape != (task.student_count,) or given.min() < 0 or given.max() >= task.group_count:
        raise InputError(f"give one group from 0 to {task.group_count - 1} for each of {task.student_count} students")
    return given


def _fingerprint(
    sizes: NDArray[np.int64], codes: NDArray[np.int32], numbers: NDArray[np.float64], wishes: Wishes
) -> str:
    digest = hashlib.sha256()
    for table in (sizes, codes, numbers):
        digest.update(np.ascontiguousarray(table).tobytes())
    preferences = None if wishes.preferences is None else np.asarray(wishes.preferences, float).tolist()
    words = [
        [list(block) for block in wishes.together],
        [list(block) for block in wishes.apart],
        sorted(wishes.locks.items()),
        sorted(wishes.not_alone),
        sorted((student, list(friends)) for student, friends in wishes.friends.items()),
        preferences,
    ]
    digest.update(repr(words).encode())
    return digest.hexdigest()
