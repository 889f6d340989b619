"""An answer as plain values: what ``hereabouts locate --json`` prints and what the dashboard and files repeat."""

from collections.abc import Mapping, Sequence
from typing import Any

from engine.claims.check import check_claim, claim_facts
from engine.claims.place_names import place_name
from engine.evaluation.stored_fits import find_stored_calibration
from engine.evidence.statements.declared_labels import RECORD as DECLARED
from engine.evidence.statements.evidence import Evidence
from engine.evidence.statements.serialization import to_json
from engine.export.contents import predictor_rows, region_facts
from engine.inference.candidates import Candidate
from engine.inference.outcomes import Outcome
from engine.inference.prior import RECORD as PRIOR_RECORD
from engine.inference.region import Region
from engine.locate.multi_photo import REPORTED_MASS, JointAnswer, PhotoShare
from engine.locate.result import Answer
from engine.predictors.base import Prediction

MOST_LABELS_SPELLED = 40
"""Partitions with at most so many labels are written out with the probability of each."""


def answer_facts(
    answer: Answer, region: Region, places: Sequence[Candidate], claim: tuple[float, float] | None = None
) -> dict[str, Any]:
    """One photo's answer: ``photo, predictors, prior_weight, pooling, region, places, claim, notes``.

    Args:
        answer: the pooled answer.
        region: the region that was asked for.
        places: ranked candidate places.
        claim: latitude and longitude in degrees of a place that somebody claims, or None.
    """
    facts: dict[str, Any] = {
        "photo": photo_facts(answer),
        **settings_facts(answer),
        "region": region_facts(region),
        "places": [place_facts(place) for place in places],
        "notes": list(answer.notes),
        "information_nats": answer.information_nats,
    }
    if claim is not None:
        facts["claim"] = _claim_facts(answer, claim)
    return facts


def joint_facts(
    joint: JointAnswer, region: Region, places: Sequence[Candidate], claim: tuple[float, float] | None = None
) -> dict[str, Any]:
    """The answer of several photos of one place: ``answer_facts``, ``together`` on how they were pooled, and ``said``.

    Args:
        joint: the answer of all photos.
        region: the region that was asked for, of the joint map.
        places: ranked candidate places of the joint map.
        claim: as in ``answer_facts``.
    """
    facts = answer_facts(joint.answer, region, places, claim)
    digests = ", ".join(sorted(share.photo.sha256 for share in joint.shares))
    facts["photo"] = {"name": f"{joint.photos} photos together", "sha256": digests}
    facts["notes"] = list(joint.notes)
    facts["said"] = _rows_of_each(joint)
    facts["together"] = {
        "photos": joint.photos,
        "dependence": joint.dependence,
        "effective_photos": joint.effective_photos,
        "shares": [_share_facts(share) for share in joint.shares],
    }
    return facts


def _rows_of_each(joint: JointAnswer) -> list[dict[str, Any]]:
    """What each predictor reports, the photo's name behind the title of a predictor that spoke of several."""
    rows, number = predictor_rows(joint.answer), 1  # the prior comes first
    in_order = sorted(joint.shares, key=lambda share: share.photo.sha256)
    for outcome in joint.answer.outcomes:
        of = [share.photo.name for share in in_order for _ in _predictions(share, outcome.record.name)]
        count = len(outcome.predictions) + len(outcome.likelihoods)
        if len(of) == count:  # else it is the analyst's, who speaks once for all photos
            for row, name in zip(rows[number : number + count], of, strict=True):
                row["title"] = f"{row['title']}, of {name}"
        number += max(count, 1)
    return rows


def _predictions(share: PhotoShare, name: str) -> tuple[Prediction, ...]:
    return tuple(each for one in share.answer.outcomes if one.record.name == name for each in one.predictions)


def _share_facts(share: PhotoShare) -> dict[str, Any]:
    """One of several photos: whether it fits the others, and how large its own map is."""
    return {
        "name": share.photo.name,
        "sha256": share.photo.sha256,
        "fit": share.fit,
        "says": share.words,
        "alone_km2": share.area_km2,
        "alone_mass": REPORTED_MASS,
    }


def _claim_facts(answer: Answer, claim: tuple[float, float]) -> dict[str, Any]:
    """A claimed place, beside how test photos fared where that was measured for maps pooled like this one."""
    records = [outcome.record for outcome in answer.outcomes if outcome.record.name != DECLARED.name]
    calibration = find_stored_calibration(records, answer.settings, _grid(answer))
    return claim_facts(check_claim(answer, *claim, calibration))


def _grid(answer: Answer) -> str:
    return "x".join(str(size) for size in answer.world.overlay.grid.shape)


def photo_facts(answer: Answer) -> dict[str, Any]:
    """Name, digest and size of the photo; no EXIF, so that nothing about its maker leaves by accident."""
    photo = answer.photo
    return {"name": photo.name, "sha256": photo.sha256, "width": photo.width, "height": photo.height}


def settings_facts(answer: Answer) -> dict[str, Any]:
    """The predictors with their weights and how they were pooled; enough to pool again."""
    return {
        "predictors": [_prior_facts(answer), *(row for outcome in answer.outcomes for row in _rows(answer, outcome))],
        "pooling": str(answer.settings.pooling),
        "floors": dict(answer.settings.floors),
        "evidence": [_evidence_facts(each) for each in answer.settings.evidence],
        "grid": _grid(answer),
    }


def _evidence_facts(evidence: Evidence) -> dict[str, Any]:
    """A statement as a case file has it, with its sentence."""
    return {**to_json(evidence), "sentence": evidence.sentence()}


def place_facts(place: Candidate) -> dict[str, Any]:
    """One ranked place; its name is that of a town nearby, empty far from all towns."""
    return {
        "rank": place.rank,
        "name": place_name(place.latitude, place.longitude),
        "lat": place.latitude,
        "lon": place.longitude,
        "probability": place.probability,
        "area_km2": place.area_km2,
    }


def _prior_facts(answer: Answer) -> dict[str, Any]:
    record, weight = PRIOR_RECORD, answer.settings.prior_weight
    return {
        "name": record.name,
        "partition": "overlay",
        "labels": answer.world.overlay.cells,
        "weight": weight,
        "status": "ok" if weight > 0 else "off",
        "reason": "" if weight > 0 else "Its weight is 0: every km2 of land counts alike.",
        "licence": record.licence,
    }


def _rows(answer: Answer, outcome: Outcome) -> list[dict[str, Any]]:
    """One row per prediction, or one row that says why there is none."""
    weight = answer.weight_of(outcome.record)
    common = {"name": outcome.record.name, "weight": weight, "licence": outcome.record.licence}
    if outcome.likelihoods:
        cells = int(outcome.likelihoods[0].log_likelihood.size)
        on = {"partition": "overlay", "labels": cells, "status": "ok" if weight > 0 else "off"}
        return [{**common, **on, "reason": outcome.record.title}]
    if not outcome.predictions:
        return [{**common, "partition": None, "labels": 0, "status": outcome.status, "reason": outcome.reason}]
    status = "ok" if weight > 0 else "off"
    return [{**common, "status": status, "reason": p.note, **_partition_facts(p)} for p in outcome.predictions]


def _partition_facts(prediction: Prediction) -> Mapping[str, Any]:
    facts: dict[str, Any] = {"partition": prediction.partition, "labels": int(prediction.probability.size)}
    if prediction.probability.size <= MOST_LABELS_SPELLED:
        facts["probabilities"] = [round(float(value), 6) for value in prediction.probability]
    return facts
