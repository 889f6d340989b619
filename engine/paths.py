"""Where things are kept on this machine; each folder can be moved with one environment variable."""

import os
from pathlib import Path

import platformdirs


def cache_folder() -> Path:
    """What can be computed or fetched again: ``HEREABOUTS_CACHE`` or the operating system's cache folder."""
    chosen = os.environ.get("HEREABOUTS_CACHE")
    return Path(chosen) if chosen else Path(platformdirs.user_cache_dir("hereabouts", appauthor=False))


def data_folder() -> Path:
    """What the user brought, such as licensed layers: ``HEREABOUTS_DATA`` or the system's data folder."""
    chosen = os.environ.get("HEREABOUTS_DATA")
    return Path(chosen) if chosen else Path(platformdirs.user_data_dir("hereabouts", appauthor=False))
