"""Opens the dashboard: starts Streamlit on the dashboard's script, on this machine only."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
"""Where ``dashboard`` and ``.streamlit`` lie, in a checkout and in an installed wheel alike."""
