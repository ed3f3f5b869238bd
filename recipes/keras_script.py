"""Both papers in plain Keras, on the embedded field guide of drawn birds."""

import keras
import numpy as np

import kerasfg
from kerasfg.callbacks import TermWatch
from kerasfg.data import field_guide
from kerasfg.data import field_guide_attributes
from kerasfg.data import shrink

kerasfg.freed_memory.keep_freed_memory()
keras.utils.set_random_seed(0)
birds = field_guide(images_per_class=60)
images = np.stack([shrink(birds.read(i), 32) for i in range(len(birds))])
train, test = np.split(np.random.default_rng(0).permutation(len(birds)), [540])
table = kerasfg.AttributeTable.from_rows(field_guide_attributes())

model = kerasfg.FineGrainedClassifier(
    kerasfg.models.backbone("efficientnet_lite0", 32, output_stride=8),
    num_classes=len(birds.class_names),
    class_names=birds.class_names,
    attention=True,
    class_variance=kerasfg.losses.ClassVariance(),
    attributes=table.select(["patches", "wing_bar"]),
    attribute_distance=kerasfg.losses.AttributeDistance(weight=0.01),
)
model.compile(
    keras.optimizers.SGD(0.02, momentum=0.9),
    keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    metrics=["accuracy"],
)
model.fit(images[train], birds.labels[train], epochs=5, callbacks=[TermWatch()])
model.evaluate(images[test], birds.labels[test])
model.save("birds.keras")
