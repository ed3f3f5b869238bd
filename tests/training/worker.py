"""A training under JAX, alone or as one of several processes.

    PYTHONPATH=tests python -P tests/training/worker.py fit OUT OPTIONS
    PYTHONPATH=tests python -P tests/training/worker.py train OUT OPTIONS

`fit` fits several recipes in one group of processes, as its start takes
longest; OPTIONS are those of each by its name. `train` leaves a run folder, or
resumes; OPTIONS are those of its recipe. Both are JSON.
"""

import json
import sys
from pathlib import Path

from kerasfg.distributed import worker
from kerasfg.distributed.processes import SINGLE_PROCESS


def main():
    # Before Keras is imported.
    alone = not worker.is_worker()
    processes = SINGLE_PROCESS if alone else worker.become_worker()
    import keras

    assert keras.backend.backend() == "jax"
    use_small_networks()
    what, out, options = sys.argv[1], Path(sys.argv[2]), sys.argv[3]
    start = {"fit": fit_each, "train": train_one}[what]
    start(processes, out, json.loads(options))


def use_small_networks():
    """A tiny network for any name but that of a real one."""
    import small_networks

    import kerasfg.config.model
    from kerasfg.layers import CompactBilinearPooling

    real = kerasfg.config.model.backbone

    def backbone(name, image_size, **kwargs):
        if name == "efficientnet_lite0":
            return real(name, image_size, **kwargs)
        return small_networks.tiny_backbone(
            image_size, activation="silu", use_bias=name == "with idle bias"
        )

    def compact_bilinear(**options):
        return CompactBilinearPooling(epsilon=1e-2, **options)

    kerasfg.config.model.backbone = backbone
    kerasfg.config.model.CompactBilinearPooling = compact_bilinear


def fit_each(processes, out, cases):
    models = [
        fit_one(processes, out / name, options)
        for name, options in cases.items()
    ]
    processes.leave()
    for filepath, model in models if processes.is_leader else []:
        model.save(filepath)  # no longer in step with the others


def fit_one(processes, folder, options):
    """Returns the model, and where it is to be saved."""
    import numpy as np

    from kerasfg.config import Recipe
    from kerasfg.config.attributes import load_attributes
    from kerasfg.config.model import build_model
    from kerasfg.config.pixels import load_pixels
    from kerasfg.run import RunFolder
    from kerasfg.training.devices import on_devices
    from kerasfg.training.fit import fit
    from kerasfg.training.numerics import numerics

    recipe = Recipe().with_options(**options)
    pixels = load_pixels(recipe.data, verbose=False)
    table = load_attributes(recipe, pixels.class_names)
    splits = np.where(np.arange(len(pixels)) % 7 == 0, "val", "train")
    run = RunFolder(folder)
    run.path.mkdir(parents=True, exist_ok=True)
    with numerics(recipe.training), on_devices():
        model = build_model(recipe, pixels.class_names, table)
        fit(model, recipe, pixels, splits, run, False, processes)
    return run.model, model


def train_one(processes, out, options):
    from kerasfg.config import Recipe
    from kerasfg.distributed.join import short_jax_errors
    from kerasfg.run import RunFolder
    from kerasfg.training import train

    worker.send(worker.RUN + str(out))
    with short_jax_errors():
        train(
            Recipe().with_options(**options),
            out,
            resume=RunFolder(out).recipe.exists(),
            verbose=False,
            processes=processes,
        )


if __name__ == "__main__":
    main()
