"""Array types that many modules share; each name says the element type, docstrings say the shape."""

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
"""Float64 values: degrees, km, km2, densities, probabilities."""

IntArray = npt.NDArray[np.int64]
"""Int64 values: indices, counts, flat pixel numbers."""

Int32Array = npt.NDArray[np.int32]
"""Int32 values: cell numbers of rasters, ranks, labels."""

BoolArray = npt.NDArray[np.bool_]
"""Truth values: masks."""
