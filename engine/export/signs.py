"""What was read on signs as plain values, for JSON and the report."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from engine.evidence.statements.serialization import statement_to_json
from engine.signs.lines import TextLine
from engine.signs.proposals import Proposal
from engine.signs.reading import SignReading


def sign_facts(reading: SignReading, accepted: Collection[Proposal] = ()) -> dict[str, Any]:
    """``lines, unread, proposals, notes``; boxes are left, top, right and bottom in shares of the photo.

    Args:
        reading: of one photo.
        accepted: the proposals that became evidence.
    """
    return {
        "lines": [_line_facts(line) for line in reading.text.lines],
        "unread": [_line_facts(line) for line in reading.text.unread],
        "proposals": [_proposal_facts(each, each in accepted) for each in reading.proposals],
        "notes": list(reading.notes),
    }


def join_facts(facts: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What was read in several photos, one after the other."""
    return {name: [row for each in facts for row in each[name]] for name in ("lines", "unread", "proposals", "notes")}


def _line_facts(line: TextLine) -> dict[str, Any]:
    box = line.box
    facts: dict[str, Any] = {
        "text": line.text,
        "score": round(line.score, 4),
        "box": [round(edge, 5) for edge in (box.left, box.top, box.right, box.bottom)],
        "reader": line.reader,
    }
    if not line.is_read:
        facts["script"], facts["script_probability"] = line.script, round(line.script_probability, 4)
    return facts


def _proposal_facts(proposal: Proposal, accepted: bool) -> dict[str, Any]:
    return {
        "kind": proposal.kind,
        "sentence": proposal.sentence(),
        "reason": proposal.reason,
        "text": proposal.line.text,
        "score": round(proposal.line.score, 4),
        "lines": proposal.lines,
        "ticked": proposal.ticked,
        "accepted": accepted,
        "probability": proposal.probability,
        "statement": statement_to_json(proposal.statement),
    }
