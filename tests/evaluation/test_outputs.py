import json

import numpy as np
import pytest

from engine.errors import ArtifactError, InputError
from engine.evaluation.collect import (
    UNREADABLE_PHOTO,
    collect_outputs,
    stored_pieces,
    without_missing,
    without_unreadable,
)
from engine.evaluation.manifest import MISSING_PHOTO, Manifest
from engine.evaluation.outputs import FORMAT, OutputStore, StoredOutputs
from engine.predictors.base import Prediction
from engine.testing import BrokenPredictor, FixedPredictor, make_record


class Counting:
    """A predictor that counts its photos, and may be killed at one of them."""

    def __init__(self, labels, die_at=None):
        self.record, self.seen, self.labels, self.die_at = make_record("counting"), [], labels, die_at

    def predict(self, photo):
        self.seen.append(photo.name)
        if len(self.seen) == self.die_at:
            raise KeyboardInterrupt
        return (Prediction(self.record, "population", np.full(self.labels, 1 / self.labels)),)


@pytest.fixture
def photos(tmp_path):
    from PIL import Image

    rng = np.random.default_rng(0)
    paths = []
    for number in range(70):
        paths.append(tmp_path / f"{number}.png")
        Image.fromarray(rng.integers(0, 255, (32, 32, 3), np.uint8)).save(paths[-1])
    paths[5].write_bytes(b"not a photo")
    paths[6].unlink()
    count = len(paths)
    return Manifest(tuple(f"p{n}" for n in range(count)), np.zeros(count), np.arange(count) / 10, tuple(paths))


def test_a_killed_run_goes_on_where_it_stopped(world, photos, tmp_path):
    store = OutputStore(tmp_path / "store")
    there = without_missing(photos, store)
    assert there.excluded == {MISSING_PHOTO: 1}
    first = Counting(4, die_at=50)
    with pytest.raises(KeyboardInterrupt):
        collect_outputs(there, [first], store, world, threads=1)
    second = Counting(4)
    collect_outputs(there, [second], store, world, threads=1)
    assert len(second.seen) == 68 - 31  # the first file of 32 photos, one of them unreadable, was kept
    third = Counting(4)
    collect_outputs(there, [third], store, world)
    assert third.seen == []
    used = without_unreadable(there, store)
    assert used.excluded == {MISSING_PHOTO: 1, UNREADABLE_PHOTO: 1}
    (piece,) = stored_pieces(store, used, world)
    assert (piece.name, piece.missing, len(used)) == ("counting", 0, 68)


def test_what_is_stored_comes_back(tmp_path):
    store = OutputStore(tmp_path)
    values = np.random.default_rng(0).dirichlet(np.ones(6), 10)
    store.write_rows(make_record("m"), "population", [f"p{n}" for n in range(10)], values)
    stored = StoredOutputs.open(store, "m", "population")
    rows, part = stored.read(["p3", "nobody", "p9"])
    assert rows[[0, 2]] == pytest.approx(values[[3, 9]], rel=1e-6)
    assert part.tolist() == [0, -1, 0]
    assert store.predictors() == ("m",)


def test_a_predictor_that_fails_is_remembered(world, photos, tmp_path):
    store, some = OutputStore(tmp_path / "store"), photos.take(np.arange(4))
    collect_outputs(some, [BrokenPredictor(make_record("broken"))], store, world)
    assert store.done("broken") == {"p0", "p1", "p2", "p3"}
    assert stored_pieces(store, some, world, ["broken"]) == ()
    assert "damaged" in store.texts("broken/failed", "reason")["p0"]


def test_stored_outputs_of_another_version_are_refused(world, photos, tmp_path):
    store, some = OutputStore(tmp_path / "store"), photos.take(np.arange(4))
    record = make_record("m")
    prediction = Prediction(record, "population", np.full(4, 0.25))
    collect_outputs(some, [FixedPredictor(record, (prediction,))], store, world)
    from dataclasses import replace

    newer = FixedPredictor(replace(record, source="another model"), ())
    with pytest.raises(ArtifactError, match="another version of that predictor"):
        collect_outputs(some, [newer], store, world)
    (store.folder / "outputs.json").write_text(json.dumps({"format": FORMAT + 1}))
    with pytest.raises(ArtifactError, match=f"format {FORMAT + 1}, this version writes format {FORMAT}"):
        stored_pieces(store, some, world)


def test_outputs_for_other_labels_or_partitions_are_refused(world, photos, tmp_path):
    some = photos.take(np.arange(2))
    for partition, sentence in (("population", "9 labels"), ("climate", "'climate', which this version does not have")):
        store = OutputStore(tmp_path / partition)
        store.write_rows(make_record("m"), partition, some.ids, np.full((2, 9), 1 / 9))
        with pytest.raises(ArtifactError, match=sentence):
            stored_pieces(store, some, world)


def test_damage_and_absence_are_told(world, photos, tmp_path):
    store = OutputStore(tmp_path / "store")
    with pytest.raises(InputError, match="has no stored outputs"):
        stored_pieces(store, photos, world, ["geoclip"])
    store.write_rows(make_record("m"), "population", ["p0"], np.full((1, 4), 0.25))
    next((store.folder / "m" / "population").glob("*.arrow")).write_bytes(b"ARROW1 and then nothing")
    with pytest.raises(ArtifactError, match="damaged; delete that file"):
        stored_pieces(store, photos, world)
