import collections
import concurrent.futures

import numpy as np
import pytest
from scipy.ndimage import binary_dilation

from kerasfg.data import Source
from kerasfg.data import field_guide
from kerasfg.data import field_guide_attributes
from kerasfg.data import shrink
from kerasfg.data.field_guide.field_guide import bird_mask
from kerasfg.data.field_guide.field_guide import draw_bird
from kerasfg.data.field_guide.painter import Painter
from kerasfg.data.field_guide.sheet import contact_sheet
from kerasfg.evaluation.metrics.nearest_neighbour import color_histograms
from kerasfg.evaluation.metrics.nearest_neighbour import nearest_neighbour


def pixels(source, index):
    return np.asarray(source.read(index))


def test_is_a_source_of_labelled_pictures():
    source = field_guide(images_per_class=4)
    assert isinstance(source, Source)
    assert len(source.class_names) >= 12
    assert len(source) == 4 * len(source.class_names)
    assert len(set(source.names)) == len(set(source.digests)) == len(source)
    for name, label in zip(source.names, source.labels, strict=True):
        assert name.startswith(f"{source.class_names[label]}/")
    picture = source.read(0)
    assert picture.size == (128, 128) and picture.mode == "RGB"


def test_a_picture_is_the_same_each_time_and_in_any_thread():
    source = field_guide(images_per_class=3)
    order = [5, 0, 7, 5, 0, 7]
    with concurrent.futures.ThreadPoolExecutor(3) as pool:
        threads = list(pool.map(lambda i: pixels(source, i), order))
    for index, drawn in zip(order, threads, strict=True):
        np.testing.assert_array_equal(drawn, pixels(source, index))


def test_more_pictures_do_not_change_the_first():
    few, many = field_guide(3), field_guide(10)
    for name in ("ember_duskjay/0002", "hazel_sandrunner/0000"):
        np.testing.assert_array_equal(
            pixels(few, few.names.index(name)),
            pixels(many, many.names.index(name)),
        )


def test_pictures_differ_by_number_and_by_seed():
    source, other = field_guide(3), field_guide(3, seed=1)
    first = pixels(source, 0)
    assert not np.array_equal(first, pixels(source, 1))
    assert not np.array_equal(first, pixels(other, 0))
    assert source.digests[0] != other.digests[0]


def test_the_table_of_attributes_is_complete():
    rows = field_guide_attributes()
    classes = field_guide(3).class_names
    attributes = {attribute for _, attribute, _ in rows}
    assert {"patches", "crest", "habitat"} <= attributes
    assert len(rows) == len(classes) * len(attributes)
    assert {(name, attribute) for name, attribute, _ in rows} == {
        (name, attribute) for name in classes for attribute in attributes
    }


def test_attributes_distinguish_similar_species():
    values = collections.defaultdict(dict)
    for name, attribute, value in field_guide_attributes():
        values[name][attribute] = value
    groups = collections.defaultdict(list)
    for name in values:
        groups[name.split("_")[-1]].append(values[name])
    assert len(groups) >= 3
    for members in groups.values():
        assert len(members) >= 3
        assert len({tuple(m.values()) for m in members}) == len(members)
    for attribute in values[name]:
        divided = [
            len({member[attribute] for member in members}) > 1
            for members in groups.values()
        ]
        assert sum(divided) >= 2, attribute


def test_colors_do_not_give_the_species_away():
    source = field_guide(images_per_class=20)
    images = np.stack([shrink(source.read(i), 32) for i in range(len(source))])
    histograms, known = (
        color_histograms(images),
        np.arange(len(source)) % 2 == 0,
    )
    predicted = nearest_neighbour(
        histograms[known], source.labels[known], histograms[~known]
    )
    accuracy = np.mean(predicted == source.labels[~known])
    # chance is 8 %, and a network gets to more than 40 %
    assert accuracy < 0.2


def test_the_mask_is_where_painting_a_bird_changes_the_picture(monkeypatch):
    places = [(label, number) for label in range(12) for number in range(4)]
    drawn = [np.asarray(draw_bird(*place)) for place in places]
    masks = [bird_mask(*place) for place in places]
    monkeypatch.setattr(Painter, "paint", lambda self: None)
    empty = [np.asarray(draw_bird(*place)) for place in places]
    hits = []
    for mask, picture, without in zip(masks, drawn, empty, strict=True):
        assert mask.shape == (128, 128) and mask.dtype == bool
        changed = (picture != without).any(axis=-1)
        near = binary_dilation(mask, np.ones((3, 3)))
        # tips of bills and toes, which cover less than half a pixel
        assert (changed & ~near).sum() < 10
        hits.append(changed[mask].mean())
    # leaves and grass hide a part of some
    assert np.median(hits) > 0.99 and min(hits) > 0.8


def test_the_sheet_shows_every_species():
    sheet = contact_sheet()
    assert sheet.size[0] > 800 and sheet.size[1] > 800
    assert len(sheet.getcolors(2**24)) > 1000


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"images_per_class": 2}, r"Received: images_per_class=2"),
        ({"seed": -1}, r"Received: seed=-1"),
    ],
)
def test_rejects(arguments, message):
    with pytest.raises(ValueError, match=message):
        field_guide(**arguments)
