import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from engine.errors import ArtifactError, InputError
from engine.networks.isn import build, load_checkpoint
from engine.partitions.geocells import ancestors
from engine.photos.photo import open_photo
from engine.predictors.cell_classifier import CellClassifier
from engine.training.cells import CellOptions, grow_partitions, rename_resnet_keys, train_cells
from engine.training.loop import Plan
from engine.training.preparation import SplitOptions, assign_sides, listed_photos

PLAN = Plan(epochs=1, batch=48, learning_rate=1e-4)


def options(world, out, **more):
    usual = {"random_weights": True, "size": 32, "maxima": (60, 30, 15), "name": "mine", "plan": PLAN, "device": "cpu"}
    return CellOptions(**{"manifest": world.manifest, "out": out, **usual, **more})


@pytest.fixture(scope="module")
def trained(tmp_path_factory, small_world):
    torch.set_num_threads(1)
    out = tmp_path_factory.mktemp("cells")
    return out, train_cells(options(small_world, out))


def test_what_it_writes_is_what_the_cell_classifier_reads(trained, small_world):
    out, told = trained
    checkpoint = load_checkpoint(out / "cell_classifier.safetensors")
    assert [cells.name for cells in checkpoint.partitions] == ["mine_coarse", "mine_middle", "mine_fine"]
    counts = [len(cells) for cells in checkpoint.partitions]
    assert counts == [row["cells"] for row in told["partitions"]] and counts[0] <= counts[1] <= counts[2]
    assert sum(checkpoint.partitions[-1].photo_count) == told["photos"]["train"]
    model = CellClassifier(lambda: checkpoint)
    (answer,) = model.predict(open_photo(small_world.manifest.parent / "pictures" / "00000.png"))
    assert answer.partition == "mine_fine"
    assert answer.probability.shape == answer.label_prior.shape == (counts[2],)


def test_it_leaves_a_card_and_a_report(trained):
    out, told = trained
    card = (out / "MODEL_CARD.md").read_text()
    assert "| mine_fine |" in card and "Within km" in card
    assert set(told["within_km"]) == {"1", "25", "200", "750", "2500"}
    assert (out / "train-cells" / "log.csv").read_text().count("\n") == 2


def test_cells_nest_and_are_grown_from_training_photos_alone(small_world, tmp_path):
    photos = listed_photos(small_world.manifest)
    split = assign_sides(photos, SplitOptions())
    cells = grow_partitions(photos, split, options(small_world, tmp_path))
    for coarser in cells[:-1]:
        assert (ancestors(cells[-1], coarser) >= 0).all()
    here = split.positions(0)
    found = np.bincount(cells[0].label_at(photos.rows.latitude[here], photos.rows.longitude[here]))
    assert found.tolist() == cells[0].photo_count.tolist()


def test_thresholds_scale_with_the_photos(small_world, tmp_path):
    photos = listed_photos(small_world.manifest)
    cells = grow_partitions(photos, assign_sides(photos, SplitOptions()), options(small_world, tmp_path, maxima=None))
    assert all(count.photo_count.max() <= most for count, most in zip(cells, (40, 20, 10), strict=True))


@pytest.mark.parametrize(
    ("more", "error", "words"),
    [
        ({"maxima": (10, 20, 30)}, InputError, "do not fall"),
        ({"name": "My Cells"}, InputError, "no name for cells"),
        ({"random_weights": False}, InputError, "--weights FILE"),
        ({"maxima": (900, 900, 900), "minimum": 60}, InputError, "No cell holds more|one geocell"),
    ],
)
def test_options_that_make_no_sense_are_refused(small_world, tmp_path, more, error, words):
    with pytest.raises(error, match=words):
        train_cells(options(small_world, tmp_path, **more))


def test_a_resnet_of_torchvision_fits_the_checkpoints_keys():
    from torchvision.models import resnet50

    torch.manual_seed(1)
    theirs = resnet50(weights=None)
    network = build([3, 4, 5])
    network["model"].load_state_dict(rename_resnet_keys(theirs.state_dict()), strict=True)
    theirs.fc = torch.nn.Identity()
    images = torch.randn(2, 3, 64, 64)
    with torch.inference_mode():
        torch.testing.assert_close(network["model"](images), theirs.eval()(images))


def test_weights_of_another_network_are_refused(small_world, tmp_path):
    save_file({"conv1.weight": torch.zeros(3)}, tmp_path / "w.safetensors")
    with pytest.raises(ArtifactError, match="does not fit the architecture"):
        train_cells(options(small_world, tmp_path, weights=tmp_path / "w.safetensors"))
