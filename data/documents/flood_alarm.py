"""Decide when a river station raises the flood alarm.

The rule is that of the maintenance procedure: the level must stay above the threshold for three readings in a row,
or rise by more than 30 cm within ten minutes.
"""

from dataclasses import dataclass

CONSECUTIVE_READINGS = 3
SUDDEN_RISE_CM = 30
WINDOW_MINUTES = 10
SIREN_SECONDS = 90


@dataclass(frozen=True)
class Reading:
    """One measurement of the water level."""

    minute: int
    level_cm: float


def alarm(readings: list[Reading], threshold_cm: float) -> bool:
    """Tell whether the siren should sound, given the readings so far, oldest first."""
    latest = readings[-CONSECUTIVE_READINGS:]
    if len(latest) == CONSECUTIVE_READINGS and all(r.level_cm > threshold_cm for r in latest):
        return True
    if not readings:
        return False
    now = readings[-1]
    recent = [r.level_cm for r in readings if now.minute - r.minute <= WINDOW_MINUTES]
    return now.level_cm - min(recent) > SUDDEN_RISE_CM
