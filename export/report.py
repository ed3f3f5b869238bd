"""Report: the findings about the files of an export."""

from kerasfg.export.measurement.benchmark import benchmark
from kerasfg.export.measurement.benchmark_table import benchmark_markdown
from kerasfg.export.measurement.benchmark_table import benchmark_rows
from kerasfg.export.measurement.benchmark_table import benchmark_table
from kerasfg.export.measurement.client_files import try_clients
from kerasfg.export.measurement.recommend import recommend
from kerasfg.export.micro.board_size import too_large_for_boards
from kerasfg.export.verification.after_refusal import after_refusal
from kerasfg.export.wanted_files import MICRO
from kerasfg.manifest import to_json
from kerasfg.manifest_schema import FRAME
from kerasfg.manifest_schema import PIXELS
from kerasfg.terminal_text import no_markup
from kerasfg.terminal_text import visible

_MEASURED_PICTURES = 32


class Report:
    """Collects the findings about the files, and writes and prints them.

    Args:
        manifest: Description of the model; see
            `kerasfg.manifest.make_manifest`.
        keras_accuracy: Share of the pictures that Keras classifies correctly,
            or `None`.
        calibration: Number of training pictures for calibration, or `None`.

    Attributes:
        shrinking: How frames are shrunk inside the files, a dictionary as
            `FileWriter.describe_frames` returns it, or `None` if nothing is.
        verifications: `{filename: Verification}` of the files that ran.
        refused: `{filename: reason}` of the files that are left out.
        measurements: List of `Measurement`s; empty if nothing was measured.
        recommended: Name of the recommended file, or `None`.
        why: Reason for the recommendation, a sentence, or `""`.
        clients: What apps cost: an object with `content` (a dictionary),
            `markdown` (text) and `hints` (sentences), or `None` if that was
            not tried.
    """

    def __init__(self, manifest, keras_accuracy=None, calibration=None):
        self._manifest, self._calibration = manifest, calibration
        self._keras_accuracy = keras_accuracy
        self.shrinking = None
        self._entries, self._exact_files = {}, set()
        self.verifications, self.refused = {}, {}
        self.measurements = []
        self.recommended, self.why = None, ""
        self.clients = None

    @property
    def manifest(self):
        """The content of `kerasfg.json`."""
        return {
            **self._manifest,
            "files": dict(sorted(self._entries.items())),
            "refused": dict(sorted(self.refused.items())),
            "recommended": self.recommended,
        }

    def add(self, file, verification, answer, facts=None):
        """Adds the findings about a file that ran.

        Args:
            file: `WantedFile`.
            verification: `Verification`; with failures the file is refused.
            answer: Its result of the self-test, a dictionary.
            facts: Dictionary of what else `kerasfg.json` tells about it.
                Defaults to `None`: nothing.
        """
        self.verifications[file.name] = verification
        if file.pixels is not None and file.variant != MICRO:
            self._exact_files.add(file.name)
        if verification.failures:
            self.refuse(file, " ".join(verification.failures))
            return
        size = self._manifest["image_size"]
        side = file.pixels or self._manifest["frame_size"]
        self._entries[file.name] = {
            "format": file.format,
            "variant": file.variant,
            "takes": FRAME if side > size else PIXELS,
            "image_size": side,
            "bytes": verification.bytes,
            "sha256": verification.sha256,
            "operators": list(verification.operators),
            "pictures": verification.pictures,
            "max_difference": verification.max_difference,
            "mean_difference": verification.mean_difference,
            "top_1_agreement": verification.top_1_agreement,
            "accuracy": verification.accuracy,
            "keras_accuracy": verification.keras_accuracy,
            "outputs": list(verification.outputs),
            **_of_familiarity(verification),
            "self_test": answer,
            **(facts or {}),
        }

    def refuse(self, file, why):
        """Adds a file that is left out, and the reason."""
        self.refused[file.name] = why

    def measure(self, directory, images, model, show):
        """Measures the files that ran, and recommends one.

        Args:
            directory: Folder of the files.
            images: uint8 `(pictures, N, N, 3)`.
            model: `keras.Model` from those pixels, to measure, too.
            show: Function that shows a line of text.
        """
        files = [
            directory / name
            for name, found in self.verifications.items()
            if found.variant != MICRO  # this computer is none
        ]
        self.measurements = benchmark(
            files, images[:_MEASURED_PICTURES], model, show=show
        )
        self.recommended, self.why = recommend(
            self.measurements, self._of_frames()
        )

    def _of_frames(self):
        """Returns the `verifications` without those for exact pixels.

        Whoever shrinks pictures exactly knows which file to take.
        """
        return {
            name: found
            for name, found in self.verifications.items()
            if name not in self._exact_files
        }

    def try_clients(self, directory, clients, show):
        """Tries some of the files on what apps make of original pictures.

        Args:
            directory: Folder of the files.
            clients: Function; see
                `kerasfg.export.measurement.client_files.try_clients`.
            show: Function that shows a line of text.
        """
        show("Trying what apps do to pictures")
        self.clients = try_clients(
            directory, self._entries, self.recommended, clients
        )

    def remove_refused(self, directory):
        """Deletes the files that are left out."""
        for name in self.refused:
            (directory / name).unlink(missing_ok=True)

    @property
    def rows(self):
        """The findings about each file; see `benchmark_rows`."""
        return benchmark_rows(
            self.measurements, self.verifications, self.refused
        )

    def to_dict(self):
        """Returns the report as JSON-serializable values."""
        found = self.verifications.values()
        notes = [note for each in found for note in each.notes]
        notes += too_large_for_boards(self._entries)
        advice = after_refusal(self._of_frames(), self._calibration)
        if advice is not None:
            notes.append(advice)
        return {
            "name": self._manifest["name"],
            "classes": len(self._manifest["class_names"]),
            "pictures": max(each.pictures for each in found),
            "keras_accuracy": self._keras_accuracy,
            "image_size": self._manifest["image_size"],
            "frame_size": self._manifest["frame_size"],
            "shrinking": self.shrinking,
            "files": self.rows,
            "clients": self.clients and self.clients.content,
            "notes": [self._about_frames(), *dict.fromkeys(notes)],
            "refused": dict(sorted(self.refused.items())),
            "recommended": self.recommended,
            "why": self.why,
            "versions": self._manifest["versions"],
        }

    def _about_frames(self):
        size, side = self._manifest["image_size"], self._manifest["frame_size"]
        if self.shrinking is None:
            return (
                "Nothing is shrunk inside: the files for frames take "
                f"{size} pixels, as do those for exact pixels. An app must "
                "shrink larger pictures as training did."
            )
        found = self.shrinking
        by_one = ", each by 1 of 255" if found["differing"] else ""
        text = (
            f"model.* takes a frame of {side} pixels and shrinks it to {size} "
            f"itself; model_pixels{size}.* takes pixels that were shrunk "
            "before, as the page of `kerasfg phone` does. The built-in "
            "shrinking was compared with Pillow's on the test pictures: "
            f"{found['differing']:,} of {found['numbers']:,} values "
            f"differ{by_one}."
        )
        if self._keras_accuracy is None:
            return text
        direct, shrunk = (
            f"{100 * share:.1f} %"
            for share in (self._keras_accuracy, found["keras_accuracy"])
        )
        return (
            f"{text} Keras classifies {direct} of the pictures correctly if "
            f"they are shrunk directly, and {shrunk} if they are resized to a "
            "frame first."
        )

    def write(self, directory):
        """Writes `report.json` and `report.md`.

        Args:
            directory: Folder to write in.
        """
        content = self.to_dict()
        (directory / "report.json").write_text(to_json(content) + "\n", "utf-8")
        lines = [
            f"# {content['name']}: the exported files\n",
            f"{content['pictures']} pictures, {content['classes']} classes.\n",
            benchmark_markdown(content["files"]),
            *(f"{note}\n" for note in content["notes"]),
        ]
        if self.recommended:
            lines.append(f"Take {self.recommended}: {self.why}\n")
        if self.clients is not None:
            lines.append(f"## In apps\n\n{self.clients.markdown}")
        (directory / "report.md").write_text("\n".join(lines), "utf-8")

    def print(self, console):
        """Prints the table, notes on it, and the recommendation.

        The files for exact pixels are in `report.md` only.

        Args:
            console: `rich.console.Console`.
        """
        content = self.to_dict()
        # A file for exact pixels differs little from that for frames.
        rows = [
            row
            for row in content["files"]
            if row["file"] not in self._exact_files
        ]
        console.print(benchmark_table(rows))
        for name, why in content["refused"].items():
            reason = visible(f"{name} was refused: {why}")
            console.print(reason, markup=False)
        for note in content["notes"]:
            console.print(visible(note), markup=False)
        if self.recommended:
            name, why = no_markup(self.recommended), no_markup(self.why)
            console.print(f"Take [bold]{name}[/bold]: {why}")
        for hint in self.clients.hints if self.clients else ():
            console.print(visible(hint), markup=False)


def _of_familiarity(verification):
    """Returns what was found about the familiarity of a file that gives it."""
    keys = ("familiarity_difference", "familiarity_agreement")
    found = {key: getattr(verification, key) for key in keys}
    return {key: value for key, value in found.items() if value is not None}
