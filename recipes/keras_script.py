"""Both papers in plain Keras, on the embedded field guide of drawn birds."""

import keras

import kerasfg
from kerasfg.data import datasets_from_source
from kerasfg.data import field_guide
from kerasfg.data import field_guide_attributes

kerasfg.keep_freed_memory()
keras.utils.set_random_seed(0)
# Of your own pictures: kerasfg.data.datasets_from_directory("photos", 32).
pictures = field_guide(images_per_class=60)
birds = datasets_from_source(pictures, image_size=32, batch_size=16)
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
    keras.optimizers.SGD(0.01, momentum=0.9),
    keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    metrics=["accuracy"],
)
model.fit(
    birds.train,
    validation_data=birds.validation,
    epochs=5,
    callbacks=[kerasfg.callbacks.TermWatch()],
)
model.evaluate(birds.test)
model.save("birds.keras")
