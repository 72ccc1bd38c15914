"""The pictures of the engine's pages, drawn from what the engine answers to the case by hand of each page.

    python docs/explanation/pictures/draw.py           writes the SVG files beside this one

A test draws them again and compares, so that a picture never shows what the engine no longer says.
"""

from fractions import Fraction
from math import log
from pathlib import Path

import numpy as np
from sheet import WIDTH, Picture

from commonground.engine.allocation import Basis, cost_shares
from commonground.engine.assignment import Applicant, Program, deferred_acceptance, market_of
from commonground.engine.disclosure import Attribute, cell, crossed, link, suppress
from commonground.engine.disparity import rate_ratio
from commonground.engine.grouping import balance_groups, grouping_task
from commonground.engine.integration import dissimilarity
from commonground.engine.mastery import Scale, average, decaying_average, most_recent, scores, weighted_average
from commonground.engine.networks import ei_index, network
from commonground.engine.surveys import cronbach_alpha
from commonground.engine.warning import Record, assess, rule_set

HERE = Path(__file__).parent


def integration():
    table = np.array([[60, 10], [40, 40]])
    found = dissimilarity(table).value
    shares = table / table.sum(axis=0)
    picture = Picture(
        186,
        title="Where all of group A and all of group B go to school",
        description="School 1 has 60 % of all of A and 20 % of all of B, school 2 has 40 and 80. Half the gaps: D = 0.40.",
    )
    for row, (name, school) in enumerate(zip(("School 1", "School 2"), shares, strict=True)):
        y = 22 + 68 * row
        picture.text(20, y + 28, name, "strong")
        for place, (group, share) in enumerate(zip("AB", school, strict=True)):
            picture.box(110, y + 27 * place, 400 * share, 22, f"g{place + 1}")
            picture.text(118 + 400 * share, y + 16 + 27 * place, f"{share:.0%} of all of {group}")
    picture.text(20, 172, f"Gaps 40 and 40 points, half their sum: D = {found:.2f}", "muted")
    return picture


def disparity():
    picture = Picture(
        170,
        title="36 of 40 against 16 of 80: 4.5 times as often, and how sure",
        description="Both intervals, Katz and Koopman, lie between about 2.9 and 7.2, far above 1, no difference.",
    )

    def at(ratio):
        return 110 + 500 * log(ratio) / log(10)

    for ratio in (1, 2, 3, 5, 10):
        picture.line(at(ratio), 122, at(ratio), 128)
        picture.text(at(ratio), 146, ratio, "muted", anchor="middle")
    picture.line(at(1), 125, at(10), 125)
    picture.line(at(1), 20, at(1), 120, "rule")
    picture.text(at(1) + 8, 32, "1: no difference", "muted")
    for row, method in enumerate(("katz", "koopman")):
        result, y = rate_ratio(36, 40, 16, 80, method=method), 58 + 38 * row
        picture.text(20, y + 5, method.capitalize(), "strong")
        picture.line(at(result.interval.low), y, at(result.interval.high), y, "reach")
        picture.diamond(at(4.5), y)
        picture.text(at(result.interval.high) + 10, y + 5, f"{result.interval.low:.2f} to {result.interval.high:.2f}")
    return picture


def disclosure():
    names, counts = ("Oak", "Elm", "Ash", "Fir"), (4, 15, 40, 60)
    rows = {cell({"place": name}): [place] for place, name in enumerate(names)} | {cell({}): [0, 1, 2, 3]}
    attributes = (
        Attribute("learner", frozenset({"yes", "no"}), threshold=10),
        Attribute("place", frozenset(names)),
    )
    table = crossed([[one] for one in counts], rows=rows, columns={cell({"learner": "yes"}): [0]})
    found = suppress(link(attributes, table))
    ranges = {one.cell.label: one for one in found.audit().ranges}
    picture = Picture(
        222,
        title="Two schools are hidden, and an attacker is left with 0 to 19 for each",
        description="Oak, 4, and Elm, 15, are hidden; each could be 0 to 19. Ash, 40, and Fir, 60, are shown.",
    )
    for row, (name, count) in enumerate(zip(names, counts, strict=True)):
        y, left = 24 + 42 * row, ranges.get(f"place {name}, learner yes")
        picture.text(20, y + 17, name, "strong")
        if left is None:
            picture.box(110, y, 7.5 * count, 24, "g1")
            picture.text(120 + 7.5 * count, y + 17, f"{count}, shown")
        else:
            picture.line(110 + 7.5 * left.low, y + 12, 110 + 7.5 * left.high, y + 12, "reach")
            picture.dot(110 + 7.5 * count, y + 12, "attend")
            picture.text(120 + 7.5 * left.high, y + 17, f"hidden: anything from {left.low} to {left.high} fits")
    picture.text(20, 208, f"All together {sum(counts)}, shown. The dot is the true count, which nobody sees.", "muted")
    return picture


def law():
    shares = {"New London-Spicer": Fraction(116, 1518), "Willmar": Fraction(2565, 4382)}
    low, high = (100 * float(one) for one in shares.values())
    picture = Picture(
        170,
        title="Willmar lies more than 20 points above its lowest neighbor",
        description="New London-Spicer 7.64 %, Willmar 58.53 %: 50.89 points apart. Beyond 27.64 % a neighbor is isolated.",
    )

    def at(percent):
        return 40 + 9.5 * percent

    picture.box(at(low), 60, at(low + 20) - at(low), 44, "band")
    picture.line(at(0), 104, at(64), 104)
    for percent in range(0, 70, 10):
        picture.line(at(percent), 101, at(percent), 107)
        picture.text(at(percent), 124, f"{percent} %", "muted", anchor="middle")
    picture.line(at(low + 20), 50, at(low + 20), 104, "rule")
    picture.text(at(low + 20) + 6, 74, f"more than {low + 20:.2f} %: isolated")
    picture.dot(at(low), 104, "g1", radius=7)
    picture.text(at(low), 40, f"New London-Spicer {low:.2f} %", "strong", anchor="start")
    picture.diamond(at(high), 104)
    picture.text(WIDTH - 20, 40, f"Willmar {high:.2f} %", "strong", anchor="end")
    picture.text(20, 156, f"Share of protected students, 2017-18; {high - low:.2f} points apart", "muted")
    return picture


def assignment():
    applicants = [
        Applicant("Cy", ("stem",)),
        Applicant("Ana", ("arts", "stem"), classes={"arts": 1}),
        Applicant("Ben", ("stem", "arts"), classes={"arts": 0}),
    ]
    market = market_of(applicants, [Program("arts", 1), Program("stem", 1)])
    seats = deferred_acceptance(market, [0, 1, 2]).by_name
    picture = Picture(
        190,
        title="A seat is kept only for now: Ben's better class takes arts from Ana",
        description="Cy asks stem and is kept. Ana asks arts and is kept until Ben, turned down at stem, asks arts.",
    )
    for place, words in enumerate(("first choice", "then", "then", "in the end")):
        picture.text(164 + 132 * place, 30, words, "muted")
    steps = {
        "Cy": (("stem", True), None, None),
        "Ana": (("arts", True), ("arts", False), ("stem", False)),
        "Ben": (("stem", False), ("arts", True), None),
    }
    for row, (name, asked) in enumerate(steps.items()):
        y = 68 + 44 * row
        picture.text(20, y + 5, f"{name}, number {row}", "strong")
        for place, step in enumerate(asked):
            if step is not None:
                picture.dot(172 + 132 * place, y, "g1" if step[1] else "open", radius=7)
                picture.text(186 + 132 * place, y + 5, f"{step[0]}: {'kept' if step[1] else 'no'}")
        picture.text(560, y + 5, seats[name] or "no seat", "strong")
    return picture


def grouping():
    levels = ["Spicer"] * 5 + ["Willmar"] * 55
    groups = balance_groups(grouping_task([20, 20, 20], attributes={"district": levels}), seed=1)
    held = sorted((one.count for one in groups.cells if one.level == "Spicer"), reverse=True)
    picture = Picture(
        178,
        title="Five students of Spicer in three groups of 20: two, two and one",
        description="The ideal is 1.67 in each group; 2, 2 and 1 miss it by 0.33, 0.33 and 0.67: nothing is better.",
    )
    for row, count in enumerate(held):
        y = 34 + 40 * row
        picture.text(20, y + 5, f"Group {row + 1}", "strong")
        for place in range(20):
            picture.dot(106 + 19 * place, y, "g1" if place < count else "open")
        picture.text(496, y + 5, f"{count}: {abs(count - 5 / 3):.2f} {'over' if count > 5 / 3 else 'under'} 1.67")
    picture.text(20, 164, f"Squares {groups.balance.sum_sq / 2:.2f}, the least there is", "muted")
    return picture


def warning():
    picture = Picture(
        206,
        title="Three absences or 15 % of the days enrolled: what each student's month says",
        description="3 of 20 days is high, 2 of 10 is high, 2 of 20 is not high, 1 of the first 5 cannot be said yet.",
    )
    for row, (absent, enrolled, is_whole) in enumerate(((3, 20, True), (2, 10, True), (2, 20, True), (1, 5, False))):
        record = Record({"month": {"absent_days": absent, "enrolled_days": enrolled}}, {"month": is_whole})
        says = assess(record, rules=rule_set("check-and-connect")).level("full-day absences").value
        y = 30 + 40 * row
        picture.text(20, y + 5, f"{absent} of {enrolled} days", "strong")
        for day in range(enrolled):
            picture.dot(136 + 18 * day, y, "attend" if day < absent else "open")
        picture.text(520, y + 5, says, "strong" if says == "high" else "")
    picture.text(20, 192, "Filled: absent. The denominator is the student's own days.", "muted")
    return picture


def mastery():
    evidence, scale = scores(2, 3, None, 4), Scale()
    methods = {
        "most recent": most_recent(evidence, scale=scale),
        "decaying 65/35": decaying_average(evidence, scale=scale),
        "weighted 65/35": weighted_average(evidence, scale=scale),
        "average": average(evidence, scale=scale),
    }
    picture = Picture(
        252,
        title="The same evidence, four rules, four scores",
        description="Scores 2, 3, missing, 4: most recent 4.00, decaying average 3.53, weighted 3.48, average 3.00.",
    )

    def at(score):
        return 200 - 42 * float(score)

    for score in range(5):
        picture.line(50, at(score), 330, at(score), "axis")
        picture.text(34, at(score) + 5, score, "muted", anchor="middle")
    for place, score in enumerate((2, 3, None, 4)):
        if score is None:
            picture.text(90 + 70 * place, at(0) + 22, "missing", "muted", anchor="middle")
        else:
            picture.dot(90 + 70 * place, at(score), "g1", radius=8)
    for place, (name, result) in enumerate(methods.items()):
        y = 28 + 26 * place
        picture.line(330, at(result.value), 384, y, "reach")
        picture.text(392, y + 5, f"{result.value} {name}")
    picture.text(20, 243, "Oldest first; missing is left out, not zero", "muted")
    return picture


def allocation():
    bases = [Basis("equal shares", {"A": 1, "B": 1}, "0.2"), Basis("enrollment", {"A": 300, "B": 100}, "0.8")]
    cents = cost_shares(10000, bases=bases).cents
    picture = Picture(
        150,
        title="$100.00: a fifth in equal parts, the rest by enrollment",
        description="A pays 10 and 60, together 70 dollars; B 10 and 20, together 30.",
    )
    for row, (name, by_enrollment) in enumerate((("A", 60), ("B", 20))):
        y = 26 + 44 * row
        picture.text(20, y + 21, name, "strong")
        picture.box(60, y, 60, 30, "g2")
        picture.text(90, y + 20, "$10", "on", anchor="middle")
        picture.box(122, y, 6 * by_enrollment, 30, "g1")
        picture.text(122 + 3 * by_enrollment, y + 20, f"${by_enrollment}", "on", anchor="middle")
        picture.text(134 + 6 * by_enrollment, y + 20, f"together ${cents[name] / 100:.2f}", "strong")
    picture.dot(28, 130, "g2")
    picture.text(40, 135, "equal shares", "muted")
    picture.dot(158, 130, "g1")
    picture.text(170, 135, "enrollment 300 and 100", "muted")
    return picture


def surveys():
    answers = np.array([[1, 2], [2, 2], [3, 4], [4, 5]])
    parts, whole = answers.var(axis=0, ddof=1), answers.sum(axis=1).var(ddof=1)
    alpha = cronbach_alpha(answers).value.raw
    picture = Picture(
        150,
        title="The sum varies more than its questions together: they measure one thing",
        description="Variances 1.67 and 2.25 of the two questions against 7.58 of their sum give alpha 0.967.",
    )
    picture.text(20, 44, "two questions", "strong")
    picture.box(150, 24, 50 * parts[0], 30, "g1")
    picture.box(152 + 50 * parts[0], 24, 50 * parts[1], 30, "g2")
    picture.text(164 + 50 * parts.sum(), 44, f"{parts[0]:.2f} + {parts[1]:.2f}")
    picture.text(20, 92, "their sum", "strong")
    picture.box(150, 72, 50 * whole, 30, "accent")
    picture.text(160 + 50 * whole, 92, f"{whole:.2f}")
    picture.text(20, 136, f"Variances. alpha = 2 x (1 - {parts.sum():.2f} / {whole:.2f}) = {alpha:.3f}", "muted")
    return picture


def networks():
    ties = [(0, 1), (0, 2), (1, 2), (3, 4), (4, 5), (2, 3), (0, 5)]
    found = ei_index(network(ties, dict(enumerate("XXXYYY")))).value
    places = [(90, 110), (200, 40), (240, 130), (430, 130), (560, 110), (330, 200)]
    picture = Picture(
        250,
        title="Two of seven ties cross; drawn from a hat, more than half would",
        description="Three students of district X and three of Y. Five ties lie inside, two across: E-I is -0.43.",
    )
    for one, other in ties:
        picture.line(*places[one], *places[other], "far" if (one < 3) != (other < 3) else "tie")
    for number, (x, y) in enumerate(places):
        if number < 3:
            picture.dot(x, y, "g1", radius=15)
        else:
            picture.box(x - 14, y - 14, 28, 28, "g2")
        picture.text(x, y + 5, number, "on strong", anchor="middle")
    picture.text(20, 32, "District X: circles", "muted")
    picture.text(WIDTH - 20, 32, "District Y: squares", "muted", anchor="end")
    picture.text(
        20, 238, f"Thick: across. E-I = {found.value:.2f}, by group sizes alone {found.expected:+.2f}", "muted"
    )
    return picture


def linkage():
    bits = (
        ("any two records", -14.8),
        ("first name same", 7.8),
        ("last name same", 9.7),
        ("birth date same", 11.9),
        ("street different", -2.1),
        ("postcode different", -2.1),
    )
    picture = Picture(
        272,
        title="Evidence adds up: from one in 28,000 to 1,350 to one",
        description="Start at -14.8 bits; first name, last name and birth date add 29.4, street and postcode take 4.2.",
    )

    def at(sum_of_bits):
        return 370 + 12 * sum_of_bits

    sum_so_far = 0.0
    picture.line(at(6.63), 16, at(6.63), 244, "rule")
    for row, (words, one) in enumerate(bits):
        y, before, sum_so_far = 22 + 32 * row, sum_so_far, sum_so_far + one
        picture.text(20, y + 16, words)
        picture.box(at(min(before, sum_so_far)), y, 12 * abs(one), 22, "g1" if one > 0 else "attend")
        picture.text(at(max(before, sum_so_far)) + 6, y + 16, f"{one:+.1f}", "muted")
    picture.text(20, 22 + 32 * 6 + 16, "sum", "strong")
    picture.diamond(at(sum_so_far), 22 + 32 * 6 + 11)
    picture.text(at(sum_so_far) + 14, 22 + 32 * 6 + 16, f"{sum_so_far:+.1f}: {1 - 1 / (1 + 2**sum_so_far):.4f}")
    picture.text(at(6.63) - 4, 262, "dashed: 0.99, linked without a person", "muted", anchor="middle")
    return picture


def simulation():
    now, changed = (0.52, 0.48, 0.55, 0.50), (0.61, 0.55, 0.62, 0.60)
    mean = sum(changed) / 4 - sum(now) / 4
    picture = Picture(
        236,
        title="The same lottery twice: what differs is the policy, not the luck",
        description="Four draws; in each the changed policy lies 0.07 to 0.10 above the present one.",
    )

    def at(share):
        return 190 - 900 * (share - 0.45)

    for share in (0.45, 0.5, 0.55, 0.6):
        picture.line(70, at(share), 480, at(share))
        picture.text(60, at(share) + 5, f"{share:.2f}", "muted", anchor="end")
    for place, (one, other) in enumerate(zip(now, changed, strict=True)):
        x = 120 + 100 * place
        picture.line(x, at(one), x, at(other), "reach")
        picture.dot(x, at(one), "g2", radius=7)
        picture.diamond(x, at(other), "g1")
        picture.text(x + 12, at(other) + 30, f"+{other - one:.2f}")
        picture.text(x, 218, f"draw {place + 1}", "muted", anchor="middle")
    picture.dot(510, 60, "g2", radius=7)
    picture.text(526, 65, "now")
    picture.diamond(510, 90, "g1")
    picture.text(526, 95, "changed")
    picture.text(500, 130, f"mean +{mean:.4f}", "strong")
    return picture


PICTURES = (
    integration, disparity, disclosure, law, assignment, grouping, warning,
    mastery, allocation, surveys, networks, linkage, simulation,
)  # fmt: skip


def drawn():
    """The text of every picture, by the name of its page."""
    return {make.__name__: make().svg() for make in PICTURES}


if __name__ == "__main__":
    for name, text in drawn().items():
        (HERE / f"{name}.svg").write_text(text, "utf-8")
