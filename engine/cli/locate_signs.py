"""``hereabouts locate --read-signs``: signs are read, and what they propose is told or accepted."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from engine.errors import HereaboutsError, InputError
from engine.evidence.statements.evidence import SIGN_PREFIX, Evidence
from engine.locate.settings import Settings
from engine.photos.photo import Photo

if TYPE_CHECKING:  # reading signs loads tables that a photo without them does not need
    from engine.signs.proposals import Proposal
    from engine.signs.reading import SignReading


class ReadSigns(StrEnum):
    """What is done with the text in photos."""

    OFF = "off"
    PROPOSE = "propose"
    ACCEPT = "accept"


def parse_read_signs(text: str) -> ReadSigns:
    """The value of ``--read-signs``.

    Raises:
        InputError: it is none of the three words.
    """
    if text not in set(ReadSigns):
        raise InputError(f"--read-signs is {text!r}; use off, propose or accept.")
    return ReadSigns(text)


@dataclass(frozen=True)
class Signs:
    """What was read in one photo, and what of it counts.

    Attributes:
        reading: what was read; None where nothing was, see ``trouble``.
        accepted: the proposals that become evidence.
        trouble: why nothing was read, in one sentence.
    """

    reading: "SignReading | None" = None
    accepted: "tuple[Proposal, ...]" = ()
    trouble: str = ""

    def facts(self) -> dict[str, Any]:
        """As plain values, see ``engine.export.signs``."""
        if self.reading is None:
            return {"lines": [], "unread": [], "proposals": [], "notes": [self.trouble]}
        from engine.export.signs import sign_facts

        return sign_facts(self.reading, self.accepted)


def read_for(photo: Photo, how: ReadSigns) -> Signs | None:
    """The signs of a photo, or None where they are not to be read; whatever fails is a sentence, the map stands."""
    if how is ReadSigns.OFF:
        return None
    from engine.signs.reading import read_signs

    try:
        reading = read_signs(photo.pixels)
    except HereaboutsError as error:
        return Signs(trouble=str(error))
    ticked = tuple(each for each in reading.proposals if each.ticked)
    return Signs(reading, ticked if how is ReadSigns.ACCEPT else ())


def add_signs(settings: Settings, signs: Sequence[Signs | None]) -> Settings:
    """The settings with accepted proposals as evidence, each statement once."""
    taken = {each.id for each in settings.evidence}
    known = {each.statement for each in settings.evidence}
    added: list[Evidence] = []
    for proposal in (each for one in signs if one is not None for each in one.accepted):
        if proposal.statement not in known:
            known.add(proposal.statement)
            number = next(n for n in range(1, len(taken) + 2) if f"sign-{n}" not in taken)
            added.append(proposal.evidence(f"{SIGN_PREFIX}{number}"))
            taken.add(added[-1].id)
    return replace(settings, evidence=(*settings.evidence, *added)) if added else settings


def joint_sign_facts(signs: Sequence[Signs | None]) -> dict[str, Any]:
    """The facts of several photos one after the other."""
    from engine.export.signs import join_facts

    return join_facts([each.facts() for each in signs if each is not None])


def readable_signs(facts: dict[str, Any]) -> list[str]:
    """Lines for people: what was read and what it proposes."""
    lines = [f"  sign: {line['text']!r}, score {line['score']:.2f}" for line in facts["lines"]]
    for each in facts["proposals"]:
        word = "accepted" if each["accepted"] else "proposed" if each["ticked"] else "uncertain"
        lines.append(f"  {word}: {each['sentence']} ({each['reason']})")
    return lines + [f"  note: {note}" for note in facts["notes"]]
