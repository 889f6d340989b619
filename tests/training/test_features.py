import json

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet
from scipy.special import softmax

from engine.errors import InputError, PredictorError
from engine.photos.photo import open_photo
from engine.predictors.attribute_head import AttributeHead, feature_scores, load_checkpoint
from engine.testing import grey_photo
from engine.training.embed import EmbedOptions, embed_photos
from engine.training.features import FeatureOptions, read_table, train_features
from engine.training.preparation import SplitOptions


@pytest.fixture(scope="module")
def places(tmp_path_factory):
    """A manifest of places without photos and a table whose numbers lean to the labels."""
    import made_up_world

    folder = tmp_path_factory.mktemp("features")
    rng = np.random.default_rng(0)
    layers = made_up_world.layers()
    latitude, longitude = rng.uniform(-70, 75, 900), rng.uniform(-180, 180, 900)
    rows = [f"p{n},{latitude[n]},{longitude[n]}" for n in range(900)]
    (folder / "m.csv").write_text("\n".join(["id,lat,lon", *rows]))
    label = np.stack([layer.label_at(latitude, longitude) for layer in layers], axis=1)
    values = np.concatenate([np.eye(4)[label[:, 0]] * 3, np.eye(4)[label[:, 1]] * 2], axis=1)
    values += rng.normal(0, 0.6, values.shape)
    columns = {f"x{k}": values[:, k].astype(np.float32) for k in range(8)}
    parquet.write_table(pa.table({"id": [f"p{n}" for n in range(900)], **columns}), folder / "t.parquet")
    lines = [",".join([f"p{n}", *map(str, values[n])]) for n in range(900)]
    (folder / "t.csv").write_text("\n".join([",".join(["id", *columns]), *lines]))
    return folder, layers


@pytest.mark.parametrize("table", ["t.parquet", "t.csv"])
def test_a_table_trains_a_calibrated_head(places, tmp_path, table):
    folder, layers = places
    told = train_features(FeatureOptions(folder / "m.csv", folder / table, tmp_path, layers, SplitOptions(test=0.3)))
    figures = {each["name"]: each for each in told["figures"]}
    assert figures["population"]["accuracy"] > 0.93
    assert figures["land_cover"]["accuracy"] > 0.8
    assert all(each["calibration_error"] < 0.08 for each in figures.values())
    assert (tmp_path / "MODEL_CARD.md").read_text().count("###") == 2


def test_the_checkpoint_gives_what_was_measured(places, tmp_path):
    folder, layers = places
    told = train_features(FeatureOptions(folder / "m.csv", folder / "t.parquet", tmp_path, layers))
    checkpoint = load_checkpoint(tmp_path / "attribute_head.safetensors")
    table = read_table(folder / "t.parquet")
    rows = (folder / "m.csv").read_text().splitlines()[1:]
    latitude, longitude = np.array([[float(x) for x in row.split(",")[1:]] for row in rows]).T
    for spec, state, layer in zip(checkpoint.specs, checkpoint.tensors, layers, strict=True):
        assert spec.columns == table.columns and spec.encoder == ""
        (scores,) = feature_scores(state, [layer.name], table.values)
        probability = softmax(scores / spec.attributes[0].temperature, axis=-1)
        right = (probability.argmax(axis=1) == layer.label_at(latitude, longitude)).mean()
        told_accuracy = next(each["accuracy"] for each in told["figures"] if each["name"] == layer.name)
        assert right == pytest.approx(told_accuracy, abs=0.08)


def test_a_head_on_a_foreign_table_says_that_it_reads_no_photo(places, tmp_path):
    folder, layers = places
    train_features(FeatureOptions(folder / "m.csv", folder / "t.csv", tmp_path, layers))
    with pytest.raises(PredictorError, match="reads a table of features, not photos"):
        AttributeHead(tmp_path / "attribute_head.safetensors").predict(grey_photo())


def test_rows_that_do_not_match_are_counted(places, tmp_path):
    folder, layers = places
    lines = (folder / "t.csv").read_text().splitlines()
    (tmp_path / "t.csv").write_text("\n".join([*lines[:701], "stranger" + ",1" * 8, "p701" + ",nan" + ",1" * 7]))
    told = train_features(FeatureOptions(folder / "m.csv", tmp_path / "t.csv", tmp_path / "out", layers))
    assert told["excluded"]["no row in the table of features"] == 200
    assert "1 rows of the table match no photo." in told["notes"]
    assert "1 rows of the table are not numbers." in told["notes"]


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("t.csv", "a,b\n1,2\n", "no column for the id"),
        ("t.csv", "id,b\nx,y\n", "no column of numbers"),
        ("t.csv", "id,b\nx,1\nx,2\n", "more than once"),
        ("t.csv", "id,b\nx,inf\n", "no row of numbers"),
        ("t.csv", "id,b\nx,1,2\n", "not a CSV table"),
        ("t.parquet", "id,b\nx,1\n", "cannot be read as Parquet"),
    ],
)
def test_tables_that_make_no_sense_are_refused(tmp_path, name, text, words):
    (tmp_path / name).write_text(text)
    with pytest.raises(InputError, match=words):
        read_table(tmp_path / name)
    with pytest.raises(InputError, match="cannot be read"):
        read_table(tmp_path / f"gone-{name}")


@pytest.fixture
def tiny_store(tmp_path):
    """A store whose catalogue has a small encoder."""
    from dataclasses import replace

    from engine.artifacts.catalog import Catalog, EncoderRecord, default_catalog
    from engine.artifacts.store import Store
    from engine.networks.backbones import TINY_CLIP

    clip = default_catalog().record("clip_vit_l14_openai")
    tiny = replace(
        clip, name="tiny", encoder=EncoderRecord("open_clip", TINY_CLIP, "open_clip", 16),
        preprocessing=replace(clip.preprocessing, size=32),
    )  # fmt: skip
    return Store(tmp_path / "store", catalog=Catalog({"tiny": tiny}))


def test_embeddings_are_stored_trained_on_and_read_off_photos(tmp_path, small_world, tiny_store):
    record = tiny_store.catalog.record("tiny")
    out = tmp_path / "e.parquet"
    told = embed_photos(EmbedOptions(small_world.manifest, out, record, tiny_store, random_weights=1, device="cpu"))
    assert (told["photos"], told["dimension"], told["excluded"]) == (120, 16, {})
    table = read_table(out)
    assert table.encoder == {"encoder": "tiny", "random_weights": 1, "dimension": 16}
    trained = train_features(FeatureOptions(small_world.manifest, out, tmp_path / "out", small_world.layers))
    assert trained["encoder"] == "tiny"
    photo = open_photo(small_world.manifest.parent / "pictures" / "00007.png")
    model = AttributeHead(tmp_path / "out" / "attribute_head.safetensors", tiny_store)
    answers = model.predict(photo)
    checkpoint = load_checkpoint(tmp_path / "out" / "attribute_head.safetensors")
    row = table.values[table.ids.index("pictures/00007.png")]
    for answer, spec, state in zip(answers, checkpoint.specs, checkpoint.tensors, strict=True):
        (scores,) = feature_scores(state, [answer.partition], row[None])
        np.testing.assert_allclose(
            answer.probability, softmax(scores / spec.attributes[0].temperature, axis=-1), rtol=1e-3, atol=1e-6
        )


def test_embedding_goes_on_after_it_was_stopped(tmp_path, small_world, tiny_store, monkeypatch):
    record = tiny_store.catalog.record("tiny")
    options = EmbedOptions(small_world.manifest, tmp_path / "e.parquet", record, tiny_store, random_weights=1)
    monkeypatch.setattr("engine.training.embed.PART", 50)

    class StoppedError(Exception):
        pass

    def stop(_, share):
        if share > 0.5:
            raise StoppedError

    with pytest.raises(StoppedError):
        embed_photos(options, stop)
    opened = []
    monkeypatch.setattr("engine.training.embed.open_photo", lambda path: opened.append(path) or open_photo(path))
    told = embed_photos(options)
    assert told["photos"] == 120 and len(opened) == 70
    assert not list(tmp_path.glob(".*"))
    assert read_table(tmp_path / "e.parquet").ids[:2] == ("pictures/00000.png", "pictures/00001.png")


def test_what_is_no_photo_is_counted_in_embedding_too(tmp_path, small_world, tiny_store):
    (tmp_path / "words.jpg").write_text("no photo")
    (tmp_path / "m.csv").write_text(f"path\n{small_world.manifest.parent}/pictures/00000.png\nwords.jpg\n")
    record = tiny_store.catalog.record("tiny")
    told = embed_photos(EmbedOptions(tmp_path / "m.csv", tmp_path / "e.parquet", record, tiny_store, random_weights=1))
    assert told["photos"] == 1 and told["excluded"] == {"not a photo that can be opened": 1}
    assert "words.jpg is not an image" in json.dumps(told["examples"])
    with pytest.raises(InputError, match=r"does not end in .parquet"):
        embed_photos(EmbedOptions(tmp_path / "m.csv", tmp_path / "e.csv", record, tiny_store, random_weights=1))
