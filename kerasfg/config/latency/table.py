"""The table of latencies and accuracies that a budget picks from.

`kerasfg reproduce frontier` writes it.
"""

import csv
import dataclasses
import importlib.resources
import io
import math
import statistics

# Backbone, pixels and output stride of what ratios are to.
_REFERENCE = ("efficientnet_lite0", 224, 32)


@dataclasses.dataclass(frozen=True)
class Entry:
    """A network of the table.

    Attributes:
        row: Name of the row of the grid, such as `"birds32"`: a data set at an
            image size.
        data: Name of the data set.
        image_size: Pixels of the picture.
        backbone: Name of the backbone.
        upsample_to: Pixels that the picture is enlarged to; 0: none.
        output_stride: Output stride.
        ratio: Latency, as a ratio to that of EfficientNet-Lite0 at 224 pixels.
        accuracy: Mean accuracy on the validation pictures, or `None` if it was
            not trained yet.
    """

    row: str
    data: str
    image_size: int
    backbone: str
    upsample_to: int
    output_stride: int
    ratio: float
    accuracy: float | None

    @property
    def size(self):
        """Pixels of what the backbone sees."""
        return self.upsample_to or self.image_size

    @property
    def is_enlarged(self):
        """Whether the picture is enlarged inside the network."""
        return self.size > self.image_size


def read_table(folder=None, name="frontier"):
    """Reads the table.

    A training counts if its recipe is that of the timed network's line.

    Args:
        folder: Folder of `NAME.csv` and `NAME-latency.csv`. Defaults to
            `None`: the results that come with the package.
        name: Name of the grid. Defaults to `"frontier"`.

    Returns:
        List of `Entry`s in the order of the file. Lines of an older file,
        which has no ratios, are left out.
    """
    if folder is None:
        folder = importlib.resources.files("kerasfg.recipes") / "results"
    timed = _read(folder / f"{name}-latency.csv")
    trained = _read(folder / f"{name}.csv")
    return [
        Entry(
            line["row"],
            line["data"],
            int(line["image_size"]),
            line["backbone"],
            int(line["upsample_to"]),
            int(line["output_stride"]),
            float(line["ratio"]),
            _accuracy(line, trained),
        )
        for line in timed
        if line.get("ratio")
    ]


def _read(file):
    if not file.is_file():
        return []
    return list(csv.DictReader(io.StringIO(file.read_text("utf-8"))))


def _accuracy(timed, trained):
    """Returns the mean over the seeds of the recipe that was timed.

    Lines of earlier recipes stay at the end of the file, for other seeds too.
    """
    own = [
        line
        for line in trained
        if (line["row"], line["method"]) == (timed["row"], timed["method"])
        and line["stage"] == "final"
    ]
    current = [line for line in own if line["recipe"] == timed["recipe"]]
    if not current:
        return None
    by_seed = {}
    for line in own:
        if line["epochs"] == current[0]["epochs"]:
            by_seed.setdefault(line["seed"], float(line["val_accuracy"]))
    by_seed[current[0]["seed"]] = float(current[0]["val_accuracy"])
    return statistics.mean(by_seed.values())


def networks_for(table, image_size):
    """Returns the rows of the table for an image size.

    Accuracies are those of one row: of the image size that is nearest, and of
    these the row with the most trainings. A row with at most half as many as
    the fullest one is not used. Latencies are of what the backbone sees: to
    enlarge to 128 pixels costs the same from any size. A network without
    enlarging costs at most what the table's next larger one does.

    Args:
        table: List of `Entry`s.
        image_size: Pixels of the picture.

    Returns:
        List of `Entry`s, each with an accuracy, that of `image_size` in all
        but their `image_size`.
    """
    trained = [entry for entry in table if entry.accuracy is not None]
    found = {}
    for entry in _nearest_row(trained, image_size):
        if entry.is_enlarged and entry.upsample_to < image_size:
            continue
        if entry.is_enlarged:
            enlarged = entry.upsample_to > image_size
            upsample_to, ratio = entry.upsample_to * enlarged, entry.ratio
        else:
            upsample_to, ratio = 0, _ratio_at(table, entry, image_size)
        if ratio is None:
            continue
        size = upsample_to or image_size
        key = entry.backbone, size, entry.output_stride
        if key == _REFERENCE and not upsample_to:
            ratio = 1.0  # the table's is measured anew, and enlarges
        if entry.is_enlarged or key not in found:
            found[key] = dataclasses.replace(
                entry, upsample_to=upsample_to, ratio=ratio
            )
    return list(found.values())


def _nearest_row(trained, image_size):
    """Returns the entries of the row that is used for an image size."""
    rows = {}
    for entry in trained:
        rows.setdefault(entry.row, []).append(entry)
    most = max(map(len, rows.values()), default=0)
    rows = [entries for entries in rows.values() if 2 * len(entries) > most]

    def rank(entries):
        factor = abs(math.log2(entries[0].image_size / image_size))
        return factor, -len(entries)

    return min(rows, key=rank, default=[])


def _ratio_at(table, entry, image_size):
    """Returns the ratio of a network without enlarging at another size."""
    if entry.image_size == image_size:
        return entry.ratio
    alike = [
        (other.size, other.is_enlarged, other.ratio)
        for other in table
        if other.backbone == entry.backbone
        and other.output_stride == entry.output_stride
        and other.size >= image_size
    ]
    return min(alike)[2] if alike else None
