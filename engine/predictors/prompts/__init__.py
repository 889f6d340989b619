"""What CLIP models are asked, as data: prompt sets in TOML, averaged over templates. Knows no photo and no network.

Averaging embeddings over templates is the prompt ensembling of Radford et al., ICML 2021, section 3.1.4.
"""

import hashlib
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from engine.errors import ArtifactError
from engine.networks.array_cache import cached_array

ATTRIBUTES = Path(__file__).with_name("attributes.toml")
STREET = Path(__file__).with_name("street.toml")
Embeddings = npt.NDArray[np.float32]


class ReadsText(Protocol):
    """What is needed of a text encoder."""

    def encode(self, prompts: Sequence[str]) -> Embeddings:
        """``(P, D)`` float32, each of length 1."""
        ...


@dataclass(frozen=True)
class PromptSet:
    """The labels of one partition in words.

    Attributes:
        partition: whose labels.
        labels: in the order of the probabilities.
        prompts: for each label its whole sentences, at least one.
        temperature: scores are divided by it; more is less sure.

    Raises:
        ArtifactError: a label has no prompt, or the temperature is not positive.
    """

    partition: str
    labels: tuple[str, ...]
    prompts: tuple[tuple[str, ...], ...]
    temperature: float = 1.0

    def __post_init__(self) -> None:
        if not self.labels or len(self.labels) != len(self.prompts) or not all(self.prompts) or self.temperature <= 0:
            raise ArtifactError(
                f"The prompt set of {self.partition!r} needs prompts for each label and a positive temperature."
            )

    def embeddings(
        self, encoder: ReadsText, dimension: int, encoder_key: object, cache: Path | None = None
    ) -> Embeddings:
        """The labels' embeddings, each of length 1.

        Args:
            encoder: reads the prompts, unless they are kept.
            dimension: length of its embeddings.
            encoder_key: what tells its weights from others.
            cache: folder to keep them in under a digest of prompts and encoder, or None.

        Returns:
            ``(J, dimension)`` float32.
        """
        facts = repr((1, encoder_key, self.labels, self.prompts))
        digest = hashlib.sha256(facts.encode()).hexdigest()[:16]
        path = None if cache is None else cache / f"prompts-{self.partition}-{digest}.npy"
        return cached_array(path, (len(self.labels), dimension), lambda: _means(encoder, self.prompts))


def _means(encoder: ReadsText, prompts: Sequence[Sequence[str]]) -> Embeddings:
    """Mean direction of each label's sentences; equal sentences are encoded once."""
    distinct = list(dict.fromkeys(text for texts in prompts for text in texts))
    found = dict(zip(distinct, encoder.encode(distinct), strict=True))
    means = np.stack([np.mean([found[text] for text in texts], axis=0) for texts in prompts])
    return np.asarray(means / np.linalg.norm(means, axis=1, keepdims=True), np.float32)


def load_prompt_sets(path: Path = ATTRIBUTES) -> tuple[PromptSet, ...]:
    """The prompt sets of a TOML file: per partition ``templates``, ``temperature`` and ``labels`` with phrases.

    Raises:
        ArtifactError: the file is missing, no TOML, or not such a table.
    """
    try:
        return tuple(_prompt_set(name, table) for name, table in load_table(path).items())
    except (KeyError, TypeError, AttributeError, IndexError, ValueError) as error:
        raise ArtifactError(
            f"{path.name} is no table of prompt sets ({error}); give each partition templates and labels with phrases."
        ) from error


def load_table(path: Path) -> dict[str, Any]:
    """A TOML file as it stands.

    Raises:
        ArtifactError: it is missing or no TOML.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ArtifactError(f"The prompt file {path.name} cannot be read ({error}); restore or correct it.") from error


def _prompt_set(name: str, table: Mapping[str, Any]) -> PromptSet:
    templates, labels = [str(text) for text in table["templates"]], table["labels"]
    prompts = tuple(
        tuple(template.format(phrase) for phrase in phrases for template in templates) for phrases in labels.values()
    )
    return PromptSet(name, tuple(labels), prompts, float(table.get("temperature", 1.0)))
