"""Whether everything that a predictor needs is on this machine, and one sentence when it is not."""

from engine.artifacts.catalog import ArtifactRecord, Kind, bytes_text
from engine.artifacts.store import Store
from engine.errors import ArtifactError, PredictorError


def missing(store: Store, name: str) -> tuple[ArtifactRecord, ...]:
    """The records of a bundle that are not wholly here; nothing is hashed or asked of a server."""
    return tuple(record for record in store.catalog.bundle(name) if not store.status(record.name).present)


def require(store: Store, name: str) -> None:
    """Nothing, when the record and all that it needs are here.

    Raises:
        PredictorError: what is missing, how large it is and how to get it.
    """
    lacking = missing(store, name)
    by_hand = [record for record in lacking if record.kind in (Kind.USER, Kind.PACKAGE)]
    if by_hand:
        try:
            for file in by_hand[0].files:
                store.path(by_hand[0].name, file.path)
        except ArtifactError as error:
            raise PredictorError(str(error)) from error
    if lacking:
        size = sum(store.status(record.name).missing_bytes_about for record in lacking)
        raise PredictorError(
            f"{store.catalog.record(name).title} is not on this machine yet (about {bytes_text(size)} to fetch); "
            f"run `hereabouts models fetch {name}`, or fetch it on the Models page."
        )
