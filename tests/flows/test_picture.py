"""Does everything in a picture have its place, with nothing on top of anything?"""

from itertools import combinations, pairwise

import pytest

from flows.picture import Area, Link, arrange

AREAS = [Area(name, 200, high) for name, high in zip("abcdef", (40, 300, 60, 60, 120, 20), strict=True)]
LINKS = [
    *(Link("a", "b", 50, 20), Link("a", "c", 80, 40), Link("a", "d", 30, 20), Link("b", "e"), Link("c", "e")),
    *(Link("e", "a"), Link("d", "d"), Link("d", "a", 40, 20), Link("a", "e", 60, 20)),
]


def box(middle, wide, high):
    """Return the left, upper, right and lower end of a rectangle."""
    return (middle[0] - wide / 2, middle[1] - high / 2, middle[0] + wide / 2, middle[1] + high / 2)


def boxes_of(laid):
    """Return the rectangles of all areas and of all words."""
    areas = [box(laid.centers[area.id], area.width, area.height) for area in AREAS]
    words = [box(at, link.width, link.height) for at, link in zip(laid.words, LINKS, strict=True) if at]
    return [*areas, *words]


def test_nothing_lies_on_anything():
    """Areas and words are all apart, and inside the picture."""
    laid = arrange(AREAS, LINKS)
    found = boxes_of(laid)

    assert len(found) == len(AREAS) + sum(link.width > 0 for link in LINKS)
    assert all(
        one[2] <= two[0] or two[2] <= one[0] or one[3] <= two[1] or two[3] <= one[1]
        for one, two in combinations(found, 2)
    )
    assert all(min(each) >= 0 and each[2] <= laid.size[0] and each[3] <= laid.size[1] for each in found)


def test_lines_lead_from_border_to_border():
    """A line begins and ends at the edge of its areas, and runs level or upright."""
    laid = arrange(AREAS, LINKS)
    sizes = {area.id: (area.width, area.height) for area in AREAS}

    for link, points in zip(LINKS, laid.lines, strict=True):
        for name, (x, y) in ((link.begins, points[0]), (link.ends, points[-1])):
            left, top, right, bottom = box(laid.centers[name], *sizes[name])
            assert x == pytest.approx(left, abs=1) or x == pytest.approx(right, abs=1) or top - 1 <= y <= bottom + 1
            assert left - 1 <= x <= right + 1
        if not link.width:
            assert all(one[0] == two[0] or one[1] == two[1] for one, two in pairwise(points))


def test_what_comes_first_stands_above():
    """Only what leads back leads upward."""
    middles = arrange(AREAS, LINKS).centers

    assert middles["a"][1] < min(middles[name][1] for name in "bcd")
    assert middles["e"][1] > max(middles[name][1] for name in "bc")


def test_the_same_is_laid_out_the_same():
    """Twice the same input is twice the same picture."""
    assert arrange(AREAS, LINKS) == arrange(AREAS, LINKS)


def test_a_single_area():
    """A picture of one thing is as large as it."""
    assert arrange([Area("a", 100, 40)], []).size == (100, 40)
