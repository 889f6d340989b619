import numpy as np
import pytest

from engine.errors import InputError
from engine.evaluation.ensembles import Ensemble
from engine.evaluation.feature_head import feature_evidence, fit_head, read_features
from engine.evaluation.manifest import Manifest
from engine.evaluation.recall_area import Bench, score

LABELS = ("lowest", "low", "medium", "high")


@pytest.fixture(scope="module")
def photos(planet):
    return planet.manifest.take(np.concatenate([np.arange(1500), 5000 + np.arange(1500)]))


def features(planet, photos, shift, seed=0):
    """A table whose rows lean by ``shift`` towards the true population bucket."""
    rng = np.random.default_rng(seed)
    table = planet.world.overlay.table("population")
    label = table.cell_label[planet.world.overlay.cell_at(photos.latitude, photos.longitude)]
    values = rng.standard_normal((len(photos), 8))
    values[np.arange(len(photos)), label] += shift
    return values, label


def write(path, ids, values, names=None):
    names = names or [f"f{n}" for n in range(values.shape[1])]
    rows = [",".join([photo, *(f"{value:.6g}" for value in row)]) for photo, row in zip(ids, values, strict=True)]
    path.write_text("\n".join([",".join(["id", *names]), *rows]) + "\n", encoding="utf-8")
    return path


def test_a_head_recovers_the_odds_it_was_fitted_on(planet, photos):
    values, label = features(planet, photos, 1.5)
    head = fit_head(values[:1500], label[:1500], 4)
    probability = head.probability(values[1500:])
    assert probability.sum(axis=1) == pytest.approx(1.0)
    assert probability.max(axis=1).mean() == pytest.approx(
        (probability.argmax(axis=1) == label[1500:]).mean(), abs=0.03
    )
    differences = head.weights[:, :4] / head.spread[:4]
    assert np.diag(differences - differences.mean(axis=0)) == pytest.approx(1.5 * 0.75, abs=0.35)


def test_features_that_say_something_move_the_map_towards_the_truth(planet, photos, tmp_path):
    values, _ = features(planet, photos, 1.5)
    table = planet.world.overlay.table("population")
    read = read_features(write(tmp_path / "f.csv", photos.ids, values), table.labels)
    piece, notes = feature_evidence("scenes", planet.world, table, photos, read)
    assert (piece.name, piece.role) == ("scenes:population", "LS")
    assert "fitted on the 1500 photos of the fit split" in notes[0]
    bench = Bench.on(planet.world, photos.latitude, photos.longitude, [piece])
    rows = [Ensemble("prior", {}, 1.0), Ensemble("e", {piece.name: 1.0}, 1.0)]
    prior, with_features = score(bench, rows, photos.where("test"))
    assert with_features.nats.mean() < prior.nats.mean() - 0.2


def test_features_that_say_nothing_change_nothing(planet, photos, tmp_path):
    values, _ = features(planet, photos, 0.0)
    table = planet.world.overlay.table("population")
    piece, _ = feature_evidence(
        "s", planet.world, table, photos, read_features(write(tmp_path / "f.csv", photos.ids, values))
    )
    bench = Bench.on(planet.world, photos.latitude, photos.longitude, [piece])
    prior, silent = score(
        bench, [Ensemble("prior", {}, 1.0), Ensemble("e", {piece.name: 1.0}, 1.0)], photos.where("test")
    )
    assert silent.nats.mean() == pytest.approx(prior.nats.mean(), abs=0.02)


def test_a_table_of_probabilities_is_calibrated_too(planet, photos, tmp_path):
    values, label = features(planet, photos, 2.0)
    wrong = np.exp(6 * values[:, :4])
    wrong /= wrong.sum(axis=1, keepdims=True)
    read = read_features(write(tmp_path / "p.csv", photos.ids, np.c_[wrong, values[:, :1]], [*LABELS, "other"]), LABELS)
    assert read.values.shape == (3000, 4)
    piece, _ = feature_evidence("p", planet.world, planet.world.overlay.table("population"), photos, read)
    probability = piece.source.read(photos.where("test"))[0]
    right = (probability.argmax(axis=1) == label[photos.where("test")]).mean()
    assert wrong.max(axis=1).mean() > right + 0.1
    assert probability.max(axis=1).mean() == pytest.approx(right, abs=0.03)


def test_photos_without_features_are_counted(planet, photos, tmp_path):
    values, _ = features(planet, photos, 1.0)
    path = write(tmp_path / "f.csv", [*photos.ids[:2500], "stranger"], values[:2501])
    path.write_text(path.read_text() + f"{photos.ids[2600]},NaN" + ",1" * 7 + "\n")
    piece, notes = feature_evidence(
        "s", planet.world, planet.world.overlay.table("population"), photos, read_features(path)
    )
    assert piece.missing == 500
    assert notes[1:] == ("1 rows of the features s match no photo.", "1 rows of the features s are not numbers.")


def test_refusals(planet, photos, tmp_path):
    bad = tmp_path / "bad.csv"
    for text, sentence in (("a,b\n1,2\n", "no column for the id"), ("id,b\nx,word\n", "no column of numbers"),
                           ("id,b\nx,1\nx,2\n", "more than once"), ("id,b\nx,1,2,3\n", "not a CSV table")):  # fmt: skip
        bad.write_text(text)
        with pytest.raises(InputError, match=sentence):
            read_features(bad)
    with pytest.raises(InputError, match="cannot be read"):
        read_features(tmp_path / "none.csv")
    read = read_features(write(tmp_path / "f.csv", photos.ids, features(planet, photos, 1.0)[0]))
    with pytest.raises(InputError, match="has 648 labels"):
        feature_evidence("s", planet.world, planet.world.overlay.table("geocells_fine"), photos, read)
    few = Manifest(photos.ids[:20], photos.latitude[:20], photos.longitude[:20])
    with pytest.raises(InputError, match="cannot be fitted on"):
        feature_evidence("s", planet.world, planet.world.overlay.table("population"), few, read)
