"""Pools several photos of one place into one map, without counting the same evidence twice.

The prior counts once, the analyst's statements count once, and the evidence of the photos is pooled with a discount for
dependence. Photos of one place share more than the place: one camera, one hour, one street, and one model that makes
the same error on all of them. Let the log-evidence of each of n photos miss the truth by an error of the same
size, and let two of these errors be correlated by rho. The mean of n such errors has the variance of

    n_eff = n / (1 + (n - 1) rho)

independent ones (the design effect of cluster samples, Kish 1965), so that the sum over the n photos is as sharp as
n_eff of them only if each counts n_eff / n. For Gaussian errors that is the exact likelihood of the place. At
rho = 0 the photos are independent and their evidence is multiplied; at rho = 1 they count as one photo seen n times and
their evidence is averaged (a geometric mean). At rho = 0.5, the default, any number of photos weighs less than two
independent ones.

``engine.locate.consistency`` tests whether the photos show one place at all.
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
"""A photo whose fit is below this is reported as inconsistent with the others."""
MOST_PHOTOS = 100
"""Most photos of one case; each has a map of its own."""

REPORTED_MASS = 0.9
"""Probability mass whose area is reported for each photo and for all photos together."""
MOST_NAMED = 3
"""Photos that a note names; it counts the others."""

PhotoOutcomes = tuple[Photo, Sequence[Outcome]]


@dataclass(frozen=True, eq=False)
class PhotoShare:
    """One photo of several.

    Attributes:
        photo: the photo.
        answer: its map by itself, under the same settings.
        fit: to the other photos, 0 (each makes the other's places unlikely) to 1 (fully consistent).
            None for the only photo.
        mass_before_best: share of its own map in [0, 1] that is denser than the best place of all photos together;
            near 1 this photo makes that place unlikely.
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
    """The pooled answer for several photos of one place.

    Attributes:
        answer: the joint map as an ordinary answer, so that regions, places, claims and leave-one-out work on it. Its
            ``photo`` has the lowest sha256 and stands for all; its ``settings`` hold the discounted weights.
        shares: one per different photo, in the order given.
        dependence: the correlation of errors that was assumed, 0 to 1.
        settings: what was chosen, before the discount.
        duplicates: names of photos that were there before, byte for byte.
    """

    answer: Answer
    shares: tuple[PhotoShare, ...]
    dependence: float
    settings: Settings
    duplicates: tuple[str, ...] = ()

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
    def outliers(self) -> tuple[PhotoShare, ...]:
        """The photos that disagree with the others, the worst first."""
        return tuple(sorted((one for one in self.shares if one.disagrees), key=lambda one: one.fit or 0.0))

    @cached_property
    def notes(self) -> tuple[str, ...]:
        """Sentences that the user should read, the warning of a disagreement first."""
        copies = [f"{name} is a copy of another photo and was counted once." for name in self.duplicates]
        nothing = [self.answer.no_cue_note("in these photos")] if self.answer.says_nothing else []
        notes = [*self.warning, *copies, *_photo_notes(self.shares), *_statement_notes(self.answer), *nothing]
        return tuple(dict.fromkeys(notes if self.photos > 1 else [*copies, *self.answer.notes]))

    @property
    def warning(self) -> tuple[str, ...]:
        """A sentence on photos that do not seem to show the place of the others, if there are any."""
        if not self.outliers:
            return ()
        if 2 * len(self.outliers) < self.photos:
            names = " and ".join(one.photo.name for one in self.outliers)
            does, it = ("does", "it") if len(self.outliers) == 1 else ("do", "them")
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
        photos: each photo with its outcomes from ``locator.read`` (without the analyst's statements, which ``settings``
            have). Their order changes nothing; a photo that is there twice, by sha256, counts once.
        settings: what the analyst chose, for all photos alike.
        dependence: correlation of the errors of two photos, 0 (independent) to 1 (one photo seen several times).

    Raises:
        InputError: there is no photo or too many, the dependence is outside 0 to 1, or a setting is out of range.
        ContradictionError: the product of experts leaves no place possible.
    """
    if not 0.0 <= dependence <= 1.0:
        raise InputError(
            f"A dependence of {dependence:g} is outside 0 to 1; give 0 (independent photos) to 1 (like one photo)."
        )
    different, duplicates = _drop_duplicates(photos)
    settings = settings or Settings()
    in_order = sorted(different, key=lambda one: one[0].sha256)
    joint = _pool_jointly(locator, in_order, settings, dependence)
    alone = {photo.sha256: locator.answer(photo, said, settings) for photo, said in in_order}
    before = locator.answer(in_order[0][0], (), settings).search_map
    maps = {sha256: answer.search_map for sha256, answer in alone.items()}
    fits = photo_fits(before, maps, _discount(len(maps) - 1, dependence))
    best = int(np.argmax(joint.search_map.log_density))
    shares = tuple(
        PhotoShare(photo, alone[photo.sha256], fits[photo.sha256], _mass_before(alone[photo.sha256].search_map, best))
        for photo, _ in different
    )
    return JointAnswer(joint, shares, dependence, settings, duplicates)


def effective_photos(photos: int, dependence: float) -> float:
    """How many independent photos ``photos`` are worth whose errors are correlated by ``dependence`` (0 to 1)."""
    return photos / (1.0 + (photos - 1) * dependence)


def _area_km2(search_map: SearchMap) -> float:
    return areas_for_mass(search_map.log_density, search_map.overlay.area_km2, (REPORTED_MASS,))[0]


def _drop_duplicates(photos: Sequence[PhotoOutcomes]) -> tuple[list[PhotoOutcomes], tuple[str, ...]]:
    """The photos without copies, and the names of the copies."""
    by_sha256: dict[str, PhotoOutcomes] = {}
    duplicates = []
    for photo, outcomes in photos:
        if photo.sha256 in by_sha256:
            duplicates.append(photo.name)
        else:
            by_sha256[photo.sha256] = photo, outcomes
    if not 1 <= len(by_sha256) <= MOST_PHOTOS:
        raise InputError(f"{len(by_sha256)} different photos were given; give 1 to {MOST_PHOTOS} photos of one place.")
    return list(by_sha256.values()), tuple(duplicates)


def _pool_jointly(locator: Locator, photos: Sequence[PhotoOutcomes], settings: Settings, dependence: float) -> Answer:
    """All predictions in one pool, each predictor's weight discounted by the photos that it contributed to."""
    outcomes = merged_outcomes(photos)
    weights = dict(settings.weights)
    for outcome in outcomes:
        count = sum(_contributed(said, outcome.record.name) for _, said in photos)
        chosen = float(weights.get(outcome.record.name, outcome.record.weight))
        weights[outcome.record.name] = chosen * _discount(count, dependence)
    return locator.answer(photos[0][0], outcomes, replace(settings, weights=weights))


def _discount(photos: int, dependence: float) -> float:
    """The weight of each of so many photos; exactly 1 for a single one."""
    return 1.0 / (1.0 + (max(photos, 1) - 1) * dependence)


def _contributed(outcomes: Sequence[Outcome], name: str) -> bool:
    return any(one.record.name == name and one.predictions for one in outcomes)


def merged_outcomes(photos: Sequence[PhotoOutcomes]) -> tuple[Outcome, ...]:
    """One outcome per predictor with its predictions for all photos; a reason only where it has none for any.

    Args:
        photos: each photo with its outcomes from ``Locator.read``.
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


def _photo_notes(shares: Sequence[PhotoShare]) -> list[str]:
    """Notes on single photos, each sentence once, with the names of its photos."""
    of: dict[str, list[str]] = {}
    for share in shares:
        outcomes = share.answer.outcomes
        reasons = [one.reason for one in outcomes]
        notes = [said.note for one in outcomes for said in one.predictions]
        for note in filter(None, dict.fromkeys([*reasons, *share.photo.notes, *notes])):
            of.setdefault(note, []).append(share.photo.name)
    return [_with_names(names, note, len(shares)) for note, names in of.items()]


def _with_names(names: Sequence[str], note: str, photos: int) -> str:
    if len(names) == 1:
        return note if names[0] in note else f"{names[0]}: {note}"
    if len(names) == photos:
        return f"Each of the {photos} photos: {note}"
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    return f"{', '.join(names[:MOST_NAMED])}{more}: {note}"


def _statement_notes(answer: Answer) -> list[str]:
    """Notes on the analyst's statements, which count once for all photos."""
    notes = [said.note for outcome in answer.outcomes for said in outcome.likelihoods]
    against = [answer.contradiction.sentence()] if answer.contradiction is not None else []
    return list(filter(None, [*notes, *against]))
