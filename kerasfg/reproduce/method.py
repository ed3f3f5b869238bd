"""The changes of one method of a grid to the common recipe."""

import itertools
import math
import typing

from kerasfg.config.recipe import Recipe


class GridMethod:
    """The keys of a method, whose values are fixed, tuned or taken over.

    Args:
        keys: Dictionary from options of a recipe to values. A list for an
            option that takes a single value is tuned; `{"from": NAME}` is the
            value chosen for the method `NAME`; any other value is fixed.
            `teacher` may be `{"run_of": NAME}`, the run of the method `NAME` in
            the same row with the same seed. `euclidean`, which is not an option
            of a recipe, is one of
            `kerasfg.evaluation.metrics.nearest_neighbour.EUCLIDEAN`: then
            nothing is trained.

    Attributes:
        sources: Names of the methods that values are taken from.
        teacher: Name of the method whose run is the teacher, or `""`.
        euclidean: Rule by which features are compared instead of a training,
            or `""`.
        varied: Keys whose values are tuned or taken.
        trials: Number of combinations of values to try.

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
        """Lists the combinations of values to try.

        Args:
            chosen: Dictionary from methods whose values are chosen to their
                options.

        Returns:
            List of dictionaries of options for `Recipe.with_options`, one for
            each trial; empty until all methods that values are taken from are
            in `chosen`. `{"run_of": NAME}` is left unchanged.

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


def check_method(name, keys, earlier):
    """Raises `ValueError` if a method is not valid in its grid.

    Args:
        name: Name of the method.
        keys: Keys of the method, as for `GridMethod`.
        earlier: Dictionary from the methods before it in the file to their
            keys.
    """
    for key, value in keys.items():
        where = f"Received: methods.{name}.{key}={value!r}"
        if key in ("data", "seed"):
            raise ValueError(
                f"A method must not change {key}, which all methods share: "
                f"leave it out. {where}"
            )
        if _is_tuned(key, value) and _has_repeated(value):
            raise ValueError(f"The values to tune must differ. {where}")
        source = source_of(value)
        if source and key not in earlier.get(source, {}):
            raise ValueError(
                "`from` must name a method earlier in the file that has the "
                f"same key. {where}"
            )
    method = GridMethod(keys)
    if not method.trials:
        raise ValueError(
            "A list to tune must hold at least one value. "
            f"Received: methods.{name}={keys}"
        )
    if method.euclidean:
        _check_euclidean(name, method, keys)
    teacher = GridMethod(earlier.get(method.teacher, {}))
    if method.teacher and (
        method.teacher not in earlier or teacher.varied or teacher.euclidean
    ):
        raise ValueError(
            "`run_of` must name a method earlier in the file that is trained "
            "and has no values to choose. "
            f"Received: methods.{name}.teacher={keys['teacher']!r}"
        )


def _check_euclidean(name, method, keys):
    # Imported here because it is slow.
    from kerasfg.evaluation.metrics.nearest_neighbour import EUCLIDEAN

    if method.euclidean not in EUCLIDEAN or method.varied:
        raise ValueError(
            f"euclidean must be one of {', '.join(EUCLIDEAN)}, in a method "
            f"without values to tune. Received: methods.{name}={keys}"
        )


def source_of(value):
    """Returns the method that a value is taken from, or `None`."""
    return _named(value, "from")


def _named(value, key):
    return value.get(key) if isinstance(value, dict) else None


def _is_tuned(key, value):
    return isinstance(value, list) and not _takes_list(key)


def _has_repeated(values):
    return any(value in values[:i] for i, value in enumerate(values))


def _takes_list(key):
    """Returns whether the option of a recipe is itself a list."""
    option = Recipe.options().get(key)
    return bool(option) and typing.get_origin(option.type) in (list, tuple)
