"""Groups runs that follow one recipe, each with its own seed."""

import dataclasses
import os

from kerasfg.evaluation.metrics.mean_and_spread import mean_and_spread
from kerasfg.evaluation.report.html_page.saved_run import SavedRun

MOST_NAMES = 3

# Keys that a recipe of an earlier version lacks, and their values there.
LATER_KEYS = {
    "data.boxes": False,
    "data.class_level": 0,
    "data.classes": 0,
    "data.crop_from": 0,
    "data.fold": 0,
    "data.folds": 0,
    "data.imbalance": 1.0,
    "data.join_copies": False,
    "data.train_share": 1.0,
    "data.val_share": 0.15,
    "attributes.reduction": "mean",
    "teacher.temperature": 3.0,
    "teacher.weight": 0.5,
    "training.batch_norm": "own",
    "training.class_weights": False,
    "training.effort": "quick",
    "training.logit_adjustment": 0.0,
    "training.mixed_dtype": "float16",
    "training.steps_per_execution": 0,
    "augmentation.augment_at": 0,
    "augmentation.resizers": "training",
    "augmentation.views": 0,
}
TEACHER = "teacher.run"


@dataclasses.dataclass(frozen=True, eq=False)
class RunGroup:
    """Runs whose recipes differ only in the seed.

    Attributes:
        runs: The runs, in the order given.
        number: Place of this group among all, from 0; its colour.
    """

    runs: tuple[SavedRun, ...]
    number: int

    @property
    def name(self):
        """The names of the runs, in short: `bird-{0, 1, 2}`."""
        names = [run.name for run in self.runs]
        # Up to a hyphen, so that no number is cut in two.
        start = os.path.commonprefix(names).rpartition("-")
        start = start[0] + start[1]
        ends = [name.removeprefix(start) for name in names]
        if len(names) > MOST_NAMES:
            ends = [f"{ends[0]} to {ends[-1]}"]
        if len(names) == 1 or not start:
            return ", ".join(start + end for end in ends)
        return f"{start}{{{', '.join(ends)}}}"

    @property
    def settings(self):
        """From the `section.key` of the recipe to its value.

        Of a run that trains nothing there is `training.euclidean`, the rule
        that it measures by.
        """
        return _settings(self.runs[0])

    def summary(self, value):
        """Returns the mean and the spread over the runs.

        Args:
            value: Function from a run to a float, or to `None`.

        Returns:
            Dict; see
            `kerasfg.evaluation.metrics.mean_and_spread.mean_and_spread`.
        """
        found = [value(run) for run in self.runs]
        return mean_and_spread([x for x in found if x is not None])


def same_recipe(runs):
    """Groups runs by their recipes without the seed.

    Teachers may differ in their seeds, where each is its student's and ends
    the name of the teacher's folder.

    Args:
        runs: List of `SavedRun`.

    Returns:
        List of `RunGroup`, in the order of their first runs.
    """
    groups = []
    for run in runs:
        for members in groups:
            if _same_but_for_seeds(run, members[0]):
                members.append(run)
                break
        else:
            groups.append([run])
    return [RunGroup(tuple(members), i) for i, members in enumerate(groups)]


def differing_settings(groups):
    """Finds the keys in which the recipes differ.

    Args:
        groups: List of `RunGroup`.

    Returns:
        Dict from the `section.key` to a list of one value for each group,
        `None` where a recipe has no such key.
    """
    keys = dict.fromkeys(key for group in groups for key in group.settings)
    values = {
        key: [group.settings.get(key) for group in groups] for key in keys
    }
    return {
        key: row
        for key, row in values.items()
        if any(value != row[0] for value in row)
    }


def _same_but_for_seeds(run, other):
    ours, theirs = _settings(run), _settings(other)
    if ours == theirs:
        return True
    ours[TEACHER] = _without_seed(ours.get(TEACHER), run.seed)
    theirs[TEACHER] = _without_seed(theirs.get(TEACHER), other.seed)
    return ours == theirs


def _without_seed(teacher, seed):
    """A folder named like a grid's: the method, a hyphen and the seed."""
    return teacher and teacher.removesuffix(f"-{seed}")


def _settings(run):
    settings = {
        f"{section}.{key}": value
        for section, values in run.recipe.items()
        for key, value in values.items()
    }
    settings.pop("training.seed", None)
    usual = "teacher" if settings.get(TEACHER) else "imagenet"
    settings.setdefault("model.weights", usual)
    # The rule by which features are compared is not in the recipe.
    settings["training.euclidean"] = run.manifest.get("euclidean", "")
    return {
        key: value
        for key, value in {**LATER_KEYS, **settings}.items()
        # A recipe of an earlier version lacks keys that a later one leaves
        # empty.
        if value not in ("", [])
    }
