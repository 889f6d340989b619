"""Evidence from the sun: solar elevation, shadows, azimuth, time."""
