"""One text line to its letters with the PP-OCRv6 network that the wheel of RapidOCR carries, and to its features.

The network's last hidden layer is read besides its letters: ``script_head`` decides from it whether the letters belong
to a script that the network was trained on. The file itself stays as it is; the extra outputs are appended in memory.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.errors import ArtifactError

Crop = npt.NDArray[np.uint8]

HEIGHT = 48
"""Pixels; the height that the network was trained on."""

NARROWEST, WIDEST = 32, 1600
"""Pixels of width at that height: a shorter crop is padded, a longer one squeezed."""

BATCH = 6
"""Lines read at once; more only cost memory."""

HIDDEN = ("p2o.pd_op.transpose.8.0", "p2o.pd_op.swish.0.0")
"""Layers that are read besides: the last one, ``(lines, steps, 120)``, and that of the convolutions, ``(lines, 120, 1,
steps)``."""

STEP = 8
"""Pixels of width for each step of the network."""

FEATURES = 480
"""Mean and greatest value over the steps of 120 channels in two layers."""


@dataclass(frozen=True, eq=False)
class ReadCrop:
    """One line as the network sees it.

    Attributes:
        text: its letters; empty where there are none.
        score: mean probability of the letters, 0 to 1.
        features: ``(480,)`` for ``script_head``.
    """

    text: str
    score: float
    features: npt.NDArray[np.float32]


class Recognizer:
    """Reads crops of single lines; loads the network when it is made (0.3 s, 150 MB).

    Args:
        threads: that read.
        path: another network of PP-OCR; features are those of the usual one only, and zero for another.

    Raises:
        ArtifactError: the network is missing or damaged.
    """

    def __init__(self, threads: int = 2, path: Path | None = None) -> None:
        from onnxruntime import InferenceSession
        from rapidocr.ch_ppocr_rec.utils import CTCLabelDecode

        hidden = b"".join(map(_extra_output, HIDDEN)) if path is None else b""
        model = (path or model_path("PP-OCRv6_rec_small.onnx")).read_bytes() + hidden
        try:
            self._session = InferenceSession(model, session_options(threads), providers=["CPUExecutionProvider"])
            letters = self._session.get_modelmeta().custom_metadata_map["character"].splitlines()
        except Exception as error:  # onnxruntime raises classes of its own, all of them mean one thing
            raise ArtifactError("The network that reads text is damaged; install rapidocr again.") from error
        self._letters = CTCLabelDecode(letters)

    def read(self, crops: Sequence[Crop]) -> list[ReadCrop]:
        """Reads lines.

        Args:
            crops: each ``(rows, columns, 3)``, BGR, one line from left to right.
        """
        order = sorted(range(len(crops)), key=lambda number: crops[number].shape[1] / crops[number].shape[0])
        found: dict[int, ReadCrop] = {}
        for start in range(0, len(order), BATCH):
            some = order[start : start + BATCH]
            found.update(zip(some, self._read_batch([crops[number] for number in some]), strict=True))
        return [found[number] for number in range(len(crops))]

    def _read_batch(self, crops: Sequence[Crop]) -> list[ReadCrop]:
        images, widths = _network_input(crops)
        letters, *hidden = self._session.run(None, {self._session.get_inputs()[0].name: images})
        texts, _ = self._letters(letters)
        if not hidden:
            return [ReadCrop(text, float(score), np.zeros(FEATURES, np.float32)) for text, score in texts]
        last, early = hidden
        return [
            ReadCrop(text, float(score), _features(last[number], early[number, :, 0], -(-widths[number] // STEP)))
            for number, (text, score) in enumerate(texts)
        ]


def _network_input(crops: Sequence[Crop]) -> tuple[npt.NDArray[np.float32], list[int]]:
    """``(lines, 3, 48, width)`` from -1 to 1, grey on the right of shorter lines, and the width of each."""
    import cv2

    widths = [min(max(round(HEIGHT * crop.shape[1] / crop.shape[0]), 8), WIDEST) for crop in crops]
    images = np.zeros((len(crops), 3, HEIGHT, max(*widths, NARROWEST, 320)), np.float32)
    for image, crop, width in zip(images, crops, widths, strict=True):
        image[:, :, :width] = cv2.resize(crop, (width, HEIGHT)).transpose(2, 0, 1) / 127.5 - 1.0
    return images, widths


def _features(last: npt.NDArray[np.float32], early: npt.NDArray[np.float32], steps: int) -> npt.NDArray[np.float32]:
    """``(480,)`` from ``(steps, 120)`` and ``(120, steps)``; steps beyond the line's own width are left out."""
    layers = (last[: max(steps, 1)], early.T[: max(steps, 1)])
    return np.concatenate([part for layer in layers for part in (layer.mean(0), layer.max(0))])


def model_path(name: str) -> Path:
    """The file of a network in the wheel of RapidOCR.

    Raises:
        ArtifactError: RapidOCR or the file is missing.
    """
    path = _models_folder() / name
    if not path.is_file():
        raise ArtifactError(f"The network {name} of RapidOCR is missing; install rapidocr again.")
    return path


@cache
def _models_folder() -> Path:
    spec = find_spec("rapidocr")
    if spec is None or spec.origin is None:
        raise ArtifactError("Reading signs needs the package rapidocr; install the project again.")
    return Path(spec.origin).parent / "models"


def session_options(threads: int) -> Any:
    """Options of onnxruntime: few threads, no memory held back, silent.

    Graphs are only simplified: rearranged for the processor they run as fast and take a third more memory (723 against
    544 MB for a photo of 2,048 pixels).
    """
    from onnxruntime import GraphOptimizationLevel, SessionOptions

    options = SessionOptions()
    options.graph_optimization_level = GraphOptimizationLevel.ORT_ENABLE_BASIC
    options.intra_op_num_threads = threads
    options.enable_cpu_mem_arena = False
    options.log_severity_level = 4
    return options


def _extra_output(name: str) -> bytes:
    """Bytes that make a tensor an output when they follow a model: Protocol Buffers merge what comes twice."""
    value_info = _field(1, name.encode())
    return _field(7, _field(12, value_info))  # ModelProto.graph, GraphProto.output


def _field(number: int, content: bytes) -> bytes:
    """A field of Protocol Buffers of wire type 2 (length-delimited), shorter than 128 bytes."""
    return bytes([number << 3 | 2, len(content)]) + content
