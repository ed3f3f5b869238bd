"""A bird of the field guide: its anatomy, in a pose."""

import dataclasses

import numpy as np

from kerasfg.data.field_guide.spline import spline


@dataclasses.dataclass(frozen=True)
class Pose:
    """The pose of a bird; angles in radians, lengths in body lengths."""

    facing: int = 1  # 1 is right, -1 is left
    tilt: float = 0.0
    pitch: float = 0.0  # of the head
    turn: float = 1.0  # visible share of the bill's length, for a turned head
    look_back: bool = False
    neck: tuple[float, float] = (0.0, 0.0)
    stride: float = 0.05
    tail: float = 0.0


class Bird:
    """The outlines of a bird of a species in a pose, in body lengths."""

    def __init__(self, species, pose):
        self.species, self.pose = species, pose
        build = species.build
        turn = _rotation(pose.tilt)
        controls = np.array(build.spine)
        controls[0, :2] += pose.neck
        controls[1, :2] += 0.5 * np.array(pose.neck)
        controls[:, :2] = controls[:, :2] @ turn
        self.spine = spline(controls)
        tangent = np.gradient(self.spine[:, :2], axis=0)
        tangent /= np.hypot(*tangent.T)[:, None]
        self.ventral = tangent[:, ::-1] * (1, -1)

        self.head, self.head_radius = controls[0, :2], controls[0, 2]
        tip = _rotation(pose.tilt * 0.4 + pose.pitch)
        self.forward = tip[0] * (-1 if pose.look_back else 1)
        self.down = tip[1]
        shoulder, wing_tip = np.array(build.wing) @ turn
        self.shoulder, self.wing_axis = shoulder, wing_tip - shoulder
        side = self.wing_axis[::-1] * (1, -1)
        self.wing_side = side / np.hypot(*side) * build.wing_width
        self.tail_axis = tangent[-1] @ _rotation(pose.tail)
        hip = self.spine[len(self.spine) // 2]
        self.hip = hip[:2] + (-0.02, hip[2] * 0.75)
        self.ground = self.hip[1] + build.leg_length + hip[2] * 0.25

    def at_head(self, points):
        """Converts points given in head radii forward and down."""
        points = np.asarray(points, float) * (self.pose.turn, 1)
        axes = np.stack([self.forward, self.down])
        return self.head + self.head_radius * points @ axes

    def at_wing(self, points):
        """Converts points given along the wing and across it."""
        axes = np.stack([self.wing_axis, self.wing_side])
        return self.shoulder + np.asarray(points, float) @ axes

    def at_tail(self, points):
        """Converts points given along the tail and across it."""
        side = self.tail_axis[::-1] * (1, -1)
        axes = np.stack([self.tail_axis * self.species.build.tail_length, side])
        return self.spine[-2, :2] + np.asarray(points, float) @ axes

    def bill(self):
        """Returns the outline of the bill: the upper edge, then the lower."""
        build, species = self.species.build, self.species
        long = species.bill == "long"
        length = build.bill_long if long else build.bill_short
        t = np.linspace(0, 1, 7)
        x = 0.7 + (length + 0.3) * t
        middle = 0.14 + species.bill_curve * length * t**2
        half = build.bill_depth / 2 * (1 - t) ** (0.75 if long else 0.9)
        upper = np.stack([x, middle - half], axis=1)
        lower = np.stack([x - 0.04, middle + 0.8 * half], axis=1)
        return self.at_head(np.concatenate([upper, lower[::-1]]))

    def tail(self):
        """Returns the outline of the tail."""
        end = {
            "square": [(0.96, -0.105), (1.0, 0.0), (0.96, 0.105)],
            "forked": [(1.12, -0.17), (0.66, 0.0), (1.12, 0.17)],
            "pointed": [(0.72, -0.085), (1.12, 0.0), (0.72, 0.085)],
        }[self.species.tail]
        return self.at_tail([(0.0, -0.085), *end, (0.0, 0.085)])

    def feet(self):
        """Returns the positions of the near and the far foot."""
        stride = self.pose.stride
        near, far = self.hip[0] + stride, self.hip[0] - stride
        return np.array([[near, self.ground], [far, self.ground - 0.03]])

    def extent(self):
        """Returns the least and the greatest coordinates of the bird."""
        xy, radius = self.spine[:, :2], self.spine[:, 2:]
        points = [xy - radius, xy + radius, self.bill(), self.tail()]
        points = np.concatenate([*points, self.feet()])
        return points.min(axis=0), points.max(axis=0)


def _rotation(angle):
    """Returns the matrix that turns row vectors by an angle."""
    cos, sin = np.cos(angle), np.sin(angle)
    return np.array([[cos, sin], [-sin, cos]])
