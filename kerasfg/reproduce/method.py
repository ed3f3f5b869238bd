"""What one method of a grid changes in the common recipe."""

import itertools
import math
import typing

from kerasfg.config.recipe import Recipe


class GridMethod:
    """The keys of a method: their values are fixed, tuned or taken.

    Args:
        keys: From options of a recipe to values. A list, where a recipe wants a
            single value, is tuned; `{"from": NAME}` is taken from what was
            chosen for the method `NAME`; any other value is fixed. `teacher`
            may be `{"run_of": NAME}`, the run of the method `NAME` in the same
            row with the same seed. `euclidean`, which is no key of a recipe,
            is one of `kerasfg.evaluation.metrics.nearest_neighbour.EUCLIDEAN`:
            nothing is trained then.

    Attributes:
        sources: Names of the methods that values are taken from.
        teacher: Name of the method whose run is the teacher, or `""`.
        euclidean: How pictures are compared in place of a training, or `""`.
        varied: Keys whose values are tuned or taken.
        trials: How many combinations of values are to be tried.

    Example:

    >>> method = GridMethod({"seed": 1, "dropout": [0.1, 0.2]})
    >>> method.varied, method.trials
    (['dropout'], 2)
    """

    def __init__(self, keys):
        self.keys = {k: v for k, v in keys.items() if k != "euclidean"}
        self.euclidean = keys.get("euclidean", "")
        self.teacher = _named(keys.get("teacher"), "run_of") or ""
        self.sources = {source_of(v) for v in self.keys.values()} - {None}
        tuned = {key: v for key, v in self.keys.items() if _is_tuned(key, v)}
        self.varied = [
            k for k, v in self.keys.items() if k in tuned or source_of(v)
        ]
        self.trials = math.prod(len(values) for values in tuned.values())

    def candidates(self, chosen):
        """Returns all that the method may turn out to be.

        Args:
            chosen: From each method that is settled to its options.

        Returns:
            List of dictionaries of options for `Recipe.with_options`, one for
            each trial; empty while a method that values are taken from is not
            settled. `{"run_of": NAME}` stays what it is.

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


def check_method(name, keys, above):
    """Raises `ValueError` unless a grid may have such a method.

    Args:
        name: Its name.
        keys: Its keys, as for `GridMethod`.
        above: From each method that stands above it to its keys.
    """
    for key, value in keys.items():
        where = f"Received: methods.{name}.{key}={value!r}"
        if key in ("data", "seed"):
            raise ValueError(
                f"A method may not change {key}, which all of them share: "
                f"leave it out. {where}"
            )
        if _is_tuned(key, value) and _stands_twice(value):
            raise ValueError(f"No value to tune may stand twice. {where}")
        source = source_of(value)
        if source and key not in above.get(source, {}):
            raise ValueError(
                "`from` must name a method that stands above and has the same "
                f"key. {where}"
            )
    method = GridMethod(keys)
    if not method.trials:
        raise ValueError(
            "A list to tune must hold at least one value. "
            f"Received: methods.{name}={keys}"
        )
    if method.euclidean:
        _check_euclidean(name, method, keys)
    taught = GridMethod(above.get(method.teacher, {}))
    if method.teacher and (
        method.teacher not in above or taught.varied or taught.euclidean
    ):
        raise ValueError(
            "`run_of` must name a method that stands above, is trained and has "
            "nothing to choose. "
            f"Received: methods.{name}.teacher={keys['teacher']!r}"
        )


def _check_euclidean(name, method, keys):
    # Not above: it takes as long to load as all the rest of a grid.
    from kerasfg.evaluation.metrics.nearest_neighbour import EUCLIDEAN

    if method.euclidean not in EUCLIDEAN or method.varied:
        raise ValueError(
            f"euclidean must be one of {', '.join(EUCLIDEAN)}, and there is "
            f"nothing to tune beside it. Received: methods.{name}={keys}"
        )


def source_of(value):
    """Returns the method that a value is taken from, or `None`."""
    return _named(value, "from")


def _named(value, key):
    return value.get(key) if isinstance(value, dict) else None


def _is_tuned(key, value):
    return isinstance(value, list) and not _wants_list(key)


def _stands_twice(values):
    return any(value in values[:i] for i, value in enumerate(values))


def _wants_list(key):
    """Whether a recipe has a list for the value of this key."""
    option = Recipe.options().get(key)
    return bool(option) and typing.get_origin(option.type) in (list, tuple)
