"""The same child in two districts' files: compared by weights of evidence, decided with care, and always undone if wrong.

Only this package may use Splink (`pip install commonground[linkage]`), and only when it trains or links.
"""

from commonground.engine.linkage.decide import (
    Accuracy,
    Bands,
    Decision,
    Pair,
    Undo,
    accuracy,
    calibrate,
    decide,
    join,
    take_back,
)
from commonground.engine.linkage.invented import invented_students
from commonground.engine.linkage.link import Linkage, blocked, link, train
from commonground.engine.linkage.model import SplinkMissing, Weights, in_words, looks_like_sibling
from commonground.engine.linkage.records import Person, columns_of, first_name, last_name, plain, street

__all__ = [
    "Accuracy",
    "Bands",
    "Decision",
    "Linkage",
    "Pair",
    "Person",
    "SplinkMissing",
    "Undo",
    "Weights",
    "accuracy",
    "blocked",
    "calibrate",
    "columns_of",
    "decide",
    "first_name",
    "in_words",
    "invented_students",
    "join",
    "last_name",
    "link",
    "looks_like_sibling",
    "plain",
    "street",
    "take_back",
    "train",
]
