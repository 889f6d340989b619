"""The verdict on a claimed place, in words: it rests on the photo and on what was measured in it, on nothing else."""

from engine.claims.clues import Agreement, ClaimTable, Clue, Source
from engine.claims.strength import NO_SUPPORT, ratio_words, strength_words

NOTHING = "Nothing in the photo speaks for or against this place."
_MOST_NAMED = 2


def headline(table: ClaimTable) -> str:
    """One or two sentences on the image evidence of a table."""
    ratio = table.log10_of(Source.IMAGE)
    against = [clue for clue in table.of(Source.IMAGE) if clue.agreement is Agreement.INCONSISTENT]
    if against:
        return f"Contradicted: {_contradiction(against[0])}"
    if ratio is None:
        return NOTHING
    words = strength_words(ratio)
    if words == NO_SUPPORT:
        return f"{NOTHING} What it shows is about as likely there as elsewhere."
    if ratio > 0:
        return (
            f"{words.capitalize()} for this place: what the photo shows is {ratio_words(ratio)} more likely there than "
            "elsewhere."
        )
    return (
        f"{words.capitalize()} for elsewhere: what the photo shows is {ratio_words(ratio)} more likely elsewhere "
        "than there."
    )


def analyst_sentence(table: ClaimTable) -> str:
    """What the analyst's statements say of the place; never counted as support from the photo."""
    rows = table.of(Source.ANALYST)
    if not rows:
        return ""
    against = [clue for clue in rows if clue.agreement is Agreement.INCONSISTENT]
    if against:
        named = "; ".join(_quoted(clue) for clue in against[:_MOST_NAMED])
        return f"Your statements contradict it: {named}. They are not counted in the verdict on the photo."
    poorly = [clue for clue in rows if clue.agreement is Agreement.DOUBTFUL]
    if poorly:
        named = "; ".join(_quoted(clue) for clue in poorly[:_MOST_NAMED])
        return f"Your statements fit it poorly: {named}. They are not counted in the verdict on the photo."
    count = "Your statement fits" if len(rows) == 1 else f"Your {len(rows)} statements fit"
    return f"{count} this place. That is your own knowledge, not evidence from the photo, and is not counted above."


def _contradiction(clue: Clue) -> str:
    expected = f"{clue.expected} expected there, {clue.observed}"
    if clue.misfit is None:
        return f"{clue.name.lower()}, {expected}, unless the reading is wrong."
    errors = "more than 30" if clue.misfit > 30 else f"{clue.misfit:.0f}"
    return f"{expected}, {errors} standard errors apart. Only a wrong measurement, date or time would explain it."


def _quoted(clue: Clue) -> str:
    return f"{clue.name.lower()}: {clue.expected} expected there, {clue.observed}" if clue.expected else clue.observed
