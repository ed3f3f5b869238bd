"""The section of a recipe that names a teacher."""

import pydantic

from kerasfg.training.recipe_sections import Section


class Teacher(Section):
    """A trained network that the student learns from, beside the labels.

    It sees the training pictures at its own, larger size, augmented as the
    student sees them.

    Attributes:
        teacher: Run folder of its training, with the same classes in the same
            order and the same test pictures; `""` for none. What it says of
            similar classes tells more if its `label_smoothing` was 0.
        teacher_weight: Share of what it says in the loss; the labels have the
            rest. See `kerasfg.models.FineGrainedClassifier`.
        teacher_temperature: What its logits and the student's are divided by,
            so that classes it holds for unlikely count as well.
    """

    teacher: str = ""
    teacher_weight: float = pydantic.Field(0.5, ge=0, le=1)
    teacher_temperature: float = pydantic.Field(3.0, gt=0)
