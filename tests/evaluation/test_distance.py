import numpy as np
import pytest

from engine.errors import InputError
from engine.evaluation.distance import distance_table, evaluate_points_files, match_ids, percent_within, read_points
from engine.evaluation.tables import distance_markdown
from engine.geometry.sphere import EARTH_RADIUS_KM

DEGREE_KM = EARTH_RADIUS_KM * np.pi / 180


def files(tmp_path, truth, predictions):
    paths = tmp_path / "truth.csv", tmp_path / "predictions.csv"
    for path, text in zip(paths, (truth, predictions), strict=True):
        path.write_text(text, encoding="utf-8")
    return paths


def test_errors_at_the_radius_count():
    assert percent_within(np.array([1.0, 1.0000001, 25.0, 199.0])).tolist() == [25.0, 75.0, 100.0, 100.0, 100.0]


def test_a_published_row_is_reproduced_to_the_printed_digit(tmp_path):
    """2,997 photos with errors made so that the published ISN row of Im2GPS3k comes out."""
    counts = [round(2997 * percent / 100) for percent in (10.5, 28.0, 36.7, 49.7, 66.0)]
    km = np.concatenate(
        [
            np.full(n, d)
            for n, d in zip(np.diff([0, *counts, 2997]), (0.9, 24.9, 199.0, 749.0, 2499.0, 9000.0), strict=True)
        ]
    )
    truth = "IMG_ID,AUTHOR,LON,LAT\n" + "".join(f"{n}_x.jpg,a,0,0\n" for n in range(2997))
    rows = "".join(f"{n}_x,{d / DEGREE_KM:.9f},0\n" for n, d in enumerate(km))
    table = evaluate_points_files(*files(tmp_path, truth, "image,pred_lat,pred_lng\n" + rows + "mean,,\nmedian,,\n"))
    assert [f"{value:.1f}" for value in table.percent.values()] == ["10.5", "28.0", "36.7", "49.7", "66.0"]
    assert table.photos == 2997
    assert table.excluded == {"prediction is not a point on the globe": 2}
    assert "10.5" in distance_markdown(table)


def test_what_does_not_match_is_counted(tmp_path):
    table = evaluate_points_files(
        *files(tmp_path, "id,lat,lon\na,0,0\nb,0,0\nc,0,0\n", "id,lat,lon\na,0,0\nb,1,0\nz,0,0\n")
    )
    assert table.photos == 2
    assert table.excluded == {"photo has no prediction": 1, "prediction has no true place": 1}
    assert table.median_km == pytest.approx(DEGREE_KM / 2)
    assert table.as_dict()["gcd"]["1"] == 50.0


def test_ids_match_by_name_then_by_stem_and_never_twice():
    rows, strangers = match_ids(["a.jpg", "folder/b.jpg", "c"], ["a.jpg", "b.jpg", "c.png", "c.jpg"])
    assert rows == {"a.jpg": 0, "folder/b.jpg": 1}
    assert strangers == 2


def test_refusals(tmp_path):
    with pytest.raises(InputError, match="No photo has both"):
        evaluate_points_files(*files(tmp_path, "id,lat,lon\na,0,0\n", "id,lat,lon\nb,0,0\n"))
    with pytest.raises(InputError, match="more than once"):
        evaluate_points_files(*files(tmp_path, "id,lat,lon\na,0,0\n", "id,lat,lon\na,0,0\na,1,1\n"))
    with pytest.raises(InputError, match="no column for the latitude"):
        evaluate_points_files(*files(tmp_path, "id,lat,lon\na,0,0\n", "id,where\na,here\n"))
    with pytest.raises(InputError, match="check that the ids"):
        distance_table(np.empty(0))


def test_columns_of_unusual_names_can_be_named(tmp_path):
    _, path = files(tmp_path, "", "who;up;over;confidence\na;1;2;0.5\n")
    points = read_points(path, "up", "over", "who")
    assert (points.latitude[0], points.longitude[0], points.confidence[0]) == (1, 2, 0.5)
