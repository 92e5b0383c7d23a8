"""A value held against the limits that the documents set for it."""

from __future__ import annotations

from fractions import Fraction

import pytest

from agents.tasks.continuing import beyond

BOILER = "Boiler pressure: keep it between 1.5 and 2.5 bar. Under 1.5: fill up water. Over 2.5: open the valve."
CELLAR = "酒窖湿度要在百分之 60 到 75 之间。低于 60，开加湿器；高于 75，开窗。"
WEIR = "When the gauge at the weir shows more than 1.8 m no boat goes out."
TRIPS = "Trips of the team that cost more than 30 euros need a signature. The pressure of work is high."


@pytest.mark.parametrize(
    ("value", "about", "text", "said"),
    [
        (
            "2.9",
            "What is the boiler pressure? Pressure of the boiler now, in bar.",
            BOILER,
            "Over 2.5: open the valve.",
        ),
        (
            "1.2",
            "What is the boiler pressure? Pressure of the boiler now, in bar.",
            BOILER,
            "Under 1.5: fill up water.",
        ),
        ("2", "What is the boiler pressure? Pressure of the boiler now, in bar.", BOILER, ""),
        ("81", "酒窖湿度多少？酒窖现在的湿度。", CELLAR, "高于 75，开窗。"),
        # it is about no metres
        ("1.9", "How high is the river now? Height of the river at the weir gauge, in metres.", WEIR, WEIR),
        ("40", "What is the boiler pressure? Pressure of the boiler now, in bar.", TRIPS, ""),  # money is no pressure
    ],
)
def test_what_is_said_of_a_value_beyond_a_limit(value: str, about: str, text: str, said: str) -> None:
    assert beyond(Fraction(value), about, [text]) == said
