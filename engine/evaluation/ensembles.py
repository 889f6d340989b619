"""The ensembles under comparison: the list of Bianco et al. 2024 for every base, by product and by log-linear pool.

A *base* is a map by itself: the photo prior, a geocell model, the points of another model. Attribute evidence joins it:
``+LS`` all evidence on population, ``+LC`` all evidence on land cover.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from engine.errors import InputError
from engine.inference.pooling import Pooling

PRIOR = "prior"
URBAN_LABELS = ("medium", "high")
"""The two highest population buckets: the mask of "+LS, urban" (Bianco et al. 2024, section 5.3)."""
ROLES = {"population": "LS", "land_cover": "LC"}
VARIANTS = ("", "+LS", "+LS urban prior", "+LC", "+LS+LC")
"""Rows of Tables 1 and 2 of Bianco et al. 2024 for every base."""


@dataclass(frozen=True)
class Ensemble:
    """One row of a table.

    Attributes:
        name: what people read.
        weights: exponent per piece of evidence (``predictor`` or ``predictor:partition``).
        prior_weight: exponent of the photo prior; 0 under the plain product unless the prior is the base.
        pooling: the rule.
        urban: whether the constant mask on the two highest population buckets is applied.
        floors: floor per piece of evidence, where another than its record's is wanted.
        base: name of the row that it is compared with.
    """

    name: str
    weights: Mapping[str, float]
    prior_weight: float
    pooling: Pooling = Pooling.CORRECTED
    urban: bool = False
    floors: Mapping[str, float] = field(default_factory=dict)
    base: str = PRIOR


def role_of(partition: str) -> str:
    """``LS``, ``LC`` or ``base``."""
    return ROLES.get(partition, "base")


def standard_ensembles(evidence: Mapping[str, str], variants: Sequence[str] = VARIANTS) -> tuple[Ensemble, ...]:
    """The rows of Bianco et al. 2024 for every base, twice: by the log-linear pool and by the product of experts.

    Args:
        evidence: role (``base``, ``LS``, ``LC``) of each piece of evidence.
        variants: which of ``VARIANTS``; rows that would repeat another because an attribute has no evidence are
            left out.
    """
    bases: list[tuple[str, ...]] = [(), *[(name,) for name, role in evidence.items() if role == "base"]]
    together = tuple(name for name, role in evidence.items() if role == "base")
    if len(together) > 1:
        bases.append(together)
    rows = [
        _row(base, variant, evidence, pooling)
        for base in bases
        for pooling in (Pooling.CORRECTED, Pooling.PRODUCT)
        for variant in VARIANTS
        if (variant in variants or (not base and not variant)) and _says_something(variant, evidence)
    ]
    # The prior alone, and under a mask, is one map whatever the rule; the prior is a row of every table.
    return tuple(row for row in rows if row.weights or row.pooling is Pooling.CORRECTED)


def _says_something(variant: str, evidence: Mapping[str, str]) -> bool:
    if "urban" in variant:
        return True
    return all(role in evidence.values() for role in ("LS", "LC") if f"+{role}" in variant)


def _row(base: tuple[str, ...], variant: str, evidence: Mapping[str, str], pooling: Pooling) -> Ensemble:
    urban = "urban" in variant
    roles = set() if urban else {role for role in ("LS", "LC") if f"+{role}" in variant}
    members = [*base, *(name for name, role in evidence.items() if role in roles)]
    start = " x ".join(base) or PRIOR
    product = pooling is Pooling.PRODUCT
    suffix = ", product" if product else ""
    title = f"{start} {variant}".strip() + suffix
    compared = start + (suffix if base else "") if variant else PRIOR
    prior_weight = 0.0 if product and base else 1.0
    return Ensemble(title, dict.fromkeys(members, 1.0), prior_weight, pooling, urban, base=compared)


def parse_ensembles(texts: Sequence[str], evidence: Mapping[str, str]) -> tuple[Ensemble, ...]:
    """The requested ensembles; the prior alone is always the first row.

    Args:
        texts: each one of ``base``, ``+LS``, ``+LC``, ``+LS+LC``, ``+LS urban prior``, or
            ``NAME:predictor=1,predictor2=0.5,prior=0.75,pooling=product,urban=1``. None at all: everything.
        evidence: role of each piece of evidence.

    Raises:
        InputError: one of them cannot be parsed or names unknown evidence.
    """
    if not texts:
        return standard_ensembles(evidence)
    wanted = [_variant(text) for text in texts if ":" not in text]
    standard = standard_ensembles(evidence, wanted) if wanted else standard_ensembles(evidence, ())
    own = tuple(_parsed(text, evidence) for text in texts if ":" in text)
    missing = [text for text in wanted if text and not _says_something(text, evidence)]
    if missing:
        raise InputError(
            f"The ensemble {missing[0]!r} needs a predictor of "
            f"{'population' if 'LS' in missing[0] else 'land cover'}; there is none among {_list_names(evidence)}."
        )
    names = [row.name for row in (*standard, *own)]
    repeated = next((name for name in names if names.count(name) > 1), None)
    if repeated:
        raise InputError(f"Two ensembles are called {repeated!r}; give each a name of its own.")
    return (*standard, *own)


def _variant(text: str) -> str:
    wanted = "" if text.strip().lower() == "base" else text.strip()
    if wanted not in VARIANTS:
        known = ", ".join(["base", *VARIANTS[1:]])
        raise InputError(f"There is no ensemble {text!r}; use {known}, or NAME:predictor=WEIGHT,prior=WEIGHT.")
    return wanted


def _parsed(text: str, evidence: Mapping[str, str]) -> Ensemble:
    name, _, rest = text.partition(":")
    pooling, prior_weight, urban = Pooling.CORRECTED, None, False
    weights: dict[str, float] = {}
    for item in filter(None, (part.strip() for part in rest.split(","))):
        key, _, value = (piece.strip() for piece in item.rpartition("="))
        if key == "pooling":
            pooling = _pooling(value)
        elif key == "urban":
            urban = value not in ("0", "no", "false")
        elif key == PRIOR:
            prior_weight = _weight(text, value, 2.0)
        else:
            for member in _members(key, text, evidence):
                weights[member] = _weight(text, value, 10.0)
    default = 0.0 if pooling is Pooling.PRODUCT and weights else 1.0
    return Ensemble(name.strip(), weights, default if prior_weight is None else prior_weight, pooling, urban)


def _members(key: str, text: str, evidence: Mapping[str, str]) -> list[str]:
    """Evidence that a name stands for: itself, or all evidence of a predictor of this name."""
    found = [name for name in evidence if name == key or name.split(":")[0] == key]
    if not found:
        raise InputError(f"The ensemble {text!r} names {key!r}, which is not there; there are {_list_names(evidence)}.")
    return found


def _list_names(evidence: Mapping[str, str]) -> str:
    return ", ".join([PRIOR, *evidence])


def _pooling(value: str) -> Pooling:
    try:
        return Pooling(value)
    except ValueError as error:
        raise InputError(f"There is no pooling {value!r}; use corrected or product.") from error


def _weight(text: str, value: str, most: float) -> float:
    try:
        weight = float(value)
    except ValueError as error:
        raise InputError(f"The ensemble {text!r} has a weight {value!r} that is not a number.") from error
    if not 0.0 <= weight <= most:
        raise InputError(f"The ensemble {text!r} has a weight of {weight:g}; give 0 to {most:g}.")
    return weight
