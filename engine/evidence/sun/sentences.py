"""An observation of the sun as a sentence."""

from engine.evidence.sun.observation import MONTHS, SunObservation

_SPARE_MINUTES = 5.0  # an error of a few minutes goes without saying
_LIGHT = {"day": "Daylight", "dusk": "Dusk or dawn", "night": "Night"}


def sentence(observation: SunObservation) -> str:
    """``"Solar elevation 34° (±2°) on 2023-06-21 at 14:30 local time"``."""
    what = [part for part in (_light(observation), _height(observation), _direction(observation)) if part]
    joined = " and ".join([what[0], *(part[0].lower() + part[1:] for part in what[1:])])
    return " ".join(part for part in (joined, _date(observation), _time(observation)) if part)


def _light(observation: SunObservation) -> str:
    return _LIGHT[observation.light] if observation.light is not None else ""


def _height(observation: SunObservation) -> str:
    if observation.object_height is not None and observation.shadow_length is not None:
        ratio = observation.shadow_length / observation.object_height
        return f"Shadow ratio {ratio:.3g} (±{observation.shadow_error_percent:.3g} %)"
    if observation.elevation_degrees is None:
        return ""
    height, error = observation.elevation_degrees, observation.elevation_error_degrees
    return f"Solar elevation {height:.3g}° (±{error:.3g}°)"


def _direction(observation: SunObservation) -> str:
    if observation.azimuth_degrees is None:
        return ""
    of = "Shadow" if observation.azimuth_of == "shadow" else "Sun"
    return f"{of} bearing {observation.azimuth_degrees:.4g}° (±{observation.azimuth_error_degrees:.3g}°)"


def _date(observation: SunObservation) -> str:
    year, month, day = observation.year, observation.month, observation.day
    if month is None:
        return "" if year is None else f"in {year}"
    if day is None:
        return f"in {MONTHS[month - 1]}" + ("" if year is None else f" {year}")
    return f"on {day} {MONTHS[month - 1]}" if year is None else f"on {year}-{month:02d}-{day:02d}"


def _time(observation: SunObservation) -> str:
    if observation.minute_of_day is None:
        return ""
    hour, minute = divmod(int(observation.minute_of_day), 60)
    error = observation.time_error_minutes
    spread = f" (±{error:.3g} minutes)" if error > _SPARE_MINUTES else ""
    return f"at {hour:02d}:{minute:02d} {'UTC' if observation.clock == 'utc' else 'local time'}{spread}"
