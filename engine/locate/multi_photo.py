"""Several photos of one place: one map, without counting the same thing twice.

The prior is counted once, the analyst's statements are counted once, and what the photos say is pooled with a discount
for dependence. Photos of one place share more than the place: one camera, one hour, one street, and one model that is
wrong in the same way on all of them. Let the log-evidence of each of n photos miss the truth by an error of the same
size, and let two of these errors be correlated by rho. The mean of n such errors has the variance of

    n_eff = n / (1 + (n - 1) rho)

independent ones (the design effect of cluster samples, Kish 1965), so that the sum over the n photos is as sharp as
n_eff of them only if each counts n_eff / n. For Gaussian errors that is the exact likelihood of the place. rho = 0
takes the photos for independent and multiplies what they say; rho = 1 takes them for one photo seen n times and
averages it (a geometric mean). At rho = 0.5, the default, any number of photos weighs less than two independent ones.

Whether the photos show one place at all is asked of each photo against the others, see ``engine.locate.consistency``.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from engine.errors import InputError
from engine.inference.effects import areas_for_mass
from engine.inference.outcomes import Outcome
from engine.inference.search_map import SearchMap
from engine.locate.consistency import photo_fits
from engine.locate.locator import Locator
from engine.locate.result import Answer
from engine.locate.settings import Settings
from engine.photos.photo import Photo

DEPENDENCE = 0.5
"""Correlation of the errors of two photos of one place, unless the analyst says otherwise."""
DISAGREE = 0.05
"""A photo that fits the others less than this is named; one that leaves a twentieth to their places is not."""
MOST_PHOTOS = 100
"""Most photos of one case; each keeps a map of its own."""

REPORTED_MASS = 0.9
"""Share of a photo's own map whose area is told beside that of all photos together."""
NAMED = 3
"""Photos that a note names; of more their number is said."""

PhotoOutcomes = tuple[Photo, Sequence[Outcome]]


@dataclass(frozen=True, eq=False)
class PhotoShare:
    """One photo of several.

    Attributes:
        photo: the photo.
        answer: its map by itself, under the same settings.
        fit: to the other photos, 0 (each holds the other's places for unlikely) to 1 (nothing speaks against one).
            None for the only photo.
        mass_before_best: share of its own map in [0, 1] that is denser than the best place of all photos together;
            near 1 the best place of all is one that this photo holds for unlikely.
    """

    photo: Photo
    answer: Answer
    fit: float | None
    mass_before_best: float

    @property
    def disagrees(self) -> bool:
        """Whether it does not seem to show the place that the others show."""
        return self.fit is not None and self.fit < DISAGREE

    @cached_property
    def area_km2(self) -> float:
        """Of its own map, the area that holds ``REPORTED_MASS``; found without ranking a hundred maps."""
        return _area_km2(self.answer.search_map)

    @property
    def words(self) -> str:
        """How it fits the others, in a few words."""
        if self.fit is None:
            return "the only photo"
        if self.disagrees:
            return "does not fit the others"
        if self.answer.says_nothing:
            return "no usable cue; consistent with any location"
        return f"fits the others: {100 * self.fit:.0f} %"


@dataclass(frozen=True, eq=False)
class JointAnswer:
    """What several photos of one place say together.

    Attributes:
        answer: the joint map as an ordinary answer, so that regions, places, claims and leave-one-out work on it. Its
            ``photo`` has the lowest sha256 and stands for all; its ``settings`` hold the discounted weights.
        shares: one per different photo, in the order given.
        dependence: the correlation of errors that was assumed, 0 to 1.
        settings: what was chosen, before the discount.
        dropped: names of photos that were there before, byte for byte.
    """

    answer: Answer
    shares: tuple[PhotoShare, ...]
    dependence: float
    settings: Settings
    dropped: tuple[str, ...] = ()

    @property
    def search_map(self) -> SearchMap:
        """The joint map."""
        return self.answer.search_map

    @property
    def photos(self) -> int:
        """How many different photos there are."""
        return len(self.shares)

    @property
    def effective_photos(self) -> float:
        """How many independent photos they are worth."""
        return effective_photos(self.photos, self.dependence)

    @cached_property
    def area_km2(self) -> float:
        """Of the joint map, the area that holds ``REPORTED_MASS``."""
        return _area_km2(self.search_map)

    @cached_property
    def odd(self) -> tuple[PhotoShare, ...]:
        """The photos that disagree with the others, the worst first."""
        return tuple(sorted((one for one in self.shares if one.disagrees), key=lambda one: one.fit or 0.0))

    @cached_property
    def notes(self) -> tuple[str, ...]:
        """Sentences that the user should read, the warning of a disagreement first."""
        twice = [f"{name} is a copy of another photo and was counted once." for name in self.dropped]
        nothing = [self.answer.silence("in these photos")] if self.answer.says_nothing else []
        told = [*self.warning, *twice, *_named(self.shares), *_of_statements(self.answer), *nothing]
        return tuple(dict.fromkeys(told if self.photos > 1 else [*twice, *self.answer.notes]))

    @property
    def warning(self) -> tuple[str, ...]:
        """A sentence on photos that do not seem to show the place of the others, if there are any."""
        if not self.odd:
            return ()
        if 2 * len(self.odd) < self.photos:
            names = " and ".join(one.photo.name for one in self.odd)
            does, it = ("does", "it") if len(self.odd) == 1 else ("do", "them")
            return (f"{names} {does} not seem to show the same place as the others; look at the map without {it}.",)
        return ("These photos do not seem to show one place; look at the map of each before you use this one.",)


def answer_together(
    locator: Locator,
    photos: Sequence[PhotoOutcomes],
    settings: Settings | None = None,
    dependence: float = DEPENDENCE,
) -> JointAnswer:
    """One answer for several photos of one place; for one photo the same map as ``Locator.answer``.

    Args:
        locator: that read the photos.
        photos: each photo with what ``locator.read`` said of it (without the analyst's statements, which ``settings``
            hold). Their order changes nothing; a photo that is there twice, by sha256, counts once.
        settings: what the analyst chose, for all photos alike.
        dependence: correlation of the errors of two photos, 0 (independent) to 1 (one photo seen several times).

    Raises:
        InputError: there is no photo or too many, the dependence is outside 0 to 1, or the settings make no sense.
        ContradictionError: the plain product leaves no place possible.
    """
    if not 0.0 <= dependence <= 1.0:
        raise InputError(
            f"A dependence of {dependence:g} makes no sense; give 0 (independent photos) to 1 (as good as one photo)."
        )
    different, dropped = _different(photos)
    settings = settings or Settings()
    in_order = sorted(different, key=lambda one: one[0].sha256)
    joint = _joint(locator, in_order, settings, dependence)
    alone = {photo.sha256: locator.answer(photo, said, settings) for photo, said in in_order}
    before = locator.answer(in_order[0][0], (), settings).search_map
    maps = {sha256: answer.search_map for sha256, answer in alone.items()}
    fits = photo_fits(before, maps, _discount(len(maps) - 1, dependence))
    best = int(np.argmax(joint.search_map.log_density))
    shares = tuple(
        PhotoShare(photo, alone[photo.sha256], fits[photo.sha256], _mass_before(alone[photo.sha256].search_map, best))
        for photo, _ in different
    )
    return JointAnswer(joint, shares, dependence, settings, dropped)


def effective_photos(photos: int, dependence: float) -> float:
    """How many independent photos ``photos`` are worth whose errors are correlated by ``dependence`` (0 to 1)."""
    return photos / (1.0 + (photos - 1) * dependence)


def _area_km2(search_map: SearchMap) -> float:
    return areas_for_mass(search_map.log_density, search_map.overlay.area_km2, (REPORTED_MASS,))[0]


def _different(photos: Sequence[PhotoOutcomes]) -> tuple[list[PhotoOutcomes], tuple[str, ...]]:
    """The photos without copies, and the names of the copies."""
    kept: dict[str, PhotoOutcomes] = {}
    dropped = []
    for photo, outcomes in photos:
        if photo.sha256 in kept:
            dropped.append(photo.name)
        else:
            kept[photo.sha256] = photo, outcomes
    if not 1 <= len(kept) <= MOST_PHOTOS:
        raise InputError(f"{len(kept)} different photos were given; give 1 to {MOST_PHOTOS} photos of one place.")
    return list(kept.values()), tuple(dropped)


def _joint(locator: Locator, photos: Sequence[PhotoOutcomes], settings: Settings, dependence: float) -> Answer:
    """All predictions in one pool, each predictor's weight discounted by the photos that it spoke of."""
    outcomes = merged_outcomes(photos)
    weights = dict(settings.weights)
    for outcome in outcomes:
        spoke = sum(_spoke(said, outcome.record.name) for _, said in photos)
        chosen = float(weights.get(outcome.record.name, outcome.record.weight))
        weights[outcome.record.name] = chosen * _discount(spoke, dependence)
    return locator.answer(photos[0][0], outcomes, replace(settings, weights=weights))


def _discount(photos: int, dependence: float) -> float:
    """What each of so many photos counts; 1 for a single one, so that it keeps its answer to the last bit."""
    return 1.0 / (1.0 + (max(photos, 1) - 1) * dependence)


def _spoke(outcomes: Sequence[Outcome], name: str) -> bool:
    return any(one.record.name == name and one.predictions for one in outcomes)


def merged_outcomes(photos: Sequence[PhotoOutcomes]) -> tuple[Outcome, ...]:
    """One outcome per predictor with what it said of all photos; a reason only where it said nothing of any.

    Args:
        photos: each photo with what ``Locator.read`` said of it.
    """
    merged: dict[str, Outcome] = {}
    for _, outcomes in photos:
        for outcome in outcomes:
            before = merged.get(outcome.record.name, Outcome(outcome.record))
            said = (*before.predictions, *outcome.predictions)
            reason = "" if said else before.reason or outcome.reason
            merged[outcome.record.name] = replace(before, predictions=said, reason=reason)
    return tuple(merged.values())


def _mass_before(search_map: SearchMap, cell: int) -> float:
    """Share of a map that is denser than a cell; without ranking the map."""
    denser = search_map.log_density > search_map.log_density[cell]
    return min(float((np.exp(search_map.log_density[denser]) * search_map.overlay.area_km2[denser]).sum()), 1.0)


def _named(shares: Sequence[PhotoShare]) -> list[str]:
    """What is to be said of single photos, each sentence once, with the names of the photos that it is said of."""
    of: dict[str, list[str]] = {}
    for share in shares:
        outcomes = share.answer.outcomes
        reasons = [one.reason for one in outcomes]
        notes = [said.note for one in outcomes for said in one.predictions]
        for note in filter(None, dict.fromkeys([*reasons, *share.photo.notes, *notes])):
            of.setdefault(note, []).append(share.photo.name)
    return [_of(names, note, len(shares)) for note, names in of.items()]


def _of(names: Sequence[str], note: str, photos: int) -> str:
    if len(names) == 1:
        return note if names[0] in note else f"{names[0]}: {note}"
    if len(names) == photos:
        return f"Each of the {photos} photos: {note}"
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return f"{', '.join(names[:NAMED])}{more}: {note}"


def _of_statements(answer: Answer) -> list[str]:
    """What is to be said of the analyst's statements, which count once for all photos."""
    notes = [said.note for outcome in answer.outcomes for said in outcome.likelihoods]
    against = [answer.contradiction.sentence()] if answer.contradiction is not None else []
    return list(filter(None, [*notes, *against]))
