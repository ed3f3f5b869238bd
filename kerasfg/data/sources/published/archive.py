"""The folder that a published data set was unpacked into."""

import pathlib

# Twice the size of the longest list, the boxes of DeepFashion.
MAX_LIST_BYTES = 64 * 2**20


class Archive:
    """The folder of an unpacked published data set, and its checks.

    Paths in the lists of an archive must stay inside the folder. Links in the
    folder were made by the user and are followed.

    Args:
        directory: The folder that the archive was unpacked into, or the
            folder `inner` in it.
        title: Name of the data set.
        download: Description of the files to download and of their web page.
        inner: Name of the top folder in the archive. Defaults to `""`: the
            archive has none.

    Attributes:
        root: `pathlib.Path` of the folder that holds the files.

    Raises:
        ValueError: If `directory` is not a folder.
    """

    def __init__(self, directory, title, download, inner=""):
        self.directory = pathlib.Path(directory)
        self.title = title
        self.download = download
        if not self.directory.is_dir():
            kind = "is a file" if self.directory.exists() else "is missing"
            raise self.problem(f"the folder {kind}")
        nested = self.directory / inner
        self.root = nested if nested.is_dir() else self.directory

    def problem(self, what):
        """Returns a `ValueError` with the problem and what to download."""
        return ValueError(
            f"{self.title} cannot be read: {what}. The data set must be "
            f"complete. Download {self.download}, and unpack all of it into "
            f"one folder. Received: directory={str(self.directory)!r}"
        )

    def inside(self, path, folder=""):
        """Checks that a path from a list stays inside the folder.

        Args:
            path: The path, a string.
            folder: Folder in `root` that the path is relative to. Defaults to
                `""`: `root` itself.

        Returns:
            The path relative to `root`, in POSIX form.

        Raises:
            ValueError: If the path could lead out of the folder.
        """
        parts = [part for part in path.split("/") if part not in ("", ".")]
        # Windows separates folders by backslashes and drives by colons.
        odd = any(sign in path for sign in "\\:\0")
        if odd or path.startswith("/") or ".." in parts or not parts:
            raise self.problem(
                f"a list names the path {path!r}, which is not inside the "
                "folder"
            )
        return "/".join([folder, *parts] if folder else parts)

    def find(self, *candidates):
        """Returns the first of some files that exists.

        Args:
            *candidates: Paths relative to `root`.

        Raises:
            ValueError: If none of the files exists.
        """
        for candidate in candidates:
            if (self.root / candidate).is_file():
                return self.root / candidate
        raise self.problem(f"the file {' or '.join(candidates)} is missing")

    def lines(self, path):
        """Reads the lines of a list that are not blank.

        Args:
            path: Path of the file.

        Returns:
            List of pairs: line number, text.

        Raises:
            ValueError: If the file is too long or is not UTF-8 text.
        """
        self.check_size(path, MAX_LIST_BYTES)
        try:
            text = path.read_text("utf-8-sig")
        except UnicodeDecodeError:
            raise self.problem(f"{path.name} is not UTF-8 text") from None
        lines = [line.strip() for line in text.split("\n")]
        return [(n, line) for n, line in enumerate(lines, start=1) if line]

    def check_size(self, path, limit):
        """Raises `ValueError` if a file has more bytes than the limit."""
        size = path.stat().st_size
        if size > limit:
            raise self.problem(
                f"{path.name} has {size} bytes, more than the limit of {limit}"
            )

    def rows(self, path, kinds, lines=None):
        """Reads a list whose columns are separated by spaces.

        Args:
            path: Path of the file.
            kinds: For each column `str`, `int` or `float`.
            lines: Lines of the file, as `lines` returns them. Defaults to
                `None`: all lines.

        Returns:
            List of lists with a value for each column.

        Raises:
            ValueError: If a line has other columns. The message names it.
        """
        rows = []
        for number, line in self.lines(path) if lines is None else lines:
            try:
                rows.append(_values(kinds, line.split()))
            except ValueError:
                columns = ", ".join(kind.__name__ for kind in kinds[:5])
                raise self.problem(
                    f"line {number} of {path.name} must have {len(kinds)} "
                    f"columns ({columns}) but is {line[:80]!r}"
                ) from None
        return rows

    def by_id(self, path, kinds):
        """Reads a list whose first column holds the row numbers from 1 on.

        Args:
            path: Path of the file.
            kinds: `str`, `int` or `float` for each column after the first.

        Returns:
            List of lists of the columns after the first, ordered by number.

        Raises:
            ValueError: If a number is missing or is there twice.
        """
        rows = sorted(self.rows(path, (int, *kinds)), key=lambda row: row[0])
        numbers = [row[0] for row in rows]
        if not rows or numbers != list(range(1, len(rows) + 1)):
            raise self.problem(
                f"the {len(rows)} lines of {path.name} must be numbered from 1 "
                "on without a gap"
            )
        return [row[1:] for row in rows]

    def check_counts(self, **counts):
        """Raises `ValueError` if the lists differ in length."""
        if len(set(counts.values())) > 1:
            listed = ", ".join(f"{n} {name}" for name, n in counts.items())
            raise self.problem(f"the lists do not fit together: {listed}")


def _values(kinds, cells):
    values = [kind(cell) for kind, cell in zip(kinds, cells, strict=True)]
    for kind, value in zip(kinds, values, strict=True):
        # Excludes NaN, infinity and integers that do not fit into int32.
        if kind is not str and not abs(value) < 2**31:
            raise ValueError(f"number out of range: {value}")
    return values
