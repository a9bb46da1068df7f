"""The puppets' face: a drawn head that facial action units move. Synthetic from first to last."""

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from scipy.interpolate import CubicSpline, PchipInterpolator

from emolib.corpora.puppet_acting import ACTION_UNITS, check_actor
from emolib.corpora.puppet_looks import UNIT, traits
from emolib.corpora.table import CorpusError

LANDMARKS = (
    *("left_eye", "right_eye", "nose", "mouth_left", "mouth_right"),
    *("left_brow_inner", "left_brow_outer", "right_brow_inner", "right_brow_outer"),
    *("left_lid_upper", "left_lid_lower", "right_lid_upper", "right_lid_lower"),
    *("lip_upper_outer", "lip_upper_inner", "lip_lower_inner", "lip_lower_outer", "chin"),
)


@dataclass(frozen=True)
class Face:
    """What is drawn, and where: T frames of ``size`` x ``size`` pixels at ``FPS`` frames a second.

    Attributes
    ----------
    frames : uint8 (T, size, size, 3), RGB
    action_units : float32 (T, 17), intensity 0 to 5, in the order of ``ACTION_UNITS``
    box : float32 (T, 4): x, y, width, height of the face from hairline to chin, pixels
    landmarks : float32 (T, 18, 2): x, y in pixels, in the order of ``LANDMARKS``;
        "left" is left as seen in the picture
    """

    frames: np.ndarray
    action_units: np.ndarray
    box: np.ndarray
    landmarks: np.ndarray


MIDDLE = 56.0
PIVOT = np.array([56.0, 88.0])  # the head turns about the top of the neck


class _Paper:
    """A float canvas with transparency (premultiplied) for the parts that stay still."""

    def __init__(self, pixels):
        self.scale = pixels / UNIT
        self.pixels = np.zeros((pixels, pixels, 4), np.float32)
        y, x = np.mgrid[:pixels, :pixels].astype(np.float32)
        self.x, self.y = (x + 0.5) / self.scale - 0.5, (y + 0.5) / self.scale - 0.5

    def mask(self, *outlines, blur=0.0):
        """Coverage, 0 to 1, of outlines (n, 2); a second outline inside the first is a hole."""
        mask = np.zeros(self.pixels.shape[:2], np.uint8)
        cv2.fillPoly(mask, [_fixed(o, self.scale) for o in outlines], 255, cv2.LINE_AA, _SHIFT)
        mask = mask.astype(np.float32) / 255
        return cv2.GaussianBlur(mask, (0, 0), blur * self.scale) if blur else mask

    def glow(self, x, y, rx, ry):
        """A soft spot, 1 in its middle."""
        return np.exp(-0.5 * (((self.x - x) / rx) ** 2 + ((self.y - y) / ry) ** 2))

    def add(self, colour, mask):
        """Lay a colour, or a picture of colours, over what is there."""
        cover = mask[..., None].astype(np.float32)
        self.pixels *= 1 - cover
        self.pixels[..., :3] += cover * colour
        self.pixels[..., 3:] += 255 * cover

    def finished(self):
        return np.clip(np.rint(self.pixels), 0, 255).astype(np.uint8)


_SHIFT = 4  # OpenCV's coordinates carry four bits behind the point


def _fixed(points, scale):
    """Points in the drawing's unit as OpenCV's fixed-point pixels."""
    return np.rint(((np.asarray(points) + 0.5) * scale - 0.5) * (1 << _SHIFT)).astype(np.int32)


def _shifted(points, x, y):
    return points + np.array([x, y])


def _mix(a, b, weight):
    return np.asarray(a, float) * (1 - weight) + np.asarray(b, float) * weight


def _ellipse(x, y, rx, ry, n=40):
    angle = np.linspace(0, 2 * np.pi, n, endpoint=False)
    return np.stack([x + rx * np.cos(angle), y + ry * np.sin(angle)], axis=-1)


def _mirrored(half, n=96):
    """A smooth closed outline from its right half, (m, 2) from top to bottom, x from the middle."""
    half = np.asarray(half, float)
    left = half[1:-1][::-1] * (-1, 1)
    ring = np.vstack([half, left, half[:1]])
    length = np.r_[0, np.cumsum(np.hypot(*np.diff(ring, axis=0).T))]
    curve = CubicSpline(length, ring, bc_type="periodic")
    return curve(np.linspace(0, length[-1], n, endpoint=False)) + np.array([MIDDLE, 0])


_ALONG = np.linspace(0, 1, 24)


def _smooth(points):
    """A smooth line (1, 24, 2) through a few points (1, n, 2)."""
    return CubicSpline(np.linspace(0, 1, points.shape[1]), points[0])(_ALONG)[None]


def _face_outline(t):
    """The outline of the face at rest, without hair."""
    cheek, jaw, chin, bottom = t["cheek"], t["jaw"], t["chin"], t["chin_y"]
    return _mirrored(
        [
            (0, 15),
            (0.62 * cheek, 19),
            (0.95 * cheek, 33),
            (cheek, 52),
            (0.5 * (cheek + jaw) + 1.2, 68),
            (jaw, bottom - 14),
            (chin + 3, bottom - 3),
            (0, bottom),
        ]
    )


def _curled(outline, size):
    """Push an outline out and in, so that it looks like curls."""
    if size == 0:
        return outline
    away = outline - (MIDDLE, 50)
    away /= np.linalg.norm(away, axis=1, keepdims=True)
    bump = np.abs(np.sin(np.arange(len(outline)) * np.pi * 17 / len(outline)))
    return outline + away * (size * 1.5 * (bump - 0.4))[:, None]


def _hair_outlines(t):
    """Hair behind the head and hair before the face, as outlines."""
    smooth = _mirrored(t["back"] * [1 + t["ears"] * (t["cheek"] / 27 - 1), 1], 288)
    back = _curled(smooth, t["curl"])
    low = max(t["fringe"][0], t["fringe"][-1])
    n = len(back) // 2
    right = back[:n][smooth[:n, 1] <= low]
    left = back[n:][smooth[n:, 1] <= low]
    across = np.linspace(-1, 1, 9)
    edge = PchipInterpolator(across, t["fringe"])(np.linspace(1, -1, 60))
    x = MIDDLE + (t["cheek"] - 2.6) * np.linspace(1, -1, 60)
    # the hairline ends at the temple: from there the hair runs along the cheek
    front = np.vstack([left, right, np.stack([x, edge], axis=-1)])
    return back, front


def _light(paper, t, rx=31.0, ry=44.0):
    """How much light falls on each point of a rounded head, about -0.3 to 1."""
    nx, ny = (paper.x - MIDDLE) / rx, (paper.y - 54) / ry
    nz = np.sqrt(np.clip(1 - nx**2 - ny**2, 0.02, 1))
    toward = np.array([t["light_x"], -0.45, 0.85])
    toward /= np.linalg.norm(toward)
    return (nx * toward[0] + ny * toward[1] + nz * toward[2]).astype(np.float32)


def _hair_colours(paper, t):
    """A picture of hair: light, strands (or curls) and a soft gleam, to be cut out by masks."""
    light = _light(paper, t, 36, 50)
    curly = np.clip(t["curl"], 0, 1) * (1 - t["scarf"])
    angle = np.arctan2(paper.y - 4, paper.x - MIDDLE - 5)
    strands = np.sin(26 * angle + 0.25 * np.sin(paper.y * 0.4)) + 0.6 * np.sin(61 * angle + 1)
    warp = 1.4 * np.sin(paper.y * 0.45) + 1.1 * np.cos(paper.x * 0.37)
    knots = np.sin(paper.x * 1.15 + warp) + np.sin(paper.y * 1.25 + warp[::-1])
    pattern = (1 - curly) * (1 - t["scarf"]) * strands + curly * knots
    radius = np.hypot((paper.x - MIDDLE) / 30, (paper.y - 48) / 38)
    gleam = (
        np.exp(-(((radius - 0.82) / 0.09) ** 2))
        * np.clip(light, 0, 1) ** 2
        * np.clip((52 - paper.y) / 14, 0, 1)
    )
    tone = 0.72 + 0.38 * light + 0.055 * pattern
    colour = t["hair"] * tone[..., None]
    return colour + (gleam * (0.30 - 0.12 * curly))[..., None] * (
        _mix(t["hair"], 255, 0.55) - colour
    )


def _skin_colours(paper, t, front):
    """A picture of skin: light, blush, and the shadows of hair and brow."""
    light = _light(paper, t)[..., None]
    skin = t["skin"]
    deep = 1 - skin.mean() / 255  # 0.1 for the lightest skin, 0.7 for the deepest
    shadow, bright = skin * (0.74, 0.64, 0.62), _mix(skin, (255, 244, 226), 0.30)
    up = np.clip((light - 0.72) / 0.28, 0, 1)
    down = np.clip((0.72 - light) / 0.75, 0, 1)
    colour = skin + up * 0.5 * (bright - skin) + down * (shadow - skin)
    blush = _mix(skin * (1.0, 0.72, 0.70), (238, 96, 92), 0.25 * (1 - deep))
    for side in (-1, 1):
        cheek = paper.glow(MIDDLE + side * 17.5, t["eye_y"] + 14.5, 6.2, 4.6)[..., None]
        colour += 0.34 * cheek * (blush - colour)
        socket = paper.glow(MIDDLE + side * t["eye_x"], t["eye_y"] - 1, 8.6, 6.4)[..., None]
        colour += 0.20 * socket * (shadow - colour)
        shine = paper.glow(MIDDLE + side * 16.5, t["eye_y"] + 11.5, 3.4, 2.0)[..., None]
        colour += 0.20 * shine * (bright - colour)
    warm = paper.glow(MIDDLE, t["nose_y"] - 1, 6.2, 5.2)[..., None]
    colour += 0.26 * warm * (blush - colour)
    bridge = paper.glow(MIDDLE + 1.2 * t["light_x"], t["nose_y"] - 10, 1.7, 8)[..., None]
    colour += 0.30 * bridge * (bright - colour)
    for x, y, rx, ry, depth in (
        (0, 1.6, 4.6, 0.9, 0.34),
        (4.6, -6, 1.5, 7, 0.35),
        (-4.6, -6, 1.5, 7, 0.35),
    ):
        under = paper.glow(MIDDLE + x, t["nose_y"] + y, rx, ry)[..., None]
        colour += depth * under * (shadow - colour)
    below = paper.glow(MIDDLE, t["mouth_y"] + 6.6, 6, 1.9)[..., None]
    colour += 0.22 * below * (shadow - colour)
    cast = paper.mask(_shifted(front, -2.2 * t["light_x"], 2.6), blur=1.3)[..., None]
    colour += 0.42 * cast * (shadow - colour)
    return colour


def _beard(paper, t, outline):
    """Where the beard (or moustache) grows, 0 to 1."""
    x = np.abs(paper.x - MIDDLE)
    mouth, reach = t["mouth_y"], t["cheek"]
    edge = [(0, -6.8), (5, -6.6), (9, -5.6), (12.5, -2.2), (16, -3.4), (20, -9), (32, -26)]
    across, height = np.transpose(edge)
    top = mouth + PchipInterpolator(across * reach / 27, height)(np.minimum(x, reach * 32 / 27))
    beard = 1 / (1 + np.exp(-(paper.y - top) * 2.2))
    beard *= 1 - 0.9 * paper.glow(MIDDLE, mouth + 5.2, 5.0, 1.1)
    lip = np.exp(-(((x - 3.5) / 5.5) ** 4) - ((paper.y - (mouth - 4.6) - 0.02 * x**2) / 1.35) ** 4)
    return np.maximum(t["beard"] * beard, t["moustache"] * lip) * paper.mask(outline)


def _draw_back(pixels, t):
    """What moves with the head but lies behind the face: hair and ears."""
    paper = _Paper(pixels)
    back, _ = _hair_outlines(t)
    hair = _hair_colours(paper, t)
    if t["bun"] > 0:
        paper.add(hair * 0.97, paper.mask(_ellipse(MIDDLE, 8, 10.5 * t["bun"], 8.5 * t["bun"])))
    if t["puffs"] > 0:
        for side in (-1, 1):
            puff = _ellipse(0, 0, 13, 13, 96)
            ripple = 1 + 0.05 * np.abs(np.sin(np.arange(96) * np.pi * 12 / 96))
            puff = puff * ripple[:, None] * t["puffs"] + (MIDDLE + side * 25, 20)
            paper.add(hair, paper.mask(puff))
    if t["pony"] > 0:
        middle = np.array([[(20, 24), (30, 30), (36, 44), (37, 60), (34, 76), (31, 86)]], float)
        tail = _ribbon(_smooth(middle), t["pony"] * np.interp(_ALONG, (0, 0.5, 1), (5, 6.5, 0.6)))
        paper.add(hair * 0.92, paper.mask(_shifted(tail[0], MIDDLE, 0)))
    w = 0.53 * t["jaw"]
    neck = _mirrored([(0, 78), (w - 2, 79), (w, 86), (w, 97), (w, 106), (0, 108)])
    inner = paper.mask(_shifted(_face_outline(t), 0, 3), blur=3)
    fall = paper.mask(back) * (1 - (1 - t["scarf"]) * paper.mask(neck))
    paper.add(hair * (1 - 0.35 * inner)[..., None], fall)
    for k in range(12 if t["locs"] > 0 else 0):
        side, x = (-1, 1)[k % 2], 23 + 2.6 * (k // 2)
        middle = np.array(
            [[(0.5 * x, 16), (0.9 * x, 30), (x, 56), (x - 1, 86 - 0.5 * (k // 2) ** 2)]]
        )
        lock = _ribbon(_smooth(middle), np.interp(_ALONG, (0, 0.95, 1), (1.9, 1.9, 0.8)))[0]
        paper.add(
            hair * (0.8 + 0.3 * (k // 2 % 2)),
            t["locs"] * paper.mask(lock * [side, 1] + [MIDDLE, 0]),
        )
    for side in (-1, 1):
        skin = t["skin"] * (1.0 if side * t["light_x"] > 0 else 0.88)
        x, y, size = MIDDLE + side * (t["cheek"] + 0.3), t["eye_y"] + 3.5, t["ear"]
        paper.add(skin * 0.97, t["ears"] * paper.mask(_ellipse(x, y, 4.6 * size, 7.0 * size)))
        inner = _ellipse(x + side * 0.5, y + 0.2, 2.2 * size, 4.2 * size)
        paper.add(skin * (0.78, 0.66, 0.64), 0.7 * t["ears"] * paper.mask(inner, blur=0.5))
        drop = paper.mask(_ellipse(x + side * 0.6, y + 9.3, 1.7, 1.7))
        paper.add((242, 200, 92), t["earrings"] * drop)
    return paper.finished()


# fmt: off
_FRECKLES = [(side * x, y) for side in (-1, 1) for x, y in (
    (2.2, -4.4), (9.2, -1.0), (11.6, 1.0), (13.4, -1.4), (15.6, 0.8), (17.4, -1.2), (14.2, 3.0),
    (18.6, 1.8))]
# fmt: on


def _draw_front(pixels, t):
    """The face at rest less its moving features, the hair before it, and where skin is bare."""
    paper = _Paper(pixels)
    back, front = _hair_outlines(t)
    outline = _face_outline(t)
    face = paper.mask(outline)
    paper.add(_skin_colours(paper, t, front), face)
    if t["freckles"] > 0:
        spots = sum(paper.glow(MIDDLE + x, t["nose_y"] - 2.5 + y, 0.5, 0.5) for x, y in _FRECKLES)
        paper.add(t["skin"] * [0.80, 0.64, 0.54], 0.6 * t["freckles"] * spots * face)
    hair = _hair_colours(paper, t)
    if t["beard"] + t["moustache"] > 0:
        colour = t["brow_colour"] * (0.78 + 0.3 * _light(paper, t)[..., None])
        paper.add(colour, 0.86 * _beard(paper, t, outline))
    low = max(t["fringe"][0], t["fringe"][-1])
    ends = 1 - np.clip((paper.y - low + 12) / 12, 0, 1) * np.clip((low - 54) / 10, 0, 1)
    bare = 1 - paper.mask(front) * ends
    paper.add(hair, 1 - bare)
    if t["scarf"] > 0:
        opening = _mirrored(
            [(0, 27), (14, 29.5), (22.5, 40), (24.3, 56), (21.5, 73), (13, 87), (0, 91.2)]
        )
        cloth = paper.mask(back, opening) * (
            np.hypot((paper.x - 56) / 34, (paper.y - 60) / 56) < 1.2
        )
        fold = paper.mask(opening, blur=2.2)
        shade = (1 - 0.38 * fold)[..., None] * (1 + 0.05 * np.sin(0.5 * paper.x + 0.35 * paper.y))[
            ..., None
        ]
        paper.add(hair * shade, t["scarf"] * cloth)
        bare = bare * (1 - t["scarf"] * cloth)
    return paper.finished(), bare * face


def _draw_room(size, t):
    """The still background: a softly lit wall, shoulders and neck."""
    paper = _Paper(2 * size)
    wall = t["room"] * (0.86 + 0.16 * paper.glow(MIDDLE + 30 * t["light_x"], 30, 46, 46))[..., None]
    paper.add(wall, np.ones(paper.x.shape))
    paper.add(
        wall * 0.72, 0.55 * paper.mask(_ellipse(MIDDLE - 8 * t["light_x"], 66, 37, 46), blur=5)
    )
    side = np.clip(0.5 + 0.5 * t["light_x"] * (paper.x - MIDDLE) / 40, 0, 1)[..., None]
    shoulders = _mirrored([(0, 99), (17, 99.5), (36, 104), (50, 113), (52, 135), (0, 140)])
    paper.add(t["shirt"] * (0.78 + 0.4 * side), paper.mask(shoulders))
    w = 0.59 * t["jaw"]
    neck = _mirrored([(0, 78), (w, 80), (w, 92), (w + 2.5, 99.5), (8, 104.5), (0, 106)])
    paper.add(
        t["shirt"] * (0.62 + 0.4 * side), paper.mask((neck - (56, 100)) * (1.12, 1.22) + (56, 100))
    )
    paper.add(t["skin"] * (0.84 + 0.12 * side) * (1, 0.95, 0.94), paper.mask(neck))
    shadow = _ellipse(MIDDLE - 3 * t["light_x"], 93, 19, 9)
    paper.add(
        t["skin"] * (0.60, 0.50, 0.48), 0.75 * paper.mask(neck) * paper.mask(shadow, blur=1.6)
    )
    room = cv2.resize(paper.finished(), (size, size), interpolation=cv2.INTER_AREA)
    return np.ascontiguousarray(room[..., :3])


def _draw_eye(pixels, t):
    """One eyeball as a square picture, 28 units wide, the pupil in its middle."""
    scale = pixels / UNIT
    n = 2 * round(14 * scale)
    paper = _Paper(n)
    paper.x, paper.y = paper.x * 28 / UNIT - 14, paper.y * 28 / UNIT - 14

    def disc(x, y, r):
        return np.clip((r - np.hypot(paper.x - x, paper.y - y)) * scale + 0.5, 0, 1)

    white = (
        np.array((250, 248, 246.0)) - (34, 38, 40) * np.clip(0.42 - paper.y / 9, 0, 1)[..., None]
    )
    paper.add(white, np.ones((n, n)))
    r, iris = t["iris"], t["iris_colour"]
    paper.add(iris * 0.45, disc(0, 0, r))
    glow = np.clip(0.55 + (paper.y + 0.3 * paper.x) / (2.0 * r), 0, 1.1)[..., None]
    paper.add(
        _mix(iris * 0.72, np.minimum(iris * 1.35 + 22, 255), 0.5) * (0.62 + 0.62 * glow),
        disc(0, 0, r - 0.55),
    )
    paper.add((22, 16, 18), disc(0, 0, 0.50 * r))
    x = 0.32 * r * (1 if t["light_x"] >= 0 else -1)
    paper.add((255, 255, 255), disc(x, -0.38 * r, 0.27 * r))
    paper.add((255, 255, 255), 0.55 * disc(-x, 0.42 * r, 0.14 * r))
    return paper.finished()


def _draw_glasses(pixels, t):
    """Spectacles over the eyes, or None."""
    if t["glasses"] == 0:
        return None
    paper = _Paper(pixels)
    x, y = t["eye_x"] + 0.4, t["eye_y"] + 1.0
    for side in (-1, 1):
        rim, lens = (_ellipse(MIDDLE + side * x, y, r, 0.9 * r, 64) for r in (10.6, 9.5))
        paper.add((255, 255, 255), 0.07 * t["glasses"] * paper.mask(lens))
        paper.add((58, 50, 58), t["glasses"] * paper.mask(rim, lens))
        arm = MIDDLE + side * np.array([x + 10, t["cheek"] + 0.5, t["cheek"] + 0.5, x + 10])
        arm = np.stack([arm, y + np.array([-2.2, -3.0, -1.8, -1.0])], axis=-1)
        paper.add((58, 50, 58), t["glasses"] * paper.mask(arm))
    bridge = _ribbon(
        _arc(
            _point(MIDDLE - x + 9.8, y - 1), _point(MIDDLE + x - 9.8, y - 1), np.full((1, 1), -1.0)
        ),
        np.full(9, 0.55),
    )[0]
    paper.add((58, 50, 58), t["glasses"] * paper.mask(bridge))
    return paper.finished()


@lru_cache(maxsize=32)
def _still_parts(actor, identity, size):
    """Everything that does not move, drawn once for each actor, identity and size."""
    t = traits(actor, identity)
    pixels = 2 * size
    front, bare = _draw_front(pixels, t)
    parts = (
        _draw_room(size, t),
        _draw_back(pixels, t),
        front,
        bare,
        _draw_eye(pixels, t),
        _draw_glasses(pixels, t),
    )
    for part in parts:
        if part is not None:
            part.flags.writeable = False
    return t, *parts


def _bow(u, power):
    return (1 - np.abs(u) ** power).clip(0)


def _mouth_shapes(t, a):
    """Outlines of the lips and the opening, each (T, 25, 2), and the jaw's drop (T, 1)."""
    u = np.linspace(-1, 1, 25)
    jaw = 1.2 * a[26] + 1.9 * a[27]
    half = t["mouth_w"] + 0.75 * a[12] + 0.95 * a[20] + 0.1 * a[15] - 0.7 * a[23]
    half = half - 0.42 * a[26] - 0.55 * a[27] - 0.12 * a[17]
    corner = t["mouth_y"] - 0.35 - 1.05 * a[12] + 0.85 * a[15] + 0.1 * a[20] + 0.30 * jaw
    middle = t["mouth_y"] + 0.35 * a[12] - 0.5 * a[17] - 0.28 * a[10] - 0.25 * a[15] + 0.1 * jaw
    up = a[25] * (0.20 + 0.11 * a[12]) + 0.30 * a[10] * (a[10] + a[25]) / 5 + 0.10 * jaw
    down = (0.42 * a[25] + a[25] * (0.05 * a[20] + 0.12 * a[12]) + 0.98 * jaw) * (1 - 0.1 * a[17])
    open_up, open_down = up * (1 - 0.12 * a[23]), down * (1 - 0.06 * a[23])
    thin = 1 - 0.13 * a[23] - 0.03 * a[12] - 0.04 * a[20]
    seam = middle + (corner - middle) * np.abs(u) ** 1.8
    round_ = _bow(u, 2) ** 0.62
    inner_up, inner_low = seam - open_up * round_, seam + open_down * round_
    cupid = _bow(u, 2.2) * (1 - 0.28 * np.exp(-((u / 0.14) ** 2)))
    outer_up = inner_up - t["lip_up"] * thin * (1 - 0.04 * a[17]) * cupid
    outer_low = inner_low + t["lip_low"] * thin * (1 + 0.07 * a[17]) * _bow(u, 2.6)
    x = MIDDLE + half * u
    curves = [np.stack([x, y], axis=-1) for y in (outer_up, inner_up, inner_low, outer_low)]
    return curves, jaw


def _eye_shapes(t, a, side):
    """Upper and lower lid (T, 21, 2) of the eye on `side` (-1: left in the picture)."""
    u = np.linspace(-1, 1, 21)  # from the inner to the outer corner
    closed = np.clip(a[43] / 5, 0, 1)
    top = t["eye_h"] + 0.52 * a[5] - 0.36 * a[7] - 0.16 * a[6] - 0.20 * a[9]
    low = 0.70 * t["eye_h"] + 0.08 * a[5] - 0.42 * a[7] - 0.48 * a[6] - 0.26 * a[9]
    # a lowered brow presses on the inner part of the lid, a raised inner brow frees it
    slope = 0.26 * a[4] - 0.24 * a[1] + 0.1 * a[2] + 0.06 * a[9]
    lower = low * _bow(u, 2.4) ** 0.9
    upper = -top * _bow(u + 0.06 * _bow(u, 2), 2.4) ** 0.8 - slope * u * _bow(u, 4)
    upper = upper + closed * (0.92 * np.maximum(low, 1.2) * _bow(u, 2.4) - upper)
    lower = np.maximum(lower, upper)
    tilt = -t["eye_tilt"] * u
    x = MIDDLE + side * (t["eye_x"] + t["eye_w"] * u) + np.zeros_like(upper)
    return [np.stack([x, t["eye_y"] + tilt + y], axis=-1) for y in (upper, lower)]


def _brow_shape(t, a, side):
    """Middle line (T, 15, 2) of a brow from inner to outer end, and its half width (15,)."""
    u = np.linspace(0, 1, 15)
    inner = -1.05 * a[1] + 1.05 * a[4] + 0.40 * a[9]
    outer = -1.05 * a[2] + 0.25 * a[4] + 0.15 * a[1]
    bend = -0.35 * a[2] + 0.35 * a[4] - 0.15 * a[1]
    y = (
        t["eye_y"]
        - t["brow_y"]
        + inner * (1 - u) ** 1.4
        + outer * u**1.3
        + (bend - t["brow_arch"]) * np.sin(np.pi * u**1.15)
        + t["brow_tilt"] * (0.5 - u)
        + 0.6 * u
    )
    x = MIDDLE + side * (t["eye_x"] - 7.0 - 0.50 * a[4] + 15.2 * u + 0.50 * a[4] * u)
    return np.stack([x + np.zeros_like(y), y], axis=-1), t["brow_w"] * (1 - 0.62 * u**2) * np.sqrt(
        np.minimum(1, u / 0.12 + 0.3)
    )


def _ribbon(line, half):
    """A line (T, n, 2) with half width (n,) as an outline (T, 2n, 2)."""
    along = np.gradient(line, axis=1)
    across = along[..., ::-1] * (-1, 1) / np.linalg.norm(along, axis=-1, keepdims=True)
    step = across * np.asarray(half)[..., None]
    return np.concatenate([line + step, (line - step)[:, ::-1]], axis=1)


def _arc(start, end, sag):
    """A bent line (T, 9, 2) between points (T, 2); `sag` (T, 1) is how far its middle bends."""
    u = np.linspace(0, 1, 9)[None, :, None]
    chord = end - start
    normal = chord[:, ::-1] * (-1, 1) / np.linalg.norm(chord, axis=-1, keepdims=True)
    return start[:, None] + chord[:, None] * u + (normal * sag)[:, None] * (4 * u * (1 - u))


def _point(x, y):
    """A point (T, 2) from coordinates that are numbers or (T, 1)."""
    x, y = np.broadcast_arrays(np.atleast_2d(x), np.atleast_2d(y))
    return np.concatenate([x, y], axis=1).astype(float)


def _creases(t, a, mouth):
    """Lines that units press into the skin: [(line (T, 9, 2), strength 0 to 1 (T, 1)), ...]."""
    eye, brow, zero = t["eye_y"], t["eye_y"] - t["brow_y"], 0 * a[1]
    lines = []

    def crease(start, end, sag, strength):
        lines.append((_arc(start, end, sag + zero), np.clip(strength, 0, 1)))

    for side in (-1, 1):
        wing = _point(MIDDLE + side * (t["nose_w"] + 2.2) + zero, t["nose_y"] + 0.4 - 0.4 * a[9])
        corner = mouth[1][:, 0 if side < 0 else -1]
        end = _point(corner[:, :1] + side * 3.0, corner[:, 1:] - 1.6)
        fold = 0.11 * a[12] + 0.15 * a[10] + 0.10 * a[9] + 0.05 * a[20] - 0.18
        crease(wing, end, -side * (1.0 + 0.3 * a[12]), fold)
        pit = _point(corner[:, :1] + side * 1.4, corner[:, 1:])
        crease(
            _shifted(pit, 0, -1.3),
            _shifted(pit, 0, 1.3),
            -side * 0.9,
            0.14 * a[12] + 0.10 * a[15] - 0.1,
        )
        x = MIDDLE + side * t["eye_x"]
        bag = eye + 0.66 * t["eye_h"] + 2.6 - 0.6 * a[6] - 0.3 * a[7]
        crease(_point(x - 5, bag), _point(x + 5, bag), 1.5, 0.10 * a[6] + 0.08 * a[7] - 0.08)
        for dy in (-0.6, 1.6):
            foot = _point(x + side * (t["eye_w"] + 1.8), eye + dy - 0.2 * a[6])
            crease(foot, _shifted(foot, side * 2.0, 0.8 * dy), 0, 0.10 * a[6] - 0.12)
        frown = _point(MIDDLE + side * (2.3 - 0.14 * a[4]), brow - 1.0 + 0.4 * a[4])
        crease(frown, _shifted(frown, -side * 0.5, 4.2), 0, 0.17 * a[4] - 0.08)
        for dx, dy in ((3.4, 2.6), (3.9, 5.2)):
            ridge = _point(MIDDLE + side * dx, eye + dy - 0.2 * a[9])
            crease(ridge, _shifted(ridge, -side * 2.2, 1.6), -side * 0.5, 0.17 * a[9])
    for dy, reach in ((-5.4, 8), (-8.2, 6)):
        y = brow - t["brow_arch"] + dy - 0.4 * a[1]
        crease(_point(MIDDLE - reach, y), _point(MIDDLE + reach, y), -0.9, 0.06 * (a[1] + a[2]))
    chin = _shifted(mouth[3][:, 12], 0, 4.8)
    crease(_shifted(chin, -3.2, 0), _shifted(chin, 3.2, 0), -1.4, 0.16 * a[17])
    return lines


class _Painter:
    """Paints one frame after another of a head at rest in place; the pose comes afterwards."""

    def __init__(self, units, pose, actor, identity, size):
        t, *parts = _still_parts(actor, identity, size)
        self.room, self.back, self.front, self.bare, self.eye, self.glasses = parts
        self.t, self.size, self.scale = t, size, 2 * size / UNIT
        a = {unit: units[:, [i]].astype(float) for i, unit in enumerate(ACTION_UNITS)}
        self.mouth, self.jaw = _mouth_shapes(t, a)
        self.eyes = [_eye_shapes(t, a, side) for side in (-1, 1)]
        self.brows = [_brow_shape(t, a, side) for side in (-1, 1)]
        self.creases = _creases(t, a, self.mouth)
        self.nose_up = 0.45 * a[9] + 0.12 * a[10]
        self.flare = 0.10 * a[9]
        self.gaze = np.rint(-0.12 * pose[:, :2] * self.scale).astype(int)

    def fill(self, picture, outline, colour, corner=(0, 0)):
        points = _fixed(outline, self.scale) - np.array(corner) * (1 << _SHIFT)
        cv2.fillPoly(
            picture, [points.astype(np.int32)], (*map(float, colour), 255), cv2.LINE_AA, _SHIFT
        )

    def line(self, picture, points, colour, width=0.5):
        cv2.polylines(
            picture,
            [_fixed(points, self.scale)],
            False,
            (*map(float, colour), 255),
            max(1, round(width * self.scale)),
            cv2.LINE_AA,
            _SHIFT,
        )

    def pixel(self, point):
        last = len(self.bare) - 1
        x, y = (min(max(int((float(c) + 0.5) * self.scale), 0), last) for c in point)
        return y, x

    def colour(self, picture, x, y):
        """The colour at a point."""
        return picture[self.pixel((x, y))][:3].astype(float)

    def crease(self, picture, line, strength):
        """Darken the skin along a line, where no hair covers it."""
        bare = min(self.bare[self.pixel(point)] for point in line[::4])
        if bare > 0.5:
            self.line(picture, line, self.colour(picture, *line[4]) * (1 - strength * _CREASE))

    def head(self, i):
        """Hair, ears and face, the jaw lowered by stretching what lies below the nose."""
        head = self.back.copy()
        hinge = round((self.t["nose_y"] + 3) * self.scale)
        n = len(head) - hinge
        stretch = 1 + self.jaw[i, 0] / (self.t["chin_y"] - self.t["nose_y"] - 3)
        lower = cv2.warpAffine(
            self.front[hinge:],
            np.array([[1.0, 0, 0], [0, stretch, 0]]),
            (len(head), n),
            borderMode=cv2.BORDER_REPLICATE,
        )
        for here, layer in ((head[:hinge], self.front[:hinge]), (head[hinge:], lower)):
            _lay_over(here, layer)
        return head

    def nose(self, head, i):
        t = self.t
        y, w = t["nose_y"] - self.nose_up[i, 0], t["nose_w"] + self.flare[i, 0]
        colour = self.colour(head, MIDDLE, t["nose_y"] - 2)
        for side in (-1, 1):
            wing = _ARC * [side * 1.3, 1.9] + [MIDDLE + side * (w - 0.9), y - 0.6]
            self.line(head, wing, colour * [0.78, 0.68, 0.66])
            hole = _RING * [1.2, 0.62] + [MIDDLE + side * 0.48 * w, y + 1.1]
            self.fill(head, hole, colour * [0.47, 0.35, 0.34])
        shine = _RING * [1.5, 1.0] + [MIDDLE + 1.5 * t["light_x"], y - 2.9]
        self.fill(head, shine, _mix(colour, (255, 246, 232), 0.34))

    def eyes_and_lids(self, head, i):
        t = self.t
        dark = _mix(t["brow_colour"] * 0.35, (34, 24, 26), 0.6)
        for side, (upper, lower) in zip((-1, 1), self.eyes, strict=True):
            upper, lower = upper[i], lower[i]
            middle = np.array([MIDDLE + side * t["eye_x"], t["eye_y"]])
            skin = self.colour(head, middle[0], middle[1] + t["eye_h"] + 3)
            if (lower - upper)[:, 1].max() > 0.25:
                self.cut_in(head, np.vstack([upper, lower[::-1]]), middle, self.gaze[i])
            self.line(head, lower, skin * (0.66, 0.54, 0.52))
            u = np.linspace(0, 1, len(upper))
            lash = _ribbon(
                upper[None], 0.18 + (0.3 + 0.3 * t["lash"]) * np.sin(np.pi * u**1.3 * 0.8)
            )[0]
            self.fill(head, lash, dark)
            for k in (-1, -4) if t["lash"] > 0.45 else ():
                flick = np.array([side * 2.2, -1.5]) * (t["lash"] - 0.1)
                self.line(head, [upper[k], upper[k] + 0.6 * flick, upper[k] + flick], dark)
            fold = upper[3:-2] * (1, 0.85) + (0, 0.15 * (t["eye_y"] - 0.6) - 2.0)
            self.line(head, fold, skin * (0.76, 0.66, 0.64))

    def cut_in(self, head, opening, middle, gaze):
        """Show the eyeball where the lids are open."""
        n = len(self.eye)
        x, y = np.rint((middle + 0.5) * self.scale - 0.5).astype(int) - n // 2
        edge = n // 5
        box = head[y + edge : y + n - edge, x + edge - edge // 2 : x + n - edge + edge // 2]
        mask = np.zeros(box.shape[:2], np.uint8)
        self.fill(mask, opening, (255, 0, 0), (x + edge - edge // 2, y + edge))
        gx, gy = gaze
        ball = self.eye[edge - gy : n - edge - gy, max(edge - edge // 2 - gx, 0) :][
            :, : box.shape[1]
        ]
        _blend(box, ball, mask)

    def lips(self, head, i):
        t = self.t
        outer_up, inner_up, inner_low, outer_low = (curve[i] for curve in self.mouth)
        deep = 1 - t["skin"].mean() / 255
        lip = _mix(t["skin"] * (0.86, 0.60, 0.58), (206, 92, 92), 0.42 - 0.25 * deep)
        if (inner_low - inner_up)[:, 1].max() > 0.3:
            self.inside(head, i, np.vstack([inner_up, inner_low[::-1]]))
        self.fill(head, np.vstack([outer_low, inner_low[::-1]]), lip)
        self.fill(head, np.vstack([outer_up, inner_up[::-1]]), lip * 0.88)
        gleam = 0.5 * (inner_low + outer_low)[8:17]
        self.line(head, gleam, _mix(lip, (255, 236, 226), 0.28), 0.4)
        self.line(head, inner_up, lip * (0.50, 0.36, 0.36))

    def inside(self, head, i, opening):
        """Teeth of the still upper jaw, and the tongue of the moving lower one."""
        t, jaw = self.t, self.jaw[i, 0]
        x0, y0 = np.floor((opening.min(axis=0) + 0.5) * self.scale).astype(int) - 2
        x1, y1 = np.ceil((opening.max(axis=0) + 0.5) * self.scale).astype(int) + 3
        box = head[y0:y1, x0:x1]
        cave = np.empty_like(box)
        cave[:] = (98, 34, 40, 255)
        low = opening[:, 1].max()
        tongue = _RING * (0.56 * t["mouth_w"], 2.2 + 0.3 * jaw) + (MIDDLE, low + 0.6)
        self.fill(cave, tongue, (206, 98, 98), (x0, y0))
        n = len(opening) // 2
        bite = opening[:n] + np.stack([np.zeros(n), 2.5 * _bow(np.linspace(-1, 1, n), 2)], axis=-1)
        teeth = np.vstack([_shifted(opening[:n], 0, -2), bite[::-1]])
        self.fill(cave, teeth, (250, 247, 240), (x0, y0))
        mask = np.zeros(box.shape[:2], np.uint8)
        self.fill(mask, opening, (255, 0, 0), (x0, y0))
        _blend(box, cave, mask)

    def frame(self, i):
        head = self.head(i)
        for line, strength in self.creases:
            if strength[i, 0] > 0.05:
                self.crease(head, line[i], strength[i, 0])
        self.nose(head, i)
        self.eyes_and_lids(head, i)
        for line, half in self.brows:
            self.fill(head, _ribbon(line[i : i + 1], half)[0], self.t["brow_colour"] * 0.82)
        self.lips(head, i)
        if self.glasses is not None:
            _lay_over(head, self.glasses)
        return head


_CREASE = np.array([0.36, 0.48, 0.50])  # how much of red, green and blue a deep crease takes
_RING = _ellipse(0, 0, 1, 1, 20)
_ARC = np.stack([np.sin(np.linspace(0, np.pi, 9)), -np.cos(np.linspace(0, np.pi, 9))], axis=-1)


def _lay_over(below, above):
    """Lay a premultiplied RGBA picture over another, in place."""
    through = cv2.cvtColor(255 - above[..., 3], cv2.COLOR_GRAY2RGBA)
    through[..., 3] = through[..., 0]
    cv2.add(cv2.multiply(below, through, scale=1 / 255), above, dst=below)


def _blend(below, above, mask):
    """Show `above` where `mask` (0 to 255) says, in place."""
    weight = mask[..., None].astype(np.uint16)
    below[:] = (below * (255 - weight) + above * weight + 127) // 255


def _poses(pose):
    """Matrices (T, 2, 3) that move points of the drawing's unit as the head moves."""
    dx, dy, tilt = pose.astype(float).T
    turn = np.stack([np.cos(tilt), -np.sin(tilt), np.sin(tilt), np.cos(tilt)], axis=-1).reshape(
        -1, 2, 2
    )
    shift = PIVOT - turn @ PIVOT + np.stack([dx, dy], axis=-1)
    return np.concatenate([turn, shift[..., None]], axis=-1)


def _posed(points, matrices):
    """Points (T, n, 2) moved by matrices (T, 2, 3)."""
    return points @ matrices[:, :, :2].transpose(0, 2, 1) + matrices[:, None, :, 2]


def _truth(painter, matrices, size):
    """Where box and landmarks are, in pixels."""
    t, n = painter.t, len(matrices)
    still = np.zeros((n, 1))
    (left_up, left_low), (right_up, right_low) = painter.eyes
    up, inner_up, inner_low, low = painter.mouth
    left_brow, right_brow = (line for line, _ in painter.brows)
    points = [
        _point(MIDDLE - t["eye_x"] + still, t["eye_y"]),
        _point(MIDDLE + t["eye_x"] + still, t["eye_y"]),
        _point(MIDDLE + still, t["nose_y"] - 1.5 - painter.nose_up),
        up[:, 0],
        up[:, -1],
        left_brow[:, 0],
        left_brow[:, -1],
        right_brow[:, 0],
        right_brow[:, -1],
        left_up[:, 10],
        left_low[:, 10],
        right_up[:, 10],
        right_low[:, 10],
        up[:, 12],
        inner_up[:, 12],
        inner_low[:, 12],
        low[:, 12],
        _point(MIDDLE + still, t["chin_y"] + painter.jaw),
    ]
    outline = np.repeat(_face_outline(t)[None], n, axis=0)
    outline[..., 1] = np.maximum(outline[..., 1], 24)  # the hairline of a high forehead
    hinge = t["nose_y"] + 3
    stretch = painter.jaw / (t["chin_y"] - hinge)
    outline[..., 1] += np.maximum(outline[..., 1] - hinge, 0) * stretch
    landmarks, outline = (
        (_posed(p, matrices) + 0.5) * size / UNIT - 0.5 for p in (np.stack(points, axis=1), outline)
    )
    first, last = outline.min(axis=1), outline.max(axis=1)
    return np.concatenate([first, last - first], axis=1), landmarks


def draw_face(action_units, pose, actor, identity=1.0, size=112):
    """Draw a puppet's head, frame by frame, from action units and poses.

    Parameters
    ----------
    action_units : array (T, 17), intensity 0 to 5, in the order of ``ACTION_UNITS``
    pose : array (T, 3): dx, dy in pixels at size 112, tilt in radians (positive: clockwise)
    actor : int, 1 to 24
    identity : float, 0 (the average puppet) to 1 (the actor's own looks)
    size : int, 32 to 1024, width and height in pixels

    Returns
    -------
    Face
        Frames, and box and landmarks exactly where the drawing put them.

    Raises
    ------
    CorpusError
        For arrays of another shape, intensities out of range, or an unknown actor.

    Source: what each unit moves is after Ekman, Friesen & Hager, Facial Action Coding System
    (2002).
    Notebook: 01_corpora_and_labels
    """
    units, pose = _checked(action_units, pose)
    check_actor(actor, identity)
    if size not in range(32, 1025):
        raise CorpusError(f"size {size!r}: choose a whole number of pixels from 32 to 1024")
    painter = _Painter(units, pose, int(actor), float(identity), int(size))
    matrices = _poses(pose)
    # a pixel of the head is half a pixel of the frame; pixel centres have whole coordinates
    unit = size / UNIT
    warp = matrices.copy()
    warp[:, :, :2] *= 0.5
    warp[:, :, 2] = (
        matrices[:, :, :2] @ (0.25 / unit - 0.5, 0.25 / unit - 0.5) + matrices[:, :, 2] + 0.5
    ) * unit - 0.5
    frames = np.empty((len(units), size, size, 3), np.uint8)
    for i in range(len(units)):
        head = cv2.warpAffine(painter.frame(i), warp[i], (size, size), flags=cv2.INTER_LINEAR)
        through = cv2.cvtColor(255 - head[..., 3], cv2.COLOR_GRAY2RGB)
        behind = cv2.multiply(painter.room, through, scale=1 / 255)
        cv2.add(behind, cv2.cvtColor(head, cv2.COLOR_RGBA2RGB), dst=frames[i])
    box, landmarks = _truth(painter, matrices, size)
    return Face(frames, units, box.astype(np.float32), landmarks.astype(np.float32))


def _checked(action_units, pose):
    """Action units and pose as float32 (T, 17) and (T, 3)."""
    units, pose = np.asarray(action_units, np.float32), np.asarray(pose, np.float32)
    if units.ndim != 2 or units.shape[1] != len(ACTION_UNITS) or len(units) == 0:
        raise CorpusError(
            f"action_units has shape {units.shape}: give (frames, {len(ACTION_UNITS)})"
        )
    if pose.shape != (len(units), 3):
        raise CorpusError(f"pose has shape {pose.shape}: give ({len(units)}, 3), one row a frame")
    if not (
        np.isfinite(units).all()
        and np.isfinite(pose).all()
        and units.min() >= 0
        and units.max() <= 5
    ):
        raise CorpusError("action_units are intensities from 0 to 5, and poses finite numbers")
    return units, pose
