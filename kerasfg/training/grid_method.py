"""What one method of a grid changes in the common recipe."""

import itertools
import math
import typing

from kerasfg.training.recipe import Recipe


class GridMethod:
    """The keys of a method: their values are fixed, tuned or taken.

    Args:
        keys: From keys of a recipe to values. A list, where a recipe wants a
            single value, is tuned; `{"from": NAME}` is taken from what was
            chosen for the method `NAME`; any other value is fixed.

    Attributes:
        sources: Names of the methods that values are taken from.
        varied: Keys whose values are tuned or taken.
        trials: How many combinations of values are to be tried.

    Example:

    >>> method = GridMethod({"seed": 1, "dropout": [0.1, 0.2]})
    >>> method.varied, method.trials
    (['dropout'], 2)
    """

    def __init__(self, keys):
        self.keys = keys
        self.sources = {source_of(value) for value in keys.values()} - {None}
        tuned = {key: v for key, v in keys.items() if _is_tuned(key, v)}
        self.varied = [k for k, v in keys.items() if k in tuned or source_of(v)]
        self.trials = math.prod(len(values) for values in tuned.values())

    def candidates(self, chosen):
        """Returns all that the method may turn out to be.

        Args:
            chosen: From each method that is settled to its options.

        Returns:
            List of dictionaries of options for `Recipe.with_options`, one for
            each trial; empty while a method that values are taken from is not
            settled.

        Example:

        >>> method = GridMethod({"dropout": {"from": "a"}, "ema": [0.0, 0.9]})
        >>> method.candidates({"a": {"dropout": 0.5}})
        [{'dropout': 0.5, 'ema': 0.0}, {'dropout': 0.5, 'ema': 0.9}]
        """
        if not self.sources <= set(chosen):
            return []
        columns = []
        for key, value in self.keys.items():
            if _is_tuned(key, value):
                columns.append(value)
            elif source_of(value):
                columns.append([chosen[source_of(value)][key]])
            else:
                columns.append([value])
        return [
            dict(zip(self.keys, row, strict=True))
            for row in itertools.product(*columns)
        ]


def source_of(value):
    """Returns the method that a value is taken from, or `None`."""
    return value.get("from") if isinstance(value, dict) else None


def _is_tuned(key, value):
    return isinstance(value, list) and not _wants_list(key)


def _wants_list(key):
    """Whether a recipe has a list for the value of this key."""
    for section in Recipe.model_fields.values():
        field = section.annotation.model_fields.get(key)
        if field:
            return typing.get_origin(field.annotation) in (list, tuple)
    return False
