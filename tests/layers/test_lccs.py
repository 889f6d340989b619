from engine.layers import lccs
from engine.layers.attributes import LAND_COVER
from engine.layers.builtin import LAND_COVER_CLASSES

# flag_values of lccs_class in the product's NetCDF files
PUBLISHED = [
    0, 10, 11, 12, 20, 30, 40, 50, 60, 61, 62, 70, 71, 72, 80, 81, 82, 90, 100, 110, 120, 121, 122, 130, 140, 150, 151,
    152, 153, 160, 170, 180, 190, 200, 201, 202, 210, 220,
]  # fmt: skip


def test_the_legend_is_the_products_38_values_and_22_classes():
    assert len(PUBLISHED) == 38
    assert sorted([lccs.NO_DATA_VALUE, *lccs.FIRST_LEVEL, *lccs.SECOND_LEVEL]) == PUBLISHED
    assert len(lccs.FIRST_LEVEL) == 22


def test_a_regional_value_belongs_to_its_ten():
    assert all(lccs.first_level_of(value) == value // 10 * 10 for value in PUBLISHED)
    assert set(map(lccs.first_level_of, PUBLISHED[1:])) == set(lccs.FIRST_LEVEL)


def test_the_seven_classes_are_those_of_the_paper():
    spans = {
        "cropland": (10, 40),
        "broadleaf_forest": (50, 69),
        "other_forest": (70, 100),
        "short_vegetation": (110, 159),
        "flooded_vegetation": (160, 189),
        "urban": (190, 190),
        "bare_water_snow": (200, 220),
    }
    assert list(lccs.MERGED) == list(spans) == [entry.label for entry in LAND_COVER_CLASSES]
    for label, (first, last) in spans.items():
        assert list(lccs.values_of(label)) == [value for value in PUBLISHED if first <= value <= last]
    named = [value for values in LAND_COVER.rule.of_class for value in values]
    assert sorted(named) == PUBLISHED[1:]
