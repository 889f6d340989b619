"""Names of segments: AA, AB, ..., AZ, BA, ...; names that a file gives are kept, and made different where two agree."""

from collections.abc import Iterable, Iterator
from itertools import count
from string import ascii_uppercase


def automatic_names() -> Iterator[str]:
    """AA, AB, ... ZZ, then AAA, AAB, ..."""
    for size in count(2):
        for number in range(26**size):
            yield "".join(ascii_uppercase[number // 26**place % 26] for place in reversed(range(size)))


def distinct_names(wanted: Iterable[str], taken: Iterable[str] = ()) -> tuple[str, ...]:
    """A name for each, none of them taken: an empty one gets the next automatic name, a repeated one a number."""
    used, made = set(taken), []
    wanted = list(wanted)
    free = (name for name in automatic_names() if name not in wanted)
    for name in wanted:
        found = name or next(each for each in free if each not in used)
        number = 2
        while found in used:
            found, number = f"{name} ({number})", number + 1
        used.add(found)
        made.append(found)
    return tuple(made)
