"""Who gets which seat: lotteries, priorities and reserves, drawn in public, checked, and explained to each family.

Give the engine ranked choices, priorities and seats (`market_of`, or `build_market` for arrays), run a mechanism, and
read the outcome, its certificate, and for every choice not obtained the reason. `compile_rules` turns a board's written
rules into priorities and can read only what the law lets decide a seat; race is not among it. `seal` and `draw` make a
lottery that a newspaper can run again with the one file `verify.py`.
"""

from commonground.engine.assignment.beacon import Beacon, drand_beacon
from commonground.engine.assignment.certificate import Certificate, Check
from commonground.engine.assignment.cycles import top_trading_cycles
from commonground.engine.assignment.deferred import deferred_acceptance, serial_dictatorship
from commonground.engine.assignment.grades import GradeRun, assign_grades
from commonground.engine.assignment.late import join_late
from commonground.engine.assignment.lottery import draw_numbers
from commonground.engine.assignment.market import Applicant, Market, build_market, market_of
from commonground.engine.assignment.outcome import Assignment
from commonground.engine.assignment.probability import (
    Chances,
    ExactChances,
    admission_chances,
    exact_admission_chances,
)
from commonground.engine.assignment.programs import (
    Block,
    Program,
    with_ceilings,
    with_overlapping_reserves,
    with_reserves,
)
from commonground.engine.assignment.propensity import Propensities, propensities
from commonground.engine.assignment.reasons import LastAdmitted, Reason, needed_number, reasons, waitlist
from commonground.engine.assignment.rolling import Offer, Waitlists, begin_waitlists, roll
from commonground.engine.assignment.rounds import Offers, immediate_acceptance, independent_lotteries
from commonground.engine.assignment.rules import (
    Application,
    Compiled,
    Condition,
    ForbiddenInput,
    Rule,
    RuleBook,
    application_from,
    compile_rules,
    rule_book_from,
)
from commonground.engine.assignment.sealed import Drawn, Sealed, commitment, draw, pseudonym, seal
from commonground.engine.assignment.secured import secure_seats
from commonground.engine.assignment.stable import program_proposing, stable_assignments

__all__ = [
    "Applicant",
    "Application",
    "Assignment",
    "Beacon",
    "Block",
    "Certificate",
    "Chances",
    "Check",
    "Compiled",
    "Condition",
    "Drawn",
    "ExactChances",
    "ForbiddenInput",
    "GradeRun",
    "LastAdmitted",
    "Market",
    "Offer",
    "Offers",
    "Program",
    "Propensities",
    "Reason",
    "Rule",
    "RuleBook",
    "Sealed",
    "Waitlists",
    "admission_chances",
    "application_from",
    "assign_grades",
    "begin_waitlists",
    "build_market",
    "commitment",
    "compile_rules",
    "deferred_acceptance",
    "drand_beacon",
    "draw",
    "draw_numbers",
    "exact_admission_chances",
    "immediate_acceptance",
    "independent_lotteries",
    "join_late",
    "market_of",
    "needed_number",
    "program_proposing",
    "propensities",
    "pseudonym",
    "reasons",
    "roll",
    "rule_book_from",
    "seal",
    "secure_seats",
    "serial_dictatorship",
    "stable_assignments",
    "top_trading_cycles",
    "waitlist",
    "with_ceilings",
    "with_overlapping_reserves",
    "with_reserves",
]
