"""Measures whether attention finds the birds of the field guide.

    python tests/benchmarks/attention_localization.py RUN

RUN is the folder of a training on the field guide, with attention and a map
that is not too coarse, such as by

    kerasfg train field_guide_32px --attention --output-stride 4

The field guide draws its birds, so it is known where they are. For the test
pictures prints the share of the attention (above its minimum) that lies on the
bird, beside the share of the picture that the bird covers and what one mask
gets that is the same for all; and how often the highest cell of the attention
is on the bird, beside how often any cell and the middle of the picture are.
Exits with 1 where the attention is no better than an even one, in either.
"""

import os
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np

from kerasfg.data.field_guide.field_guide import bird_mask
from kerasfg.evaluation.metrics.localization import localization
from kerasfg.evaluation.plots.attention import attention_maps
from kerasfg.run import TrainedRun


def main(folder):
    run = TrainedRun(folder)
    if run.recipe.data.path != "field_guide":
        raise SystemExit("RUN must be a training on the field guide.")
    test = np.flatnonzero(run.splits == "test")
    masks = attention_maps(run.model, run.pixels.images[test])
    found = localization(masks, np.stack([bird(run, i) for i in test]))
    low, high = found["pointing_interval"]
    cells = " x ".join(map(str, masks.shape[1:]))
    print(f"{found['n']} test pictures, masks of {cells} cells")
    print(f"values from {masks.min():.4f} to {masks.max():.4f}")
    print(f"attention on the bird        {found['mass']:7.1%}")
    print(f"  share of the picture       {found['area']:7.1%}")
    print(f"  one mask for all           {found['mass_of_mean']:7.1%}")
    print(
        f"highest cell on the bird     {found['pointing']:7.1%} "
        f"(95 % interval {low:.1%} to {high:.1%})"
    )
    print(f"  any cell                   {found['pointing_chance']:7.1%}")
    print(f"  middle of the picture      {found['pointing_center']:7.1%}")
    better = found["mass"] > found["area"] and low > found["pointing_chance"]
    return int(not better)


def bird(run, index):
    """Where the bird is in a picture, whose name ends in its number."""
    number = int(run.pixels.names[index].rpartition("/")[2])
    return bird_mask(int(run.pixels.labels[index]), number)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
