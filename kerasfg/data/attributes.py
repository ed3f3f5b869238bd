"""AttributeTable: attribute values of classes, from a table by the user."""

from __future__ import annotations

import difflib
import os
import pathlib
import unicodedata
from collections.abc import Iterable
from collections.abc import Sequence

import keras
import numpy as np
import numpy.typing as npt

from kerasfg.data.attribute_values import NO_YES
from kerasfg.data.attribute_values import parse_values
from kerasfg.data.attribute_values import read_cells


@keras.saving.register_keras_serializable(package="kerasfg")
class AttributeTable:
    """One value of each attribute for each class.

    A value is an index into the attribute's value names; -1 is unknown. Names
    of classes and attributes are looked up first as written, and then without
    regard to case, with `_`, `+`, `-` and runs of spaces taken as one space.

    Args:
        class_names: Names of the classes, one for each row.
        attributes: Names of the attributes, one for each column.
        values: Integers of shape `(classes, attributes)`.
        value_names: For each attribute the names of its values.

    Attributes:
        class_names: Tuple of str.
        attributes: Tuple of str.
        values: Read-only int32 array of shape `(classes, attributes)`.
        value_names: Tuple of tuples of str.
        num_values: Tuple of int: the number of values of each attribute.

    Raises:
        ValueError: If names repeat, shapes differ or a value is out of range.

    Example:

    >>> table = AttributeTable.from_rows([
    ...     ("crow", "white", "0"), ("gull", "white", "1"),
    ...     ("crow", "habitat", "wood"), ("gull", "habitat", "shore"),
    ... ])
    >>> table.for_classes(["Gull", "Crow"]).values.tolist()
    [[1, 0], [0, 1]]
    >>> table.value_names
    (('no', 'yes'), ('shore', 'wood'))
    """

    def __init__(
        self,
        class_names: Iterable[str],
        attributes: Iterable[str],
        values: npt.ArrayLike,
        value_names: Iterable[Iterable[str]],
    ):
        self.class_names = _unique("class_names", class_names)
        self.attributes = _unique("attributes", attributes)
        self.value_names = tuple(tuple(names) for names in value_names)
        self.num_values = tuple(len(names) for names in self.value_names)
        self.values = np.array(values, "int32")
        self.values.flags.writeable = False
        shape = (len(self.class_names), len(self.attributes))
        if self.values.shape != shape or len(self.num_values) != shape[1]:
            raise ValueError(
                "Arguments `values` and `value_names` must have one entry for "
                f"each of {shape[1]} attributes, and `values` one row for each "
                f"of {shape[0]} classes. Received: values.shape="
                f"{self.values.shape}, {len(self.num_values)} value_names"
            )
        if (self.values < -1).any() or (self.values >= self.num_values).any():
            raise ValueError(
                "Argument `values` must hold indices into `value_names`, or "
                f"-1. Received: values={self.values.tolist()}"
            )

    # === Reading ===

    @classmethod
    def from_csv(
        cls,
        filepath: str | os.PathLike[str],
        threshold: float | dict[str, float] | None = None,
    ) -> AttributeTable:
        """Reads a CSV file in UTF-8 whose first line names the columns.

        In the long form the columns are `class`, `attribute` and `value`. In
        the wide form one column is `class`, and every other column is an
        attribute. A cell that is empty, -1, nan, NA, n/a, ? or unknown means
        unknown. In the long form a missing line means unknown, too.

        The values of one attribute are all of one kind:

        - 0 and 1, or no and yes, or false and true;
        - numbers, which mean yes at or above the threshold. Without a given
          threshold, numbers between 0 and 1 have a threshold of 0.5, and whole
          numbers that start at 0 or 1 and have no gap (0, 1, 2) are
          categories. A decimal comma is a point, and 85 % is 0.85;
        - words (upper body, lower body, full body), which become categories in
          alphabetical order.

        Args:
            filepath: Path of the file.
            threshold: Number for all attributes that are neither words nor
                just 0 and 1, or a dictionary from attribute to number.
                Defaults to `None`.

        Returns:
            `AttributeTable`, classes and attributes in the order of the file.

        Raises:
            ValueError: If the file is not such a table. The message names the
                line.
        """
        return cls._from_cells(read_cells(filepath), threshold, filepath)

    @classmethod
    def from_rows(
        cls,
        rows: Iterable[Iterable[object]],
        threshold: float | dict[str, float] | None = None,
    ) -> AttributeTable:
        """Makes a table from `(class, attribute, value)` rows.

        See `from_csv` for the values and for `threshold`.
        """
        cells = [
            (f"row {number}", *(str(cell).strip() for cell in row))
            for number, row in enumerate(rows)
        ]
        return cls._from_cells(cells, threshold, "rows")

    @classmethod
    def _from_cells(cls, cells, threshold, source):
        class_names = tuple(dict.fromkeys(cell[1] for cell in cells))
        attributes = tuple(dict.fromkeys(cell[2] for cell in cells))
        if not cells:
            raise ValueError(f"There is no value in {source}.")
        columns = {name: {} for name in attributes}
        for where, class_name, attribute, text in cells:
            column = columns[attribute]
            if class_name in column:
                raise ValueError(
                    f"{where} of {source} gives {attribute!r} of "
                    f"{class_name!r} a second time."
                )
            column[class_name] = text
        thresholds = _thresholds(threshold, attributes)
        parsed = [
            parse_values(name, column, thresholds.get(name))
            for name, column in columns.items()
        ]
        values = [
            [column.get(name, -1) for column, _ in parsed]
            for name in class_names
        ]
        return cls(class_names, attributes, values, [n for _, n in parsed])

    @classmethod
    def from_awa2(cls, folder: str | os.PathLike[str]) -> AttributeTable:
        """Reads the files of Animals with Attributes 2.

        Args:
            folder: Folder with `classes.txt`, `predicates.txt` and
                `predicate-matrix-binary.txt`.

        Returns:
            `AttributeTable` of binary attributes.

        Raises:
            OSError: If a file is missing.
            ValueError: If the files do not fit together.
        """
        folder = pathlib.Path(folder)
        names = [
            [
                line.split(maxsplit=1)[-1].strip()
                for line in (folder / file).read_text("utf-8").splitlines()
                if line.strip()
            ]
            for file in ("classes.txt", "predicates.txt")
        ]
        matrix = folder / "predicate-matrix-binary.txt"
        try:
            values = np.loadtxt(matrix, dtype="int32", ndmin=2)
            classes, attributes = names
            return cls(classes, attributes, values, [NO_YES] * len(attributes))
        except ValueError as error:
            raise ValueError(
                f"The files of AwA2 in {folder} do not fit together: {error}"
            ) from error

    # === Derived tables ===

    def select(self, attributes: str | Sequence[str]) -> AttributeTable:
        """Returns the table of some attributes, in the order given.

        Args:
            attributes: Name, or sequence of names.

        Raises:
            ValueError: If the table lacks an attribute, or an attribute is
                given twice.
        """
        if isinstance(attributes, str):
            attributes = [attributes]
        columns = _find(attributes, self.attributes, "attribute")
        return AttributeTable(
            self.class_names,
            [self.attributes[i] for i in columns],
            self.values[:, columns],
            [self.value_names[i] for i in columns],
        )

    def for_classes(
        self, class_names: Iterable[str], allow_others: bool = False
    ) -> AttributeTable:
        """Returns the table of the given classes, in the given order.

        Args:
            class_names: Class names of the data, in the order of the labels.
            allow_others: Whether this table may have classes that are not in
                the data. Defaults to `False`.

        Raises:
            ValueError: If the table lacks a class, if two names mean the same
                row of the table, or if the table has other classes and
                `allow_others` is `False`.
        """
        rows = _find(class_names, self.class_names, "class")
        others = [
            name for i, name in enumerate(self.class_names) if i not in rows
        ]
        if others and not allow_others:
            raise ValueError(
                f"The table has {len(others)} classes that are not in the "
                f"data: {_with_near(others, class_names)}. If it is meant for "
                "more classes than these, set `allow_others`."
            )
        return AttributeTable(
            class_names, self.attributes, self.values[rows], self.value_names
        )

    def dividing(self) -> tuple[str, ...]:
        """Returns the attributes whose value differs between two classes."""
        return tuple(
            name
            for name, column in zip(self.attributes, self.values.T, strict=True)
            if len(set(column[column >= 0].tolist())) > 1
        )

    def by_class(self) -> dict[str, dict[str, str]]:
        """Returns the known values as `{class: {attribute: value name}}`.

        Example:

        >>> AttributeTable.from_rows([("crow", "habitat", "wood")]).by_class()
        {'crow': {'habitat': 'wood'}}
        """
        return {
            name: {
                attribute: names[value]
                for attribute, names, value in zip(
                    self.attributes, self.value_names, row, strict=True
                )
                if value >= 0
            }
            for name, row in zip(
                self.class_names, self.values.tolist(), strict=True
            )
        }

    def __repr__(self):
        return (
            f"AttributeTable({len(self.class_names)} classes, "
            f"{len(self.attributes)} attributes)"
        )

    # === Config ===

    def get_config(self):
        return {
            "class_names": list(self.class_names),
            "attributes": list(self.attributes),
            "values": self.values.tolist(),
            "value_names": [list(names) for names in self.value_names],
        }

    @classmethod
    def from_config(cls, config):
        return cls(**config)


def _thresholds(threshold, attributes):
    if threshold is None:
        return {}
    if not isinstance(threshold, dict):
        return dict.fromkeys(attributes, threshold)
    columns = _find(threshold, attributes, "attribute")
    return {
        attributes[i]: value
        for i, value in zip(columns, threshold.values(), strict=True)
    }


def _unique(argument, names):
    names = tuple(names)
    twice = [name for i, name in enumerate(names) if name in names[:i]]
    if twice or not names:
        raise ValueError(
            f"Argument `{argument}` must hold at least one name, and none "
            f"twice. Received: {argument}={twice or names}"
        )
    return names


_PLURALS = {"attribute": "attributes", "class": "classes"}


def _find(wanted, names, kind):
    """Returns the indices of names, by exact match or by equal `_key`."""
    wanted = tuple(wanted)
    exact = {name: i for i, name in enumerate(names)}
    alike = {}
    for i, name in enumerate(names):
        alike.setdefault(_key(name), []).append(i)
    found, missing = {}, []
    for name in _unique(f"{kind} names", wanted):
        hits = [exact[name]] if name in exact else alike.get(_key(name), [])
        if len(hits) > 1:
            raise ValueError(
                f"The {kind} {name!r} could be any of "
                f"{[names[i] for i in hits]}. Write it as in the table."
            )
        if not hits:
            missing.append(name)
        elif hits[0] in found:
            raise ValueError(
                f"The {kind} names {found[hits[0]]!r} and {name!r} both mean "
                f"{names[hits[0]]!r} of the table."
            )
        else:
            found[hits[0]] = name
    if missing:
        others = [name for i, name in enumerate(names) if i not in found]
        listed = _with_near(missing, others)
        which = kind if len(missing) == 1 else _PLURALS[kind]
        raise ValueError(f"The table lacks the {which} {listed}.")
    return list(found)


def _key(name):
    name = unicodedata.normalize("NFC", name).casefold()
    for separator in "_+-":
        name = name.replace(separator, " ")
    return " ".join(name.split())


def _with_near(missing, names, limit=5):
    """Lists missing names, each with the similar ones among `names`."""
    keys = {_key(name): name for name in names}
    listed = []
    for name in missing[:limit]:
        near = difflib.get_close_matches(_key(name), keys, n=3, cutoff=0.7)
        near = " or ".join(repr(keys[key]) for key in near)
        listed.append(
            f"{name!r} (did you mean {near}?)" if near else repr(name)
        )
    more = f" and {len(missing) - limit} more" if len(missing) > limit else ""
    return ", ".join(listed) + more
