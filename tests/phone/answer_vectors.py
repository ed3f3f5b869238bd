"""What Python says of pictures, for the page's tests of the same rules.

    python tests/phone/answer_vectors.py

writes tests/phone/node/library/answer_vectors.json.
"""

import json
from pathlib import Path

import numpy as np

from kerasfg.evaluation import distance_card
from kerasfg.evaluation.answer import answer
from kerasfg.evaluation.metrics import question as questions
from kerasfg.evaluation.metrics.prediction_sets import fit_sets

FILE = Path(__file__).parent / "node" / "library" / "answer_vectors.json"
NAMES = ["pine warbler", "hooded warbler", "least tern", "arctic tern", "crow"]
TABLE = {
    "pine warbler": {"bill::thin": "yes", "bill::thick": "no",
                     "is_small": "yes", "back_color": "olive",
                     "habitat": "forest"},
    "hooded warbler": {"bill::thin": "yes", "bill::thick": "yes",
                       "is_small": "yes", "back_color": "olive"},
    "least tern": {"bill::thin": "yes", "bill::thick": "no", "is_small": "no",
                   "back_color": "grey", "habitat": "shore",
                   "has_legs::yellow": "yes"},
    "arctic tern": {"bill::thin": "no", "bill::thick": "no", "is_small": "no",
                    "back_color": "grey", "habitat": "shore"},
    "crow": {"back_color": "glossy_black"},
}  # fmt: skip
LEVELS = [
    {
        "name": "genus",
        "of_class": ["Setophaga", "Setophaga", "Sternula", "Sterna", "Corvus"],
        "threshold": 0.8,
    },
    {
        "name": "family",
        "of_class": ["warbler", "warbler", "tern", "tern", "corvid"],
        "threshold": 0.6,
    },
]
# Colours tell these two apart no longer, and of one class nothing is asked.
ALIKE = np.array([[0, 0, 0.5, 0.5, 0], [0, 0, 1.0, 0, 0]])
LIMITS = [0.5, 0.6, 0.7, 0.8, 0.9]
# Not rising all the way, and beyond the 32 pixels of the network.
CURVE = {5: 0.1, 8: 0.45, 12: 0.7, 16: 0.65, 24: 0.82, 40: 0.9}


def vectors():
    """Returns the rules of a model and what is said of pictures by them."""
    rng = np.random.default_rng(0)
    val = rng.dirichlet(np.ones(len(NAMES)) / 2, 40)
    sets = fit_sets(val.argmax(axis=1), val)
    pictures = rng.dirichlet(np.ones(len(NAMES)) / 3, 24)
    return {
        "labels": NAMES,
        "levels": LEVELS,
        "threshold": 0.7,
        "class_thresholds": {"precision": 0.9, "thresholds": LIMITS},
        "prediction_sets": sets,
        "pictures": [
            _picture(i, row, sets) for i, row in enumerate(pictures.tolist())
        ],
        "attributes": TABLE,
        "questions": _questions([*pictures, *ALIKE]),
        "distances": [
            _distance(count, right, zoom)
            for count in (1, 4, len(CURVE))
            for right in (0.05, 0.3, 0.66, 0.8, 0.87, 0.95)
            for zoom in (1, 3)
        ],
    }


def _distance(count, right, zoom):
    """A card of the first points of the curve, and its reach."""
    curve = [
        {"resolution": size, "top_1": share, "top_1_interval": [0, 1]}
        for size, share in list(CURVE.items())[:count]
    ]
    camera = {"object_size": 0.12, "fov": 66, "sensor_pixels": 4000}
    card = distance_card(curve, 32, **camera, right=right, zoom=zoom)
    return {
        "distance": {**camera, "curve": curve},
        "right": right,
        "zoom": zoom,
        "reach": card["zoomed_reach"],
    }


def _picture(i, row, sets):
    coverage = (0.5, 0.8, 0.895, 0.99)[i % 4]
    familiarity = (None, 0.2, 0.5, 0.9)[i // 2 % 4]
    own = i % 2 == 1
    said = answer(
        row,
        NAMES,
        LIMITS if own else 0.7,
        top=len(NAMES),
        coverage=coverage,
        prediction_sets=sets,
        levels=LEVELS,
        familiarity=familiarity,
    )
    return {
        "probabilities": row,
        "familiarity": familiarity,
        "own_thresholds": own,
        "coverage": coverage,
        "said": said,
    }


def _questions(pictures):
    found = questions.questions_of(TABLE, NAMES)
    chances = [questions.chances(x.truth) for x in found]
    return {
        "found": [
            {
                "text": x.text,
                "options": list(x.options),
                "truth": x.truth.tolist(),
                "chances": chance.tolist(),
            }
            for x, chance in zip(found, chances, strict=True)
        ],
        "pictures": [_asked(row, chances) for row in pictures],
    }


def _asked(row, chances):
    told = [float(questions.expected_information(row, x)) for x in chances]
    best = questions.best_question(row, chances)
    after = [
        questions.reweighted(row, chances[best or 0], reply).tolist()
        for reply in (0, 1, None)
    ]
    return {
        "probabilities": row.tolist(),
        "told": told,
        "best": best,
        "second": questions.best_question(row, chances, [best]),
        "after": after,
    }


if __name__ == "__main__":
    FILE.write_text(json.dumps(vectors()) + "\n", "utf-8")
