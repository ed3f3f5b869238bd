"""The invented birds of the field guide: builds and species."""

import dataclasses

CREAM = (240, 228, 204)
CHARCOAL = (48, 46, 52)
SLATE = (98, 110, 126)
UMBER = (124, 96, 76)
RUST = (190, 92, 52)
SAFFRON = (232, 172, 62)
CORAL = (222, 104, 76)
OLIVE = (122, 122, 78)
HORN = (206, 164, 84)


@dataclasses.dataclass(frozen=True)
class Build:
    """Shape and plumage that the members of a group of species share.

    A bird is a tube along its spine: circles `(x, y, radius)` from the head to
    the root of the tail, facing right, with `y` downwards. Lengths are in body
    lengths, except those of the bill, which are in head radii.
    """

    spine: tuple[tuple[float, float, float], ...]
    wing: tuple[tuple[float, float], tuple[float, float]]  # shoulder, tip
    wing_width: float
    leg_length: float
    tail_length: float
    bill_long: float
    bill_short: float
    bill_depth: float
    back: tuple[int, int, int]
    wing_color: tuple[int, int, int]
    belly: tuple[int, int, int]
    cap: tuple[int, int, int]


@dataclasses.dataclass(frozen=True)
class Species:
    """One species: its build and the small parts that distinguish it."""

    name: str
    build: Build
    habitat: str
    bill: str  # "long" or "short"
    bill_color: tuple[int, int, int]
    leg_color: tuple[int, int, int]
    bill_curve: float = 0.0  # positive bends down, in bill lengths
    tail: str = "square"  # or "forked", "pointed"
    wing_bar: tuple[int, int, int] | None = None
    crest: bool = False
    eye_ring: tuple[int, int, int] | None = None
    patch: str | None = None  # "breast", "flank" or "collar"
    patch_color: tuple[int, int, int] = RUST


MARSHWING = Build(
    spine=(
        (0.66, -0.74, 0.150),
        (0.62, -0.58, 0.112),
        (0.49, -0.33, 0.120),
        (0.28, -0.06, 0.230),
        (-0.02, 0.05, 0.265),
        (-0.34, 0.08, 0.165),
        (-0.55, 0.10, 0.080),
    ),
    wing=((0.30, -0.10), (-0.66, 0.15)),
    wing_width=0.33,
    leg_length=0.72,
    tail_length=0.30,
    bill_long=3.3,
    bill_short=1.7,
    bill_depth=0.50,
    back=(112, 116, 122),
    wing_color=(88, 92, 100),
    belly=(226, 216, 196),
    cap=(70, 70, 76),
)

THORNFINCH = Build(
    spine=(
        (0.40, -0.46, 0.240),
        (0.32, -0.30, 0.245),
        (0.19, -0.08, 0.310),
        (0.00, 0.10, 0.315),
        (-0.28, 0.19, 0.205),
        (-0.50, 0.23, 0.090),
    ),
    wing=((0.16, -0.10), (-0.62, 0.22)),
    wing_width=0.36,
    leg_length=0.30,
    tail_length=0.46,
    bill_long=1.25,
    bill_short=0.75,
    bill_depth=0.66,
    back=(128, 112, 96),
    wing_color=(98, 86, 78),
    belly=(232, 218, 192),
    cap=(84, 74, 70),
)

SANDRUNNER = Build(
    spine=(
        (0.44, -0.34, 0.205),
        (0.35, -0.22, 0.190),
        (0.20, -0.05, 0.275),
        (-0.06, 0.04, 0.285),
        (-0.36, 0.05, 0.180),
        (-0.56, 0.03, 0.085),
    ),
    wing=((0.20, -0.09), (-0.74, 0.06)),
    wing_width=0.32,
    leg_length=0.46,
    tail_length=0.26,
    bill_long=2.0,
    bill_short=0.95,
    bill_depth=0.42,
    back=(134, 120, 102),
    wing_color=(106, 96, 86),
    belly=(236, 226, 206),
    cap=(94, 84, 76),
)

DUSKJAY = Build(
    spine=(
        (0.45, -0.46, 0.205),
        (0.37, -0.31, 0.185),
        (0.22, -0.09, 0.260),
        (0.00, 0.08, 0.265),
        (-0.27, 0.20, 0.175),
        (-0.47, 0.29, 0.100),
    ),
    wing=((0.20, -0.10), (-0.56, 0.28)),
    wing_width=0.31,
    leg_length=0.28,
    tail_length=0.78,
    bill_long=1.75,
    bill_short=1.0,
    bill_depth=0.55,
    back=(108, 110, 112),
    wing_color=(84, 84, 88),
    belly=(222, 210, 188),
    cap=(62, 62, 68),
)

SPECIES = (
    Species(
        "slaty_marshwing", MARSHWING, "shore", "long", CHARCOAL, OLIVE,
        bill_curve=0.0, wing_bar=CREAM,
    ),
    Species(
        "plumed_marshwing", MARSHWING, "forest", "long", HORN, CHARCOAL,
        bill_curve=0.28, crest=True, tail="pointed",
    ),
    Species(
        "rustflank_marshwing", MARSHWING, "meadow", "short", HORN, CORAL,
        patch="flank", patch_color=RUST, eye_ring=CREAM,
    ),
    Species(
        "thicket_thornfinch", THORNFINCH, "forest", "short", HORN, UMBER,
        crest=True, wing_bar=CREAM,
    ),
    Species(
        "saffron_thornfinch", THORNFINCH, "meadow", "short", CHARCOAL, UMBER,
        patch="breast", patch_color=SAFFRON, wing_bar=CREAM, tail="forked",
    ),
    Species(
        "lantern_thornfinch", THORNFINCH, "shore", "long", CORAL, CORAL,
        bill_curve=0.15, eye_ring=CREAM,
    ),
    Species(
        "collared_sandrunner", SANDRUNNER, "shore", "short", CORAL, CORAL,
        patch="collar", patch_color=CHARCOAL, eye_ring=CREAM,
    ),
    Species(
        "tufted_sandrunner", SANDRUNNER, "meadow", "short", CHARCOAL, OLIVE,
        crest=True, patch="flank", patch_color=RUST, wing_bar=CREAM,
    ),
    Species(
        "hazel_sandrunner", SANDRUNNER, "forest", "long", CHARCOAL, HORN,
        bill_curve=-0.12, wing_bar=CREAM, tail="pointed",
    ),
    Species(
        "hooded_duskjay", DUSKJAY, "forest", "short", CHARCOAL, CHARCOAL,
        crest=True,
    ),
    Species(
        "swallowtail_duskjay", DUSKJAY, "shore", "long", CHARCOAL, CORAL,
        bill_curve=0.12, wing_bar=CREAM, tail="forked",
    ),
    Species(
        "ember_duskjay", DUSKJAY, "meadow", "short", HORN, CHARCOAL,
        patch="breast", patch_color=RUST, wing_bar=CREAM, tail="pointed",
    ),
)  # fmt: skip
