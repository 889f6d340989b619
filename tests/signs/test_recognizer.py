import numpy as np
import pytest
from rendered import page

from engine.errors import ArtifactError
from engine.signs import recognizer
from engine.signs.recognizer import FEATURES, Recognizer, model_path


def crop(text, size=30):
    return np.ascontiguousarray(page([text], size, 1)[size - 6 : 2 * size + 8, size - 6 :, ::-1])


@pytest.fixture(scope="module")
def network():
    return Recognizer(threads=1)


def test_lines_come_back_in_the_order_in_which_they_were_given(network):
    texts = ["Bahnhofstrasse 12", "WC", "Rue de la Paix", "Exit", "Apotheke", "Taxi", "Zentrum"]
    read = network.read([crop(text) for text in texts])
    assert [each.text for each in read] == texts
    assert all(0.9 < each.score <= 1.0 and each.features.shape == (FEATURES,) for each in read)


def test_features_hardly_depend_on_the_lines_beside(network):
    alone = network.read([crop("WC")])[0].features
    beside = network.read([crop("WC"), crop("Bundesverwaltungsgericht")])[0].features
    assert np.corrcoef(alone, beside)[0, 1] > 0.9


def test_no_lines_are_no_answers(network):
    assert network.read([]) == []


def test_narrow_and_very_long_crops_are_read(network):
    read = network.read([np.full((60, 6, 3), 200, np.uint8), np.full((20, 4000, 3), 200, np.uint8)])
    assert [each.text for each in read] == ["", ""]


def test_extra_outputs_are_appended_without_changing_the_file(network):
    before = model_path("PP-OCRv6_rec_small.onnx").read_bytes()
    extra = recognizer._extra_output("layer")
    assert extra == b"\x3a\x09\x62\x07\x0a\x05layer"
    assert model_path("PP-OCRv6_rec_small.onnx").read_bytes() == before


def test_a_missing_network_is_one_sentence(monkeypatch, tmp_path):
    with pytest.raises(ArtifactError, match=r"The network other.onnx of RapidOCR is missing; install rapidocr again\."):
        model_path("other.onnx")
    monkeypatch.setattr(recognizer, "find_spec", lambda _name: None)
    recognizer._models_folder.cache_clear()
    with pytest.raises(ArtifactError, match="needs the package rapidocr"):
        model_path("other.onnx")
    recognizer._models_folder.cache_clear()
