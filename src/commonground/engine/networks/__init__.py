"""Ties between students of different groups, beside what chance and group sizes alone would give."""

from commonground.engine.networks.mixing import (
    Assortativity,
    ExternalInternal,
    GroupMixing,
    assortativity,
    ei_index,
    mixing_by_group,
)
from commonground.engine.networks.ties import Network, network

__all__ = [
    "Assortativity",
    "ExternalInternal",
    "GroupMixing",
    "Network",
    "assortativity",
    "ei_index",
    "mixing_by_group",
    "network",
]
