"""Which script a line is written in, from the features of the network that reads it.

A multinomial logistic model on ``recognizer.ReadCrop.features``, fitted by ``assets/scripts/fit_sign_scripts.py`` on
rendered lines. It is there because PP-OCR writes letters that it does not know as confident Latin nonsense: a line that
the head does not take for Latin, Han, Kana or digits is not read, whatever the network says of it.
"""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from engine.errors import ArtifactError
from engine.signs.recognizer import FEATURES

MODEL_PATH = Path(__file__).parents[2] / "assets" / "models" / "sign_scripts.npz"
"""The fitted coefficients that ship with the project."""

READABLE = frozenset({"Latn", "Hani", "Kana"})
"""Scripts that the network reads; digits count as Latin, ``Kana`` is Japanese with Hiragana or Katakana."""

NOTHING = "none"
"""The label of what is no text: bricks, leaves, railings."""


@dataclass(frozen=True)
class ScriptGuess:
    """What a line is written in.

    Attributes:
        script: ISO 15924 code, or ``"none"`` for no text.
        probability: of that script, 0 to 1.
        readable: probability that the network can read it, 0 to 1.
    """

    script: str
    probability: float
    readable: float


@dataclass(frozen=True, eq=False)
class ScriptHead:
    """The fitted model.

    Attributes:
        labels: scripts and ``"none"``.
        mean, spread: ``(480,)`` of the features in the fit.
        weights: ``(labels, 480)``.
        bias: ``(labels,)``.
        temperature: divides the scores, so that probabilities mean what they say on lines not in the fit.
    """

    labels: tuple[str, ...]
    mean: npt.NDArray[np.float32]
    spread: npt.NDArray[np.float32]
    weights: npt.NDArray[np.float32]
    bias: npt.NDArray[np.float32]
    temperature: float = 1.0

    def guess(self, features: npt.NDArray[np.float32]) -> ScriptGuess:
        """The script of one line from ``(480,)`` features."""
        probability = self.probabilities(features[None])[0]
        best = int(probability.argmax())
        readable = float(sum(probability[number] for number, label in enumerate(self.labels) if label in READABLE))
        return ScriptGuess(self.labels[best], float(probability[best]), readable)

    def probabilities(self, features: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
        """``(lines, labels)`` from ``(lines, 480)`` features."""
        scores = ((features - self.mean) / self.spread) @ self.weights.T + self.bias
        scores = np.asarray(scores, np.float64) / self.temperature
        shifted = np.exp(scores - scores.max(1, keepdims=True))
        return np.asarray(shifted / shifted.sum(1, keepdims=True), np.float64)

    def save(self, path: Path) -> None:
        """Write the coefficients in half precision."""
        text = np.frombuffer(json.dumps({"labels": self.labels, "temperature": self.temperature}).encode(), np.uint8)
        half = {name: getattr(self, name).astype(np.float16) for name in ("mean", "spread", "weights", "bias")}
        np.savez_compressed(path, facts=text, **half)


@cache
def load_script_head(path: Path = MODEL_PATH) -> ScriptHead:
    """The model that ships with the project.

    Raises:
        ArtifactError: its file is missing or damaged.
    """
    try:
        with path.open("rb") as opened, np.load(opened, allow_pickle=False) as file:
            facts = json.loads(file["facts"].tobytes())
            arrays = {name: file[name].astype(np.float32) for name in ("mean", "spread", "weights", "bias")}
        head = ScriptHead(tuple(facts["labels"]), temperature=float(facts["temperature"]), **arrays)
    except Exception as error:  # a damaged archive raises errors of zipfile, zlib, NumPy and json
        raise ArtifactError(
            f"{path.name} cannot be read ({type(error).__name__}); install the project again."
        ) from error
    if head.weights.shape != (len(head.labels), FEATURES):
        raise ArtifactError(f"{path.name} does not fit this version; install the project again.")
    return head
