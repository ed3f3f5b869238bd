"""TeacherRun: a trained run that is the teacher of another training."""

import functools
import hashlib

import keras

from kerasfg.config.names import arguments_named
from kerasfg.distributed.processes import SINGLE_PROCESS
from kerasfg.one_line import few_names
from kerasfg.run.load_keras import load_keras
from kerasfg.run.run_folder import RunFolder
from kerasfg.training.setup.known_pictures import known_pictures

# Keys of [data] that must be equal, so that both get the same picture.
SAME = ("crop", "boxes", "box_margin")


class TeacherRun:
    """The model of a run folder, as the teacher of another training.

    It predicts the classes of a batch of training pictures, which are
    augmented at its `image_size`. Its network is loaded when it is first asked;
    it is never asked if its answers are stored with the views.

    Args:
        recipe: The student's `Recipe`, which names the run folder.
        processes: `Processes` that share the training. Defaults to
            `SINGLE_PROCESS`.

    Call arguments:
        images: float32 array `(batch, image_size, image_size, 3)`, 0 to 255.

    Returns:
        Logits, float32 array `(batch, classes)`.

    Raises:
        ValueError: If the folder is not a run folder, its training has not
            ended, its pictures are smaller or cropped differently than the
            student's, or the model differs between processes.
    """

    def __init__(self, recipe, processes=SINGLE_PROCESS):
        self._student = recipe
        self.path = recipe.teacher.run
        self.folder = RunFolder(self.path)
        with arguments_named(run="teacher"):
            self.folder.check_trained()
        data = self.folder.read_recipe().data
        self.image_size = data.image_size
        self._check_data(data, recipe)
        content = self.folder.model.read_bytes()
        self.digest = hashlib.blake2b(content, digest_size=16).hexdigest()
        self._check_processes(processes)

    @functools.cached_property
    def network(self):
        """From pictures to logits, a compiled `keras.Model`."""
        model = load_keras(self.folder.model, verbose=False)
        network = keras.Model(
            model.network.inputs, model.network.output["logits"]
        )
        # XLA takes long to compile, and only JAX is slow without XLA.
        network.compile(jit_compile=keras.backend.backend() == "jax")
        return network

    @property
    def classes(self):
        """Number of logits."""
        return len(self.folder.read_class_names())

    def __call__(self, images):
        return self.network.predict_on_batch(images)

    def pictures_for(self, recipe):
        """Returns the student's recipe, augmenting at the teacher's size."""
        try:
            return recipe.with_options(augment_at=self.image_size)
        except ValueError as error:
            raise ValueError(
                f"The teacher's size does not fit the student: {error}"
            ) from error

    def check_pictures(self, pixels, splits):
        """Checks the teacher's classes and training pictures.

        Args:
            pixels: The student's `kerasfg.data.PixelCache`.
            splits: Array with the split of each of the student's pictures.

        Raises:
            ValueError: If the teacher has other classes, or was trained on a
                picture that the student is validated or tested on; see
                `kerasfg.training.setup.known_pictures`.
        """
        class_names = self.folder.read_class_names()
        if class_names != pixels.class_names:
            raise ValueError(
                "A teacher must have the student's classes, in the same order: "
                f"train it on {few_names(pixels.class_names, class_names)}. "
                f"Received: teacher={self.path!r}, with the classes "
                f"{few_names(class_names, pixels.class_names)}"
            )
        given = self.folder, self._student, pixels.names, splits
        leaked = known_pictures(*given)
        if leaked:
            raise ValueError(
                "A teacher must not have been trained on pictures that its "
                "student is validated or tested on: train both with the same "
                "data and seed, or add a splits.csv to the folder of the "
                f"pictures. Received: teacher={self.path!r}, trained on "
                f"{len(leaked)} of these pictures, such as {leaked[0]!r}"
            )

    def _check_data(self, data, recipe):
        student = recipe.data
        if self.image_size < student.image_size:
            raise ValueError(
                "A teacher's pictures must be at least as large as the "
                "student's: lower `image_size`, or train the teacher at a "
                f"larger one. Received: teacher={self.path!r}, of "
                f"{self.image_size} pixels, image_size={student.image_size}"
            )
        for key in SAME:
            own, wanted = getattr(data, key), getattr(student, key)
            if own != wanted:
                raise ValueError(
                    f"A teacher and its student must have the same {key}. "
                    f"Received: teacher={self.path!r}, with {key}={own!r}, "
                    f"and {key}={wanted!r}"
                )
        augment_at = recipe.augmentation.augment_at
        if augment_at not in (0, self.image_size):
            raise ValueError(
                "With a teacher pictures are augmented at its size: leave "
                f"`augment_at` out. Received: teacher={self.path!r}, of "
                f"{self.image_size} pixels, augment_at={augment_at}"
            )

    def _check_processes(self, processes):
        mine = bytes.fromhex(self.digest)
        if processes.share(mine) != mine:
            raise ValueError(
                "All processes must have the same teacher. "
                f"Received: teacher={self.path!r}, whose model.keras differs "
                f"between process {processes.index} and process 0"
            )
