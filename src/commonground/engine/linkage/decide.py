"""From weights of evidence to decisions: sibling guard, one to one, three bands, and the way back."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import isnan, log2
from typing import Literal

from commonground.engine.values import InputError

Band = Literal["automatic", "review", "apart"]


@dataclass(frozen=True, slots=True)
class Bands:
    """When a pair is linked without a person.

    automatic, review: least probability of the band. margin_bits: by how many bits of evidence a pair must beat the next
    best pair of either record to be automatic. Set them on a labeled sample of your own data (`calibrate`): a nominal
    0.99 is not a precision of 0.99.
    """

    automatic: float = 0.99
    review: float = 0.5
    margin_bits: float = 3.0

    def __post_init__(self) -> None:
        if not 0 < self.review <= self.automatic <= 1:
            raise InputError(f"bands {self.review} and {self.automatic}: give 0 < review <= automatic <= 1")
        if self.margin_bits < 0:
            raise InputError(f"a margin of {self.margin_bits} bits; give 0 or more")


@dataclass(frozen=True, slots=True, eq=False)
class Pair:
    """A compared pair; two pairs are never the same. left, right: identities. bits: log2 odds that both are one person.

    levels: what was found in each field, in words. looks_like_sibling: another first name beside the same, or nearly the
    same, birth date: twins and siblings share all the rest, which the model takes for independent evidence.
    """

    left: str
    right: str
    bits: float
    levels: Mapping[str, str]
    looks_like_sibling: bool = False

    @property
    def probability(self) -> float:
        """The odds as a probability."""
        return 1.0 / (1.0 + 2.0 ** -min(max(self.bits, -500.0), 500.0))


@dataclass(frozen=True, slots=True)
class Decision:
    """What becomes of a pair, and why. margin_bits: ahead of the next best pair of either record; None without one.

    is_best: it remains when each record is linked at most once. Pairs that look like siblings come last in this.
    """

    pair: Pair
    band: Band
    is_best: bool
    margin_bits: float | None
    reason: str


def decide(pairs: Iterable[Pair], *, bands: Bands | None = None) -> tuple[Decision, ...]:
    """A decision for every pair that reaches the review band, strongest evidence first; the others are apart.

    Both files are taken to hold each person once, so each record is linked at most once: the strongest pair first, ties
    by identity. A pair that looks like siblings is never automatic and never takes a record from another pair.
    Raises InputError for a pair given twice, or evidence that is no number.

    >>> twins = [Pair("a", "b", 9.0, {}, looks_like_sibling=True), Pair("a", "c", 8.0, {})]
    >>> [(one.pair.right, one.band) for one in decide(twins)]
    [('b', 'review'), ('c', 'review')]
    """
    bands = bands or Bands()
    least = _bits(bands.review)
    strong = sorted((pair for pair in pairs if not pair.bits < least), key=lambda one: (-one.bits, one.left, one.right))
    _check_pairs(strong)
    next_best = _next_best(strong)
    best = _one_to_one(strong)
    decisions = []
    for pair in strong:
        rivals = [next_best[end][pair.bits == next_best[end][0]] for end in _ends(pair)]
        margin = min((pair.bits - rival for rival in rivals if rival is not None), default=None)
        band, reason = _band(pair, pair in best, margin, bands)
        decisions.append(Decision(pair, band, pair in best, margin, reason))
    return tuple(decisions)


def _check_pairs(strong: list[Pair]) -> None:
    seen: set[tuple[str, str]] = set()
    for pair in strong:
        ends = (pair.left, pair.right)
        if ends in seen:
            raise InputError(f"the pair {pair.left} and {pair.right} was given twice; give each pair once")
        if isnan(pair.bits):
            raise InputError(f"the evidence for {pair.left} and {pair.right} is no number; score the pair again")
        seen.add(ends)


def _ends(pair: Pair) -> tuple[tuple[str, str], tuple[str, str]]:
    return ("left", pair.left), ("right", pair.right)


def _one_to_one(strong: Sequence[Pair]) -> set[Pair]:
    """The pairs that remain when each record is linked once: strongest first, those that look like siblings last."""
    taken: set[tuple[str, str]] = set()
    best = set()
    for pair in sorted(strong, key=lambda one: one.looks_like_sibling):
        if not taken.intersection(_ends(pair)):
            taken.update(_ends(pair))
            best.add(pair)
    return best


def _next_best(strong: Sequence[Pair]) -> dict[tuple[str, str], tuple[float, float | None]]:
    """The two strongest pairs of each record; the second is None where there is one pair only."""
    best: dict[tuple[str, str], tuple[float, float | None]] = {}
    for pair in strong:
        for end in _ends(pair):
            first, second = best.get(end, (pair.bits, None))
            is_new = end not in best
            best[end] = (first, second if is_new or second is not None else pair.bits)
    return best


def _band(pair: Pair, is_best: bool, margin: float | None, bands: Bands) -> tuple[Band, str]:
    if pair.looks_like_sibling:
        return (
            "review",
            "another first name beside the same birth date: a twin or sibling until a person says otherwise",
        )
    if not is_best:
        return "apart", "a stronger pair of one of the two records was chosen"
    if pair.bits < _bits(bands.automatic):
        return "review", f"probability {pair.probability:.3f} is below {bands.automatic}"
    if margin is not None and margin < bands.margin_bits:
        return "review", f"only {margin:.1f} bits ahead of the next best pair; {bands.margin_bits} are needed"
    return "automatic", f"probability {pair.probability:.4f}, no rival within {bands.margin_bits} bits"


def _bits(probability: float) -> float:
    return float("inf") if probability >= 1 else log2(probability / (1 - probability))


@dataclass(frozen=True, slots=True)
class Accuracy:
    """Against known links. blocked_recall: share of the true links that were compared at all: no threshold can find more.

    Each is None where nothing was linked, or there is no true link.
    """

    linked: int
    true: int
    right: int
    precision: float | None
    recall: float | None
    f1: float | None
    blocked_recall: float | None


def accuracy(
    linked: Iterable[tuple[str, str]],
    true: Iterable[tuple[str, str]],
    *,
    compared: Iterable[tuple[str, str]] | None = None,
) -> Accuracy:
    """How good links are. compared: all pairs that were compared, for the blocked recall; None leaves it out.

    >>> accuracy([("a", "1"), ("b", "3")], [("a", "1"), ("b", "2")]).precision
    0.5
    """
    linked, true = set(linked), set(true)
    right = len(linked & true)
    precision = right / len(linked) if linked else None
    recall = right / len(true) if true else None
    f1 = 2 * right / (len(linked) + len(true)) if linked and true else None
    reached = None if compared is None or not true else len(true & set(compared)) / len(true)
    return Accuracy(len(linked), len(true), right, precision, recall, f1, reached)


def calibrate(labeled: Sequence[tuple[float, bool]], *, precision: float) -> float | None:
    """The smallest probability from which on a labeled sample is at least so precise; None when none is.

    labeled: (probability, is truly one person) of pairs a person has looked at, about 200 for each pair of districts.
    Raises InputError for an empty sample, or a precision or probability outside 0 to 1.

    >>> calibrate([(0.99, True), (0.9, True), (0.8, False), (0.7, True)], precision=0.9)
    0.9
    """
    if not labeled or not 0 < precision <= 1:
        raise InputError(
            f"{len(labeled)} labeled pairs for a precision of {precision}; give some, and 0 < precision <= 1"
        )
    if not all(0 <= probability <= 1 for probability, _ in labeled):
        raise InputError("a probability of a labeled pair lies outside 0 to 1; give what `link` found")
    best, right = None, 0
    ordered = sorted(labeled, reverse=True)
    for count, (probability, is_same) in enumerate(ordered, start=1):
        right += is_same
        is_last_of_its_kind = count == len(ordered) or ordered[count][0] < probability
        if is_last_of_its_kind and right / count >= precision:
            best = probability
    return best


@dataclass(frozen=True, slots=True)
class Undo:
    """What it takes to go back: the groups as they were, whole. because: the decision; by: who took it."""

    before: tuple[frozenset[str], ...]
    joined: frozenset[str]
    because: Decision
    by: str


def join(groups: frozenset[frozenset[str]], decision: Decision, *, by: str) -> tuple[frozenset[frozenset[str]], Undo]:
    """Groups of records after two of them were found to be one person, and the way back.

    Raises InputError when a record is in no group, when both are in one already, or nobody answers for it.

    >>> one = decide([Pair("a", "b", 20.0, {})])[0]
    >>> groups, undo = join(frozenset({frozenset({"a"}), frozenset({"b"})}), one, by="liaison")
    >>> sorted(sorted(group) for group in take_back(groups, undo))
    [['a'], ['b']]
    """
    ends = [
        next((group for group in groups if one in group), None) for one in (decision.pair.left, decision.pair.right)
    ]
    if ends[0] is None or ends[1] is None or ends[0] == ends[1] or not by.strip():
        raise InputError(
            f"records {decision.pair.left!r} and {decision.pair.right!r} cannot be joined: each must be in a group of its "
            "own, and someone must answer for it"
        )
    before = (ends[0], ends[1])
    joined = ends[0] | ends[1]
    return groups - set(before) | {joined}, Undo(before, joined, decision, by)


def take_back(groups: frozenset[frozenset[str]], undo: Undo) -> frozenset[frozenset[str]]:
    """The groups as they were before, nothing lost. Raises InputError when the joined group has changed since.

    Take back the later joins first.

    >>> apart = frozenset({frozenset({"a"}), frozenset({"b"})})
    >>> joined, undo = join(apart, decide([Pair("a", "b", 20.0, {})])[0], by="liaison")
    >>> take_back(joined, undo) == apart
    True
    """
    if undo.joined not in groups:
        raise InputError(f"the group of {sorted(undo.joined)} has changed since; take back the later joins first")
    return groups - {undo.joined} | set(undo.before)
