"""The section of a recipe that is about the training."""

from typing import Literal

import pydantic

from kerasfg.config.effort import DEFAULT
from kerasfg.config.effort import EFFORTS
from kerasfg.config.effort import SHORT
from kerasfg.config.effort import SHORT_MOMENTUM
from kerasfg.config.option import FILE_ONLY
from kerasfg.config.option import METHODS
from kerasfg.config.option import TRAINING
from kerasfg.config.option import Section
from kerasfg.config.option import option

# Good values for each optimizer, by the validation accuracy on three data sets.
BY_OPTIMIZER = {
    "adamw": {
        "learning_rate": 0.002,
        "head_learning_rate": 0.01,
        "weight_decay": 0.05,
    },
    "sgd": {
        "learning_rate": 0.02,
        "head_learning_rate": 0.1,
        "weight_decay": 1e-4,
    },
}

# Options that a training settles by itself if `batch_size` is "auto".
SETTLED = ("batch_size", "learning_rate", "head_learning_rate", "ema")


def _shown(key):
    return "{}; sgd: {}".format(*(of[key] for of in BY_OPTIMIZER.values()))


class Training(Section):
    """How the network is trained."""

    effort: Literal["quick", "standard", "best"] = option(
        "quick",
        TRAINING,
        "What the options that are not given are: `quick`, the defaults here; "
        f"`standard`, {EFFORTS['standard']['views']} views of each picture, "
        f"enlarged to {EFFORTS['standard']['upsample_to']} pixels, and "
        f"{EFFORTS['standard']['epochs']} epochs; `best`, a larger teacher "
        "that is trained first, its answers to stored views, and "
        f"{EFFORTS['best']['epochs']} epochs.",
        shown=f"{DEFAULT}; in a recipe file: quick",
        neutral="quick",
    )
    epochs: int = option(
        12,
        TRAINING,
        "Passes over the training pictures in which all weights are trained.",
        ge=1,
    )
    head_epochs: int = option(
        0,
        TRAINING,
        "Earlier passes in which only the head is trained.",
        ge=0,
    )
    batch_size: int | Literal["auto"] = option(
        32,
        TRAINING,
        "Pictures in a step; `auto`: as many as the memory of the GPU holds, "
        "32 without one, fewer (8 or more) for 20 steps in an epoch; the "
        "learning rates are scaled accordingly.",
        metavar="<number>|auto",
    )
    balanced: int = option(
        0,
        METHODS,
        "Pictures of each class in a step, which then holds `batch_size` / "
        "`balanced` classes, so that there are pairs of the same class; 0: "
        "pictures as they come.",
        ge=0,
    )
    class_weights: bool = option(
        False,
        METHODS,
        "For classes of unequal size: weigh the cross-entropy of a picture by "
        "the mean size of the classes divided by the size of its own.",
        has_negative=False,
        neutral=False,
    )
    logit_adjustment: float = option(
        0.0,
        METHODS,
        "For classes of unequal size: what the logarithm of a class's share of "
        "the training pictures is multiplied by before it is added to the "
        "logit, in the training only; 1 is for the best balanced accuracy, 0: "
        "nothing is added.",
        neutral=0.0,
        ge=0,
        le=100,
    )
    optimizer: Literal["adamw", "sgd"] = option(
        "adamw",
        TRAINING,
        "`adamw` (decoupled weight decay) or `sgd` (momentum 0.9, coupled "
        "weight decay as in PyTorch).",
    )
    learning_rate: float | None = option(
        None,
        TRAINING,
        "Largest learning rate of the main stage.",
        shown=_shown("learning_rate"),
        gt=0,
    )
    head_learning_rate: float | None = option(
        None,
        FILE_ONLY,
        "Constant learning rate of the stage that trains only the head.",
        shown=_shown("head_learning_rate"),
        gt=0,
    )
    schedule: Literal["cosine", "step", "constant"] = option(
        "cosine",
        TRAINING,
        "Schedule of the learning rate: `cosine` to zero, `step` (divided by "
        "10 every `step_epochs`) or `constant`.",
    )
    step_epochs: int = option(20, FILE_ONLY, "See `schedule`.", ge=1)
    warmup_epochs: float = option(
        1,
        FILE_ONLY,
        "Epochs in which the learning rate rises from 0; with the schedule "
        "`step` at most `step_epochs`.",
        ge=0,
    )
    weight_decay: float | None = option(
        None,
        TRAINING,
        "Weight decay; see `optimizer`.",
        shown=_shown("weight_decay"),
        ge=0,
    )
    label_smoothing: float = option(
        0.1,
        TRAINING,
        "Share of the target that is spread over all classes.",
        ge=0,
        lt=1,
    )
    ema: float = option(
        0.0,
        TRAINING,
        "Momentum of the moving average of the weights that is evaluated and "
        "saved; 0: none.",
        ge=0,
        lt=1,
    )
    batch_norm: Literal["own", "auto"] = option(
        "own",
        TRAINING,
        "How fast the moving statistics of batch normalization follow: `own`, "
        "with the momentum of the network; `auto`, with at most "
        f"{SHORT_MOMENTUM} in a training of fewer than {SHORT} steps, in "
        "which they would lag behind.",
        neutral="own",
    )
    early_stopping: int = option(
        0,
        TRAINING,
        "Epochs without a better validation accuracy after which training "
        "ends, with the weights of the best one; 0: never.",
        ge=0,
    )
    steps_per_execution: int = option(
        0,
        TRAINING,
        "Steps that are computed without a pause, for a GPU that a step does "
        "not keep busy; 0: 32 on one GPU with JAX, if the step cuts and "
        "shrinks nothing and asks no teacher, else 1. Lowered to a divisor of "
        "the steps of an epoch.",
        ge=0,
        neutral=0,
    )
    mixed_precision: bool = option(
        False,
        TRAINING,
        "Compute in `mixed_dtype`; poolings and losses stay in float32.",
    )
    mixed_dtype: Literal["float16", "bfloat16"] = option(
        "float16",
        TRAINING,
        "What `mixed_precision` computes in: `float16`, with a scaled loss, or "
        "`bfloat16`, which has the range of float32.",
        neutral="float16",
    )
    jit_compile: bool = option(
        False, TRAINING, "Compile the training step with XLA."
    )
    deterministic: bool = option(
        True,
        FILE_ONLY,
        "Use operators that give the same bits each time.",
    )
    seed: int = option(
        0,
        TRAINING,
        "Seed of the split, the initial weights, the order, the augmentation "
        "and the dropout.",
        ge=0,
        lt=2**31,
    )

    def of_optimizer(self, key):
        """Returns a value, or the optimizer's default if it is `None`.

        Args:
            key: `"learning_rate"`, `"head_learning_rate"` or `"weight_decay"`.

        Example:

        >>> Training(optimizer="sgd").of_optimizer("learning_rate")
        0.02
        """
        value = getattr(self, key)
        return BY_OPTIMIZER[self.optimizer][key] if value is None else value

    @pydantic.field_validator("batch_size", mode="before")
    @classmethod
    def _batch_size_is_a_number_or_auto(cls, value):
        if isinstance(value, bool):
            return value  # refused as in all options
        if isinstance(value, str) and value.lstrip("-").isdecimal():
            value = int(value)
        if value != "auto" and (not isinstance(value, int) or value < 1):
            raise ValueError(
                "`batch_size` must be a whole number of at least 1, or 'auto'. "
                f"Received: batch_size={value!r}"
            )
        return value

    @pydantic.model_validator(mode="after")
    def _batches_can_be_balanced(self):
        size, each = self.batch_size, self.balanced
        if size == "auto":
            size = 2 * each
        if each and (each == 1 or size % each or size < 2 * each):
            raise ValueError(
                "`balanced` must be 0 or at least 2, and `batch_size` a "
                "multiple of it, at least twice as large. "
                f"Received: balanced={each}, batch_size={self.batch_size}"
            )
        return self

    @pydantic.model_validator(mode="after")
    def _classes_are_balanced_once(self):
        keys = ("balanced", "class_weights", "logit_adjustment")
        given = {key: getattr(self, key) for key in keys}
        if sum(map(bool, given.values())) > 1:
            raise ValueError(
                "`balanced`, `class_weights` and `logit_adjustment` each make "
                "up for classes of unequal size, and two of them would favour "
                "the small ones: take one. Received: "
                + ", ".join(f"{key}={value}" for key, value in given.items())
            )
        return self

    @pydantic.model_validator(mode="after")
    def _warmup_ends_before_the_first_step(self):
        if self.schedule == "step" and self.warmup_epochs > self.step_epochs:
            raise ValueError(
                "`warmup_epochs` must be at most `step_epochs`, after which "
                "the schedule 'step' first divides the learning rate. "
                f"Received: warmup_epochs={self.warmup_epochs:g}, "
                f"step_epochs={self.step_epochs}"
            )
        return self
