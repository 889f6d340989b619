from engine.predictors.registry import default_predictors
from engine.predictors.scene.predictor import Scene


def test_the_built_in_predictors_need_nothing(tmp_path):
    (only,) = default_predictors(tmp_path)
    assert isinstance(only, Scene)


def test_a_trained_head_is_a_predictor_named_after_its_file(tmp_path):
    (tmp_path / "village_or_town.safetensors").write_bytes(b"damaged")
    names = [predictor.record.name for predictor in default_predictors(tmp_path)]
    assert names == ["scene", "village_or_town"]
