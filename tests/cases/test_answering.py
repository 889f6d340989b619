from dataclasses import dataclass, replace

import numpy as np
import pytest
from PIL import Image

from engine.cases.answering import EVIDENCE, TOGETHER, answer_case, drop_pixels, find_photos
from engine.cases.case import Case
from engine.cases.parts import CasePhoto, CaseRegion, CaseSettings
from engine.cases.permalink import from_token, to_token
from engine.cases.provenance import (
    STATEMENTS,
    case_settings,
    describe_provenance,
    differences,
    local_settings,
    newer_note,
    world_digest,
)
from engine.cases.reading import case_from_json, case_from_plain
from engine.cases.writing import case_to_json, case_to_plain
from engine.errors import InputError
from engine.evidence.statements.areas import Circle, DrawnArea
from engine.evidence.statements.evidence import Evidence
from engine.evidence.statements.searches import Searched
from engine.geometry.sphere import great_circle_km
from engine.inference.world import EvidenceWorld
from engine.locate.locator import Locator
from engine.locate.multi_photo import answer_together
from engine.locate.settings import Settings
from engine.photos.photo import open_photo
from engine.testing import box_partition, make_world, peaked
from engine.testing.synthetic_world import HashPredictor

RING = ((0.0, 5.0), (0.0, 40.0), (30.0, 40.0), (30.0, 5.0), (0.0, 5.0))
STATED = (
    Evidence("e1", Circle(10.5, 20.5, 900.0)),
    Evidence("e2", DrawnArea(((RING,),), name="valley"), 0.65),
    Evidence("e3", Searched(Circle(12.0, 22.0, 300.0), 0.7)),
    Evidence("e4", Circle(-40.0, 100.0, 500.0), 1.0, on=False),
)


@dataclass(frozen=True)
class Halves:
    """West and east, for the evidence world to be cut by."""

    name: str = "halves"
    labels: tuple[str, ...] = ("halves-0", "halves-1")
    digest: str = "halves"
    edges: tuple[float, ...] = ()

    def on(self, grid):
        return box_partition(self.name, grid, grid.rows, grid.columns // 2)


def fresh_locator():
    world = make_world()
    return Locator(world, [peaked(world, 10.5, 20.5), HashPredictor(world)], EvidenceWorld.of(world, [Halves()]))


@pytest.fixture(scope="module")
def locator():
    return fresh_locator()


def write_photo(path, seed):
    pixels = np.random.default_rng(seed).integers(0, 255, (40, 60, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(path)
    return path


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("photos")
    (folder / "deep").mkdir()
    write_photo(folder / "one.png", 1)
    write_photo(folder / "deep" / "two.png", 2)
    write_photo(folder / "other.png", 3)
    (folder / "notes.txt").write_text("not a photo")
    (folder / "broken.jpg").write_text("not a photo either")
    return folder


@pytest.fixture(scope="module")
def opened(folder, locator):
    photos = [open_photo(folder / "one.png"), open_photo(folder / "deep" / "two.png")]
    return {photo.sha256: (drop_pixels(photo), locator.read(photo)) for photo in photos}


def case_of(opened, locator, settings, **changes):
    photos = tuple(CasePhoto.of(photo) for photo, _ in opened.values())
    return Case(photos, settings.evidence, case_settings(locator, settings), "180x360", **changes)


def digests(answers):
    return {each.key: each.region.sha256 for each in answers}


@pytest.mark.parametrize(
    "settings",
    [
        Settings(),
        Settings(weights={"hash": 0.25}, prior_weight=0.5, floors={"peaked": 0.2}),
        Settings(pooling="product", declared={"population": {"high": 0.7}}),
        Settings(weights={"peaked": 0.3}, evidence=STATED),
    ],
)
@pytest.mark.parametrize("region", [CaseRegion(budget_km2=1_234_567.0), CaseRegion(mass=0.8)])
def test_a_case_gives_the_region_of_the_pipeline_hash_for_hash(locator, opened, settings, region):
    case = case_of(opened, locator, settings, region=region)
    expected = {
        photo.sha256: locator.answer(photo, said, settings).search_map.region(region.budget_km2, region.mass).sha256
        for photo, said in opened.values()
    }
    assert digests(answer_case(locator, case, opened)) == expected
    for again in (case_from_json(case_to_json(case)), from_token(to_token(case))):
        assert digests(answer_case(fresh_locator(), again, opened)) == expected


def test_statements_made_one_by_one_give_the_region_of_all_at_once(opened):
    session = fresh_locator()
    for count in range(len(STATED) + 1):
        case = case_of(opened, session, Settings(evidence=STATED[:count]))
        answered = digests(answer_case(session, case, opened))
    assert answered == digests(answer_case(fresh_locator(), case, opened))


def test_photos_of_one_place_are_answered_together(locator, opened):
    case = case_of(opened, locator, Settings(evidence=STATED))
    case = replace(case, settings=replace(case.settings, dependence=0.4))
    together, *alone = answer_case(locator, case, opened)
    joint = answer_together(locator, list(opened.values()), local_settings(case, locator), 0.4)
    assert together.key == TOGETHER
    assert together.region.sha256 == case.region.of(joint.search_map).sha256
    assert [each.key for each in alone] == list(opened)
    single = replace(case, settings=replace(case.settings, dependence=None))
    assert digests(alone) == digests(answer_case(locator, single, opened))


def test_a_statement_about_one_photo_leaves_the_others_alone(locator, opened):
    first, second = opened
    about_first = (replace(STATED[0], photo=first),)
    found = digests(answer_case(locator, case_of(opened, locator, Settings(evidence=about_first)), opened))
    with_it = digests(answer_case(locator, case_of(opened, locator, Settings(evidence=STATED[:1])), opened))
    without = digests(answer_case(locator, case_of(opened, locator, Settings()), opened))
    assert found == {first: with_it[first], second: without[second]}
    together = case_of(opened, locator, Settings(evidence=about_first))
    together = replace(together, settings=replace(together.settings, dependence=0.4))
    whole = replace(together, evidence=STATED[:1])
    assert digests(answer_case(locator, together, opened)) == digests(answer_case(locator, whole, opened))


def test_a_case_without_photos_is_answered_by_its_evidence(locator):
    case = Case(evidence=STATED, grid="180x360", region=CaseRegion(mass=0.5))
    (found,) = answer_case(locator, case, {})
    assert found.key == EVIDENCE
    assert found.region.sha256 == case.region.of(locator.answer_without_photo(Settings(evidence=STATED))).sha256
    assert found.notes == ()
    (near,) = answer_case(locator, replace(case, evidence=(replace(STATED[0], probability=1.0),)), {})
    assert all(great_circle_km(10.5, 20.5, place.latitude, place.longitude) < 900 for place in near.places[:2])


def test_photos_are_found_by_content_whatever_they_are_called(folder, opened, locator, tmp_path):
    case = case_of(opened, locator, Settings())
    found = find_photos(case, [folder])
    assert set(found.paths) == set(opened) and found.missing == () and found.others == () and found.note == ""
    renamed = tmp_path / "renamed.dat"
    renamed.write_bytes((folder / "one.png").read_bytes())
    found = find_photos(case, [renamed, folder / "other.png", folder / "notes.txt"])
    assert list(found.paths.values()) == [renamed]
    assert found.missing == (CasePhoto.of(opened[case.photos[1].sha256][0]),)
    assert found.others == (folder / "other.png", folder / "notes.txt")
    assert found.note.startswith("two.png of this case is not among the files given")
    with pytest.raises(InputError, match="was not found"):
        find_photos(case, [folder / "gone"])


def test_what_cannot_be_read_is_passed_over(folder, opened, locator, tmp_path):
    (tmp_path / "loop.png").symlink_to(tmp_path / "loop.png")
    (tmp_path / "dangling.png").symlink_to(tmp_path / "nothing.png")
    (tmp_path / "folder.png").mkdir()
    found = find_photos(case_of(opened, locator, Settings()), [tmp_path, folder])
    assert set(found.paths) == set(opened)


def test_missing_photos_are_named_in_one_sentence(locator):
    photos = tuple(CasePhoto(f"{number:064x}", f"IMG_{number}.jpg") for number in range(9))
    note = find_photos(Case(photos), []).note
    assert "IMG_4.jpg and 4 more of this case are not" in note and note.endswith(".") and note.count(".jpg") == 5
    nameless = find_photos(Case((CasePhoto("ab" * 32),)), []).note
    assert nameless.startswith("the photo abababababab of this case is not")


def test_weights_are_written_out_so_that_no_default_moves_a_case(locator):
    kept = case_settings(locator, Settings(weights={"hash": 0.5}), 0.3)
    assert kept.weights == {"hash": 0.5, "peaked": 1.0} and kept.dependence == 0.3


def test_a_predictor_that_came_later_stays_off(locator, opened):
    world = locator.world
    alone = Locator(world, [peaked(world, 10.5, 20.5)])
    said = {sha256: (photo, alone.read(photo)) for sha256, (photo, _) in opened.items()}
    case = case_of(said, alone, Settings(), made=describe_provenance(alone))
    assert digests(answer_case(locator, case, opened)) == digests(answer_case(alone, case, said))
    assert differences(case, locator) == ("hash is here and was not asked when the case was saved; it stays off.",)
    assert local_settings(replace(case, made=Case().made), locator).weights == {"peaked": 1.0}


def test_what_differs_is_told(locator):
    case = Case(made=describe_provenance(locator), grid="180x360")
    assert differences(case, locator) == ()
    assert differences(Case(), locator) == ()
    other = Locator(make_world(seed=5), locator.predictors)
    assert differences(case, other) == ("The map data differs from when the case was saved.",)
    older = replace(case, made=replace(case.made, version="0.0.1"))
    assert differences(older, locator)[0].startswith("The case was saved by Hereabouts 0.0.1; this is ")
    fewer = Locator(locator.world, locator.predictors[:1])
    assert differences(case, fewer) == ("hash was asked when the case was saved and is not here.",)
    layers = {**case.made.layers, "population": "0" * 16}
    changed = replace(case, made=replace(case.made, layers=layers))
    assert differences(changed, locator) == (
        "The data of the layer population are not here; the case was made with them.",
    )
    layers = {**case.made.layers, STATEMENTS: "0" * 16}
    changed = replace(case, made=replace(case.made, layers=layers))
    assert differences(changed, locator) == ()
    (told,) = differences(replace(changed, evidence=STATED), locator)
    assert told.startswith("The data behind the evidence are not ")


def test_the_digest_of_a_world_is_that_of_its_cells():
    assert world_digest(make_world().overlay) == world_digest(make_world().overlay)
    assert world_digest(make_world(seed=1).overlay) != world_digest(make_world().overlay)


def test_a_newer_case_says_what_is_not_used(full_case):
    newer = case_from_plain({**case_to_plain(full_case), "version": "1.4", "weather": "rain"})
    assert "weather are unknown here; they are stored but not used" in newer_note(newer)
    assert newer_note(full_case) == ""


def test_settings_come_out_as_they_went_in(locator):
    chosen = Settings(
        {"hash": 0.5, "peaked": 2.0}, 0.25, "product", {"population": {"low": 0.2}}, {"hash": 0.1}, STATED
    )
    case = Case(evidence=STATED, settings=case_settings(locator, chosen))
    assert case.locator_settings == chosen
    assert CaseSettings() == Case().settings
