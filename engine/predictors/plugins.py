"""Predictors of other packages: whatever registers in the entry-point group ``hereabouts.predictors``.

An entry is a callable without arguments that gives a predictor (see ``docs/plugins.md``). One that cannot be imported,
made or believed is listed all the same and answers every photo with one sentence on why, so that it is seen and the
others go on.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points

from engine.errors import HereaboutsError, PredictorError
from engine.photos.photo import Photo
from engine.predictors.base import Prediction, Predictor, Record

GROUP = "hereabouts.predictors"


@dataclass(frozen=True)
class BrokenPlugin:
    """Stands for a plug-in that could not be started.

    Attributes:
        record: its name, as far as it is known.
        reason: one sentence.
    """

    record: Record
    reason: str

    def predict(self, photo: Photo) -> tuple[Prediction, ...]:
        """Never answers.

        Raises:
            PredictorError: always, with the reason.
        """
        del photo
        raise PredictorError(self.reason)


def plugin_predictors(taken: Sequence[str] = (), found: Iterable[EntryPoint] | None = None) -> tuple[Predictor, ...]:
    """The predictors of installed packages, by the name of their entry points.

    Args:
        taken: names of predictors that are there already; a plug-in may not answer under one of them.
        found: entry points; those that are installed unless given.

    Returns:
        Each of them, the broken ones as ``BrokenPlugin``. Nothing is raised.
    """
    entries = entry_points(group=GROUP) if found is None else found
    names, predictors = set(taken), list[Predictor]()
    for entry in sorted(entries, key=lambda entry: entry.name):
        predictor = _start(entry)
        if predictor.record.name in names:
            predictor = _broken(entry, f"calls itself {predictor.record.name!r}, which another predictor is called")
        names.add(predictor.record.name)
        predictors.append(predictor)
    return tuple(predictors)


def _start(entry: EntryPoint) -> Predictor:
    """The predictor of one entry point, or what stands for it."""
    try:
        predictor = entry.load()()
        record = predictor.record if isinstance(predictor, Predictor) else None
    except HereaboutsError as error:
        return _broken(entry, f"says: {error}")
    except (Exception, SystemExit) as error:  # noqa: BLE001 - foreign code may fail in any way
        return _broken(entry, f"stopped with {type(error).__name__} when it was started")
    if not isinstance(record, Record):
        return _broken(entry, "gave something that is no predictor: it needs a record and a method predict(photo)")
    return predictor  # type: ignore[no-any-return]


def _broken(entry: EntryPoint, what: str) -> BrokenPlugin:
    package = entry.dist.name if entry.dist is not None else entry.value.split(":")[0]
    reason = f"The plug-in {entry.name!r} of {package} {what}; update or uninstall {package}."
    record = Record(f"plugin_{entry.name}", entry.name, "A plug-in that cannot be used.", "unknown", package)
    return BrokenPlugin(record, reason)
