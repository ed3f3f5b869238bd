"""Draws a bird of the field guide."""

import numpy as np
from PIL import Image
from PIL import ImageDraw
from PIL import ImageFilter

from kerasfg.data.field_guide.spline import STEPS
from kerasfg.data.field_guide.spline import spline

EYE = (26, 22, 24)


class Painter:
    """Draws a placed bird onto a canvas that is reduced afterwards.

    Args:
        bird: The `Bird`.
        canvas: RGBA picture, `factor` times the size of the result.
        scale: Pixels of the result per body length.
        origin: Where the bird's (0, 0) is in the result, in pixels.
        factor: How many canvas pixels make one of the result.
    """

    def __init__(self, bird, canvas, scale, origin, factor):
        self.bird, self.canvas, self.factor = bird, canvas, factor
        self.draw = ImageDraw.Draw(canvas)
        self.scale, self.origin = scale * factor, np.array(origin) * factor
        self.mirror = np.array([bird.pose.facing, 1]) * self.scale

    def place(self, points):
        return np.asarray(points) * self.mirror + self.origin

    def polygon(self, points, color):
        self.draw.polygon(self.place(points).ravel().tolist(), (*color, 255))

    def line(self, points, color, width):
        points = self.place(points).ravel().tolist()
        width = max(1, round(width * self.scale))
        self.draw.line(points, (*color, 255), width, joint="curve")

    def circle(self, center, radius, color):
        x, y = self.place(center).tolist()
        r = radius * self.scale
        self.draw.ellipse((x - r, y - r, x + r, y + r), (*color, 255))

    def paint(self):
        """Draws the whole bird and returns the mask of its torso."""
        self._legs()
        self._tail()
        self._crest()
        self._bill()
        mask = self._torso()
        self._wing()
        self._eye()
        return mask

    def _legs(self):
        bird = self.bird
        color = bird.species.leg_color
        for foot, factor in zip(bird.feet()[::-1], (0.75, 1.0), strict=True):
            tone = _shade(color, factor)
            hip = (bird.hip + (foot[0], bird.hip[1])) / 2
            ankle = (hip + foot) / 2 + (-0.05, 0.0)
            self.line([hip, ankle, foot], tone, 0.05)
            for toe in ((0.13, 0.02), (0.09, 0.045), (-0.08, 0.025)):
                self.line([foot, foot + toe], tone, 0.04)

    def _tail(self):
        build = self.bird.species.build
        self.polygon(self.bird.tail(), _shade(build.wing_color, 0.88))
        dark = _shade(build.wing_color, 0.66)
        for across in (-0.05, 0.05):
            line = self.bird.at_tail([(0.15, across / 2), (0.86, across)])
            self.line(line, dark, 0.014)

    def _crest(self):
        if not self.bird.species.crest:
            return
        cap = self.bird.species.build.cap
        for tip, tone in (
            ((-1.95, -0.95), 0.8),
            ((-1.75, -1.45), 0.9),
            ((-1.15, -1.75), 1.0),
        ):
            middle = (tip[0] * 0.62, tip[1] * 0.85)
            base = [(0.35, -0.75), middle, tip]
            back = [(tip[0] * 0.62, tip[1] * 0.5), (-0.75, -0.3)]
            self.polygon(self.bird.at_head(base + back), _shade(cap, tone))

    def _bill(self):
        color = self.bird.species.bill_color
        outline = self.bird.bill()
        self.polygon(outline, color)
        upper, lower = outline[:7], outline[:6:-1]
        self.polygon(
            np.concatenate([(upper * 0.45 + lower * 0.55), lower[::-1]]),
            _shade(color, 0.78),
        )

    def _torso(self):
        mask = Image.new("L", self.canvas.size)
        draw = ImageDraw.Draw(mask)
        spine = self.bird.spine
        places = self.place(spine[:, :2])
        radii = spine[:, 2:] * self.scale
        boxes = np.concatenate([places - radii, places + radii], axis=1)
        for box in boxes.tolist():
            draw.ellipse(box, 255)
        plumage = self._plumage().resize(self.canvas.size, Image.BILINEAR)
        self.canvas.paste(plumage, mask=mask)
        return mask

    def _plumage(self):
        """Returns the colors of the torso, small and soft."""
        bird, canvas = self.bird, self.canvas
        species, build = bird.species, bird.species.build
        size = tuple(side // self.factor for side in canvas.size)
        soft = Image.new("RGBA", size, (*build.back, 255))
        small = Painter(
            bird, soft, self.scale / self.factor, self.origin / self.factor, 1
        )
        spine, n = bird.spine, len(bird.spine)
        radius = spine[:, 2:]
        for depth, width, share in ((0.42, 0.80, 0.55), (0.62, 0.66, 1.0)):
            color = _mix(build.back, build.belly, share)
            centers = spine[:, :2] + depth * radius * bird.ventral
            for at in range(STEPS, n - 3, 2):
                small.circle(centers[at], width * radius[at, 0], color)
        small.circle(
            bird.at_head((0.28, 0.62)), 0.72 * bird.head_radius, build.belly
        )
        small._patch(species, n)
        crown = [
            (-1.3, 0.1),
            (0.1, -0.12),
            (1.3, 0.0),
            (1.3, -1.3),
            (-1.3, -1.3),
        ]
        small.polygon(bird.at_head(crown), build.cap)
        return soft.filter(ImageFilter.GaussianBlur(size[0] / 110))

    def _patch(self, species, n):
        if species.patch is None:
            return
        bird, color = self.bird, species.patch_color
        depths = {
            "breast": ((0.42, 0.45, 0.50), (0.52, 0.62, 0.50)),
            "flank": ((0.50, 0.42, 0.42), (0.62, 0.36, 0.42)),
            "collar": ((0.33, -0.6, 0.42), (0.36, 0.1, 0.42), (0.38, 0.8, 0.4)),
        }[species.patch]
        for along, across, width in depths:
            at = round(along * (n - 1))
            x, y, radius = bird.spine[at]
            center = (x, y) + across * radius * bird.ventral[at]
            self.circle(center, width * radius, color)

    def _wing(self):
        bird, build = self.bird, self.bird.species.build
        outline = spline(
            [(-0.04, 0.08), (0.14, -0.32), (0.52, -0.27), (1.0, -0.04),
             (0.74, 0.22), (0.42, 0.50), (0.12, 0.46)], closed=True,
        )  # fmt: skip
        self.polygon(bird.at_wing(outline), build.wing_color)
        flight = [(0.44, -0.27), (0.70, -0.20), (1.0, -0.04), (0.74, 0.21),
                  (0.46, 0.46), (0.40, 0.1)]  # fmt: skip
        self.polygon(bird.at_wing(flight), _shade(build.wing_color, 0.72))
        line = _shade(build.wing_color, 0.52)
        for start, end in (
            ((0.46, -0.12), (0.96, -0.04)),
            ((0.47, 0.05), (0.88, 0.05)),
            ((0.48, 0.22), (0.78, 0.15)),
        ):
            self.line(bird.at_wing([start, end]), line, 0.014)
        light = _shade(build.wing_color, 1.22)
        for along in (0.14, 0.26):
            arc = [(along + 0.03, -0.2), (along + 0.07, 0.08), (along, 0.36)]
            self.line(bird.at_wing(spline(arc)), light, 0.014)
        bar = self.bird.species.wing_bar
        if bar is not None:
            edge = [(0.42, -0.26), (0.46, 0.1), (0.38, 0.48)]
            self.line(bird.at_wing(spline(edge)), bar, 0.085)

    def _eye(self):
        bird, radius = self.bird, self.bird.head_radius
        ring = bird.species.eye_ring
        center = bird.at_head((0.34, -0.14))
        if ring is not None:
            self.circle(center, 0.36 * radius, ring)
        self.circle(center, max(0.2 * radius, 0.032), EYE)
        self.circle(
            bird.at_head((0.40, -0.22)), max(0.06 * radius, 0.01), (250,) * 3
        )


def _shade(color, factor):
    """Returns the color, darker for a factor below 1, lighter above it."""
    return tuple(min(255, max(0, round(c * factor))) for c in color)


def _mix(color, other, share):
    """Returns the color with a share of the other one in it."""
    return tuple(
        round(a + (b - a) * share) for a, b in zip(color, other, strict=True)
    )
