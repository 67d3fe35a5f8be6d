"""Where a sheet of paper lies in a photograph: its four corners, or none that can be told.

Sheets are looked for in two ways, because neither finds all: as outlines of what is brighter or of another colour than
its surroundings, and as four long straight lines, which also works where a corner is covered or out of the picture.
Whatever is found is judged by one measure: how much of its four sides really runs along an edge of the picture, and how
much of the picture it takes. The best one is then fitted to the edges along its sides, which gives the corners to about
a pixel of the reduced picture. OpenCV (Apache 2.0) does the heavy work.
"""

from collections.abc import Iterator
from itertools import combinations

import cv2
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Bytes = NDArray[np.uint8]

WORK_SIDE = 900
"""Pixels of the longer side of the picture in which edges are looked for."""
LEAST_AREA = 0.12
"""A page takes at least this part of the picture; smaller things are pictures on it, or something else."""
LEAST_SUPPORT = 0.55
"""Part of the sides that has to run along an edge."""
LEAST_SIDE_SUPPORT = 0.25
STRONG_EDGE = 0.42
"""How strong an edge is, as part of the strongest ones, to speak for a side."""
MOST_LINES = 9
"""Of each direction."""
SHARPEST_CORNER = 40.0
MOST_JUDGED = 40
LEAST_DIFFERENCE = 0.6
"""How consistently the page differs from what surrounds it, along each side: a texture's edges do not."""
BESIDE = 7
"""So many pixels to either side of an edge the page and its surroundings are looked at."""
SAMPLES = 64
REACH = 9
"""So many pixels on either side of a supposed side its real edge is looked for."""


def find_page(picture: Bytes) -> Floats | None:
    """The corners of the page in an RGB picture, in its pixels: top left, top right, bottom right, bottom left.

    None where nothing in it is a page beyond doubt.
    """
    scale = WORK_SIDE / max(picture.shape[:2])
    small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA) if scale < 1 else picture
    scale = small.shape[1] / picture.shape[1]
    lab = np.asarray(cv2.cvtColor(small, cv2.COLOR_RGB2LAB), np.uint8)
    strength = _edge_strength(lab)
    scored = ((_score(corners, strength), corners) for corners in _candidates(lab, strength))
    likely = sorted((one for one in scored if one[0] > 0), key=lambda one: -one[0])[:MOST_JUDGED]
    smooth = cv2.GaussianBlur(lab, (0, 0), 2).astype(np.float32)
    found = next((one for one in likely if _differs_from_around(one[1], smooth)), None)
    if found is None:
        return None
    corners = _fitted(found[1], strength)
    corners = corners if _score(corners, strength) >= found[0] * 0.97 else found[1]
    limits = np.array([picture.shape[1] - 1, picture.shape[0] - 1], np.float32)
    return np.asarray(np.clip((corners + 0.5) / np.float32(scale) - 0.5, 0, limits), np.float32)


def in_order(corners: Floats) -> Floats:
    """Corners clockwise, beginning with the one that is at the top left of an upright page."""
    middle = corners.mean(axis=0)
    turned = corners[np.argsort(np.arctan2(corners[:, 1] - middle[1], corners[:, 0] - middle[0]))]
    first = int(np.argmin(turned.sum(axis=1)))
    return np.roll(turned, -first, axis=0).astype(np.float32)


def _edge_strength(lab: Bytes) -> Floats:
    """How sharply brightness or colour changes at each pixel, without fine texture and noise; about 0 to 1."""
    strength = np.zeros(lab.shape[:2], np.float32)
    for channel, weight in zip(cv2.split(lab), (1.0, 1.6, 1.6), strict=True):
        smooth = cv2.GaussianBlur(cv2.medianBlur(channel, 5), (0, 0), 1.6).astype(np.float32)
        across, down = cv2.Sobel(smooth, cv2.CV_32F, 1, 0), cv2.Sobel(smooth, cv2.CV_32F, 0, 1)
        strength = np.maximum(strength, weight * cv2.magnitude(across, down))
    strongest = max(float(np.percentile(strength, 99)), 24.0)
    return np.asarray(np.clip(strength / strongest, 0, 1), np.float32)


def _candidates(lab: Bytes, strength: Floats) -> Iterator[Floats]:
    yield from _outlines(lab, strength)
    yield from _between_lines(strength)


def _outlines(lab: Bytes, strength: Floats) -> Iterator[Floats]:
    """Four-sided outlines of regions, by brightness, by colour, and by the edges that close around them."""
    kernel = cv2.getStructuringElement(cv2.MORPH_RECT, (5, 5))
    masks: list[Bytes] = []
    light, green, blue = (cv2.GaussianBlur(cv2.medianBlur(one, 7), (0, 0), 2) for one in cv2.split(lab))
    for channel in (light, green, blue):
        _, mask = cv2.threshold(channel, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
        masks += [np.asarray(mask, np.uint8), np.asarray(cv2.bitwise_not(mask), np.uint8)]
    for limit in (0.18, 0.3, 0.5):
        masks.append(np.asarray(cv2.dilate((strength > limit).astype(np.uint8) * 255, kernel), np.uint8))
    least = LEAST_AREA * lab.shape[0] * lab.shape[1]
    for mask in masks:
        closed = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, kernel, iterations=2)
        contours, _ = cv2.findContours(closed, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
        for contour in sorted(contours, key=cv2.contourArea, reverse=True)[:6]:
            hull = cv2.convexHull(contour)
            if cv2.contourArea(hull) >= least:
                yield from _four_sided(np.asarray(hull, np.int32))


def _four_sided(hull: NDArray[np.int32]) -> Iterator[Floats]:
    around = cv2.arcLength(hull, True)
    for part in (0.015, 0.03, 0.05, 0.08):
        outline = cv2.approxPolyDP(hull, part * around, True)
        if len(outline) == 4:
            yield in_order(outline.reshape(4, 2).astype(np.float32))
            return


def _between_lines(strength: Floats) -> Iterator[Floats]:
    """What four long lines enclose, two of them across and two down."""
    edges = _thin(strength)
    least = 0.2 * min(strength.shape)
    found = cv2.HoughLinesP(edges, 1, np.pi / 360, 60, minLineLength=least, maxLineGap=12)
    if found is None:
        return
    lines = _merged(found.reshape(-1, 4).astype(np.float32))
    across = [line for line in lines if abs(line[0]) <= np.pi / 4]
    down = [line for line in lines if abs(line[0]) > np.pi / 4]
    for top, bottom in combinations(across[:MOST_LINES], 2):
        for left, right in combinations(down[:MOST_LINES], 2):
            crossings = [_crossing(one, other) for one in (top, bottom) for other in (left, right)]
            if all(one is not None for one in crossings):
                yield in_order(np.array(crossings, np.float32))


def _thin(strength: Floats) -> Bytes:
    grey = (strength * 255).astype(np.uint8)
    return np.asarray(cv2.Canny(grey, 40, 110), np.uint8)


Line = tuple[float, float, float]
"""Angle in radians (0: across), distance from the origin along the normal, and length."""


def _merged(segments: Floats) -> list[Line]:
    """Segments on the same line as one, the longest lines first."""
    merged: list[Line] = []
    for x1, y1, x2, y2 in sorted(segments.tolist(), key=lambda s: -np.hypot(s[2] - s[0], s[3] - s[1])):
        angle = float(np.arctan2(y2 - y1, x2 - x1))
        angle = angle - np.pi if angle > np.pi / 2 else angle + np.pi if angle <= -np.pi / 2 else angle
        length = float(np.hypot(x2 - x1, y2 - y1))
        middle = ((x1 + x2) / 2, (y1 + y2) / 2)
        for place, (known, distance, total) in enumerate(merged):
            off = abs(middle[0] * -np.sin(known) + middle[1] * np.cos(known) - distance)
            turn = abs(angle - known)
            if min(turn, np.pi - turn) < np.radians(3) and off < 8:
                merged[place] = known, distance, total + length
                break
        else:
            distance = float(middle[0] * -np.sin(angle) + middle[1] * np.cos(angle))
            merged.append((angle, distance, length))
    return sorted(merged, key=lambda line: -line[2])


def _crossing(one: Line, other: Line) -> tuple[float, float] | None:
    normals = np.array([[-np.sin(one[0]), np.cos(one[0])], [-np.sin(other[0]), np.cos(other[0])]])
    if abs(np.linalg.det(normals)) < 0.3:
        return None
    x, y = np.linalg.solve(normals, np.array([one[1], other[1]]))
    return float(x), float(y)


def _score(corners: Floats, strength: Floats) -> float:
    """How surely these are the corners of a page; 0: they are not."""
    height, width = strength.shape
    margin = 0.06 * max(height, width)
    inside = (corners >= -margin).all() and (corners <= np.array([width, height]) + margin).all()
    if not inside or not cv2.isContourConvex(corners.reshape(4, 1, 2)):
        return 0.0
    area = float(cv2.contourArea(corners)) / (height * width)
    if area < LEAST_AREA or area > 0.985 or _sharpest(corners) < SHARPEST_CORNER:
        return 0.0
    supports = [_support(corners[side], corners[(side + 1) % 4], strength) for side in range(4)]
    if min(supports) < LEAST_SIDE_SUPPORT or float(np.mean(supports)) < LEAST_SUPPORT:
        return 0.0
    return float(np.mean(supports) * (0.6 + min(area, 0.6)))


def _sharpest(corners: Floats) -> float:
    """The smallest angle at a corner, in degrees."""
    before, after = np.roll(corners, 1, axis=0) - corners, np.roll(corners, -1, axis=0) - corners
    lengths = np.linalg.norm(before, axis=1) * np.linalg.norm(after, axis=1)
    if (lengths < 1).any():
        return 0.0
    cosines = np.clip((before * after).sum(axis=1) / lengths, -1, 1)
    return float(np.degrees(np.arccos(np.abs(cosines))).min())


def _support(start: Floats, end: Floats, strength: Floats) -> float:
    """Which part of a side has an edge within two pixels; what lies outside the picture has half of one."""
    points = start + np.linspace(0.03, 0.97, SAMPLES, dtype=np.float32)[:, None] * (end - start)
    best = np.zeros(SAMPLES, np.float32)
    normal = _normal(start, end)
    outside = _is_outside(points, strength)
    for offset in (-2, -1, 0, 1, 2):
        best = np.maximum(best, _looked_up(points + offset * normal, strength))
    return float(np.where(outside, 0.5, best > STRONG_EDGE).mean())


def _differs_from_around(corners: Floats, lab: Floats) -> bool:
    """Whether brightness or colour changes in the same way all along each side; sides outside the picture pass."""
    inward = 1.0 if cv2.contourArea(corners.reshape(4, 1, 2), True) > 0 else -1.0
    for side in range(4):
        start, end = corners[side], corners[(side + 1) % 4]
        points = start + np.linspace(0.03, 0.97, SAMPLES, dtype=np.float32)[:, None] * (end - start)
        points = points[~_is_outside(points, lab[:, :, 0])]
        if len(points) < SAMPLES // 4:
            continue
        step = inward * BESIDE * _normal(start, end)
        change = _looked_up(points + step, lab) - _looked_up(points - step, lab)
        lengths = np.linalg.norm(change, axis=1)
        if float(np.linalg.norm(change.mean(axis=0))) < LEAST_DIFFERENCE * max(float(lengths.mean()), 4.0):
            return False
    return True


def _fitted(corners: Floats, strength: Floats) -> Floats:
    """The corners where lines cross that follow the edges along the sides."""
    lines = [_fitted_side(corners[side], corners[(side + 1) % 4], strength) for side in range(4)]
    fitted = []
    for side in range(4):
        crossing = _crossing(lines[side - 1], lines[side])
        fitted.append(corners[side] if crossing is None else crossing)
    moved = np.array(fitted, np.float32)
    is_near = np.linalg.norm(moved - corners, axis=1) < 3 * REACH
    return np.where(is_near[:, None], moved, corners).astype(np.float32)


def _fitted_side(start: Floats, end: Floats, strength: Floats) -> Line:
    points = start + np.linspace(0.04, 0.96, SAMPLES, dtype=np.float32)[:, None] * (end - start)
    normal = _normal(start, end)
    offsets = np.arange(-REACH, REACH + 1, dtype=np.float32)
    seen = np.stack([_looked_up(points + offset * normal, strength) for offset in offsets])
    weights = seen**4  # an edge is some pixels wide: its middle counts
    place = (weights * offsets[:, None]).sum(axis=0) / np.maximum(weights.sum(axis=0), 1e-9)
    kept = (points + place[:, None] * normal)[seen.max(axis=0) > STRONG_EDGE * 0.7].astype(np.float32)
    if len(kept) < SAMPLES // 6:
        kept = points
    along_x, along_y, x, y = cv2.fitLine(kept, cv2.DIST_HUBER, 0, 0.01, 0.01).ravel().tolist()
    angle = float(np.arctan2(along_y, along_x))
    return angle, float(x * -np.sin(angle) + y * np.cos(angle)), 0.0


def _normal(start: Floats, end: Floats) -> Floats:
    along = end - start
    return np.array([-along[1], along[0]], np.float32) / max(float(np.linalg.norm(along)), 1.0)


def _is_outside(points: Floats, strength: Floats) -> NDArray[np.bool_]:
    limits = np.array([strength.shape[1] - 4, strength.shape[0] - 4])
    return np.asarray(((points < 3) | (points > limits)).any(axis=1))


def _looked_up(points: Floats, strength: Floats) -> Floats:
    x = np.clip(np.rint(points[:, 0]), 0, strength.shape[1] - 1).astype(int)
    y = np.clip(np.rint(points[:, 1]), 0, strength.shape[0] - 1).astype(int)
    return np.asarray(strength[y, x], np.float32)
