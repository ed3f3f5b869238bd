"""Features of pictures from a network that was trained on ImageNet."""

from __future__ import annotations

import keras
import numpy as np
from rich.console import Console
from rich.progress import Progress

from kerasfg.models.backbones import backbone

NETWORK = "efficientnet_lite0"
_BATCH = 32


def imagenet_features(images: np.ndarray, progress: bool = True) -> np.ndarray:
    """Computes what a frozen ImageNet network sees in pictures.

    Args:
        images: uint8 array `(pictures, size, size, 3)`.
        progress: Whether to show a progress bar where stderr is a terminal.
            Defaults to `True`.

    Returns:
        float32 array `(pictures, 1280)` of rows of length 1.

    Raises:
        OSError: If the weights cannot be read.
    """
    network = backbone(NETWORK, images.shape[1])
    model = keras.Model(
        network.input, keras.layers.GlobalAveragePooling2D()(network.output)
    )
    console = Console(stderr=True)
    disable = not (progress and console.is_terminal)
    rows = []
    with Progress(console=console, transient=True, disable=disable) as bar:
        task = bar.add_task("Looking at pictures", total=len(images))
        for start in range(0, len(images), _BATCH):
            batch = images[start : start + _BATCH]
            missing = _BATCH - len(batch)  # another shape would compile again
            filled = np.pad(batch, ((0, missing), (0, 0), (0, 0), (0, 0)))
            features = model.predict_on_batch(filled.astype(np.float32))
            rows.append(np.asarray(features)[: len(batch)])
            bar.advance(task, len(batch))
    features = np.concatenate(rows)
    norms = np.linalg.norm(features, axis=1, keepdims=True)
    return (features / np.maximum(norms, 1e-6)).astype(np.float32)
