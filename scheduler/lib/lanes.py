"""Put things that overlap in time side by side."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass
class Lane:
    """Where one thing stands. number: 1 is the first. of: how many there are side by side. into: what it is part of.

    into: None, or the place in the sequence of the thing behind which this one is hidden, for there was no room.
    """

    number: int
    of: int = 1
    into: int | None = None


def lanes(starts: Sequence[int], length: int, most: int) -> list[Lane]:
    """Return a lane for each start; they are in order, and each thing is `length` long.

    What finds no room in `most` lanes is hidden behind the newest thing in the last of them.
    """
    found: list[Lane] = []
    group: list[Lane] = []
    ends: list[int] = []  # of the newest thing in each lane
    newest = 0  # in the last lane
    for place, start in enumerate(starts):
        if all(end <= start for end in ends):
            group, ends = [], []
        number = next((lane for lane, end in enumerate(ends) if end <= start), len(ends))
        if number == most:
            found.append(Lane(most, most, into=newest))
            continue
        ends[number : number + 1] = [start + length]
        newest = place if number == most - 1 else newest
        group.append(Lane(number + 1))
        found.append(group[-1])
        for one in group:
            one.of = len(ends)
    return found
