"""Every error that the engine raises, as one tree.

HereaboutsError                  anything the user can be told in one sentence
├── PhotoError                   this photo cannot be used; the others go on
├── InputError (ValueError)      a number, coordinate or option is outside what it may be
├── LayerError                   a raster layer is missing, damaged or not what it says
├── ArtifactError                weights or data that are not code are missing or damaged
├── PredictorError               one predictor failed; the others go on
├── SignsError                   the text in a photo was not read; the answer stands without it
├── ContradictionError           the predictors leave no place on Earth possible
└── ExportError                  a result could not be written

Each message is one sentence that says what was received, what was expected and what to do about it.
Exceptions of other libraries are translated where they enter, never shown to the user.
"""


class HereaboutsError(Exception):
    """Root of all errors that are meant for the user; its text is one sentence with a remedy."""


class PhotoError(HereaboutsError):
    """A photo cannot be opened or is not safe to open; the rest of the batch goes on."""


class InputError(HereaboutsError, ValueError):
    """A value given by the user is outside the range that makes sense."""


class LayerError(HereaboutsError):
    """A satellite layer is missing, damaged or not what its record says."""


class ArtifactError(HereaboutsError):
    """A file that is not code (weights, gallery, cached overlay) is missing, damaged or not to be trusted."""


class PredictorError(HereaboutsError):
    """One predictor could not answer; the ensemble goes on without it and says so."""


class SignsError(HereaboutsError):
    """The text in a photo could not be read, or reading was stopped; the map stands without it."""


class ContradictionError(HereaboutsError):
    """The predictors contradict each other: their product is zero everywhere on Earth."""


class ExportError(HereaboutsError):
    """A result could not be written in the format asked for."""
