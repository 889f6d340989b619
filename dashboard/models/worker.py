"""What the pages do with models: describe, fetch, verify, remove, switch. Draws nothing, asks no network by itself.

A model is a predictor that can be had, or an image encoder that other work needs; both come as a bundle of records.
"""

from dataclasses import dataclass

from dashboard.common.jobs import JOBS, Job
from engine.artifacts.bundles import BundleStatus, bundle_status, fetch_bundle, removable, remove_bundle
from engine.artifacts.catalog import ArtifactRecord, bytes_text
from engine.artifacts.store import Store
from engine.errors import ArtifactError
from engine.layers.in_use import layers_in_use
from engine.networks.encoders import release as release_encoders
from engine.predictors import selection
from engine.predictors.catalogue import PredictorOption, predictor_options
from engine.predictors.reference_checks import Found, reference_checks_for, run_reference_check

GEOCLIP = "geoclip"


@dataclass(frozen=True, eq=False)
class Model:
    """One card of the Models page.

    Attributes:
        title: the name that people read.
        summary: what it is good for.
        status: how it and all that it needs lie here.
        offer: the predictor that it makes; None for an encoder.
    """

    title: str
    summary: str
    status: BundleStatus
    offer: PredictorOption | None = None

    @property
    def name(self) -> str:
        """Name of its record in the catalogue."""
        return self.status.record.name

    @property
    def licence(self) -> str:
        """The licence of everything that is fetched for it."""
        return self.offer.record.licence if self.offer is not None else self.status.record.licence


def store() -> Store:
    """The store of this machine; touches neither disk nor network until it is asked something."""
    return Store()


def predictors(where: Store) -> tuple[Model, ...]:
    """The predictors that can be had, the most useful first."""
    return tuple(
        Model(each.record.title, each.record.summary, bundle_status(where, each.artifact), each)
        for each in predictor_options()
    )


def encoders(where: Store) -> tuple[Model, ...]:
    """What is in the catalogue besides: image encoders that other work needs."""
    used = {record.name for each in predictor_options() for record in where.catalog.bundle(each.artifact)}
    rest = [record for record in where.catalog if record.name not in used]
    return tuple(Model(each.title, _roles(each), bundle_status(where, each.name)) for each in rest)


def geoclip(where: Store) -> Model:
    """The model of the first-run offer."""
    return next(model for model in predictors(where) if model.name == GEOCLIP)


def _roles(record: ArtifactRecord) -> str:
    return f"Used for: {', '.join(record.roles)}."


def job_of(model: Model) -> Job | None:
    """What is being done about a model, or was done last; all parts of a bundle share one line of work."""
    return JOBS.job(model.name)


def start_fetch(model: Model, *, agreed: bool = False) -> Job:
    """Fetch a model with all that it needs, in a thread; an agreement to its licence is remembered."""
    where = store()

    def work(job: Job) -> str:
        if agreed:
            selection.agree(where, model.name)
        fetch_bundle(where, model.name, job.report, job.cancelled, accept_non_commercial=agreed)
        asked = " It is now used on your photos." if is_asked(model) else ""
        return f"{model.title} is installed and verified.{asked}"

    return JOBS.start(model.name, f"Fetching {model.title}", work)


def start_verify(model: Model) -> Job:
    """Hash every file of a model again and ask known photos, in a thread."""
    where = store()

    def work(job: Job) -> str:
        for number, part in enumerate(model.status.parts):
            job.report(part.record.title, number, len(model.status.parts))
            wrong = [check for check in where.verify(part.record.name, job.cancelled) if not check.ok]
            if job.cancelled():
                raise ArtifactError(f"Verifying {model.title} was stopped.")
            if wrong:
                raise ArtifactError(wrong[0].sentence)
        return f"Every file of {model.title} is intact. {_known_answers(where, model)}".strip()

    return JOBS.start(model.name, f"Verifying {model.title}", work)


def _known_answers(where: Store, model: Model) -> str:
    tried = [run_reference_check(where, known) for known in reference_checks_for(where, [model.name])]
    if wrong := [each for each in tried if each.found is Found.WRONG]:
        raise ArtifactError(wrong[0].sentence)
    return " ".join(each.sentence for each in tried if each.found is Found.RIGHT)


def goes_with(model: Model) -> tuple[ArtifactRecord, ...]:
    """What removing a model would remove."""
    return removable(store(), model.name)


def left_without(model: Model) -> tuple[str, ...]:
    """Titles of the other predictors that are here and would not be after a model is removed."""
    where = store()
    gone = {record.name for record in removable(where, model.name)}
    return tuple(
        other.record.title
        for other in predictor_options()
        if other.artifact != model.name
        and other.ready(where)
        and gone & {record.name for record in where.catalog.bundle(other.artifact)}
    )


def remove(model: Model) -> str:
    """Remove a model; a sentence on what came of it.

    Raises:
        ArtifactError: a folder cannot be written.
    """
    JOBS.dismiss(model.name)
    freed = sum(size for _, size in remove_bundle(store(), model.name))
    release_encoders()
    return f"{model.title} was removed; {bytes_text(freed)} freed."


def is_asked(model: Model) -> bool:
    """Whether a model that is here answers photos."""
    names = {each.record.name for each in selection.chosen(store())}
    return model.offer is not None and model.offer.record.name in names


def towns_hint(model: Model) -> str:
    """Whose towns a predictor goes by, and how to give it others; empty where it goes by none."""
    where = store()
    if model.offer is None or not model.offer.uses_towns:
        return ""
    if (own := selection.towns_file(where)) is not None:
        return f"Uses the towns listed in {own}."
    return (
        f"Uses the larger towns of GeoNames. For others, put {selection.TOWNS} with the columns town, region, country, "
        f"latitude, longitude into {where.by_hand or where.root}."
    )


def has_finer_cells(model: Model) -> bool:
    """Whether a predictor can be asked on finer cells than the usual ones."""
    return model.offer is not None and model.offer.finer_cells


def is_finest() -> bool:
    """Whether such predictors are asked on the finest cells."""
    return selection.read_choices(store()).geocells == selection.FINEST


def set_finest(on: bool) -> None:
    """Choose the finest cells or the usual ones, for good."""
    selection.use_geocells(store(), selection.FINEST if on else selection.FINE)


def is_licence_accepted(model: Model) -> bool:
    """Whether no licence stands in the way of using a model."""
    agreed = selection.read_choices(store()).agreed
    return all(record.name in agreed for record in model.status.non_commercial)


def agree(model: Model) -> None:
    """Remember that the user agreed to the licences of a model that forbid commercial use."""
    selection.agree(store(), model.name)


def stamp() -> tuple[tuple[str, int, int], ...]:
    """What answers depend on: differs whenever a model or a layer came, went or was switched."""
    return (*selection.stamp(store()), *((layer.sha256, layer.rows, layer.columns) for layer in layers_in_use()))


def set_asked(model: Model, on: bool) -> None:
    """Switch a predictor on or off for good; switching on agrees to nothing."""
    if model.offer is not None:
        selection.ask(store(), model.offer.record.name, on)
