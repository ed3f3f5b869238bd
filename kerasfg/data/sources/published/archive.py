"""The folder that a published data set was unpacked into."""

import pathlib

# The longest list of those read here, DeepFashion's boxes, has half of it.
MAX_LIST_BYTES = 64 * 2**20


class Archive:
    """A published data set in a folder, and what is wrong with it.

    Paths that come from a file of the archive are taken only if they stay
    inside the folder. Links in it are the user's own and are followed.

    Args:
        directory: The folder that the archive was unpacked into, or the
            folder `inner` in it.
        title: Name of the data set.
        download: What to download and where from, in words.
        inner: Name of the folder that the archive itself brings along.
            Defaults to `""`, none.

    Attributes:
        root: `pathlib.Path` of the folder that holds the files.

    Raises:
        ValueError: If there is no such folder.
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
        """Returns the error that says what is wrong and what to download."""
        return ValueError(
            f"{self.title} cannot be read: {what}. It must be complete, as "
            f"published: download {self.download}, and unpack all of it into "
            f"one folder. Received: directory={str(self.directory)!r}"
        )

    def inside(self, path, folder=""):
        """Checks a path that a list gives.

        Args:
            path: Text.
            folder: Folder in `root` that it is relative to. Defaults to `""`,
                `root` itself.

        Returns:
            The path relative to `root`, in POSIX form.

        Raises:
            ValueError: If it might lead out of the folder.
        """
        parts = [part for part in path.split("/") if part not in ("", ".")]
        # A backslash and a colon separate folders and drives elsewhere.
        odd = any(sign in path for sign in "\\:\0")
        if odd or path.startswith("/") or ".." in parts or not parts:
            raise self.problem(
                f"a list names the path {path!r}, which is not inside the "
                "folder"
            )
        return "/".join([folder, *parts] if folder else parts)

    def find(self, *candidates):
        """Returns the first of some files that is there.

        Args:
            *candidates: Paths relative to `root`.

        Raises:
            ValueError: If there is none of them.
        """
        for candidate in candidates:
            if (self.root / candidate).is_file():
                return self.root / candidate
        raise self.problem(f"the file {' or '.join(candidates)} is missing")

    def lines(self, path):
        """Reads the lines of a list, those that are not blank.

        Args:
            path: Path of the file.

        Returns:
            List of pairs: number of the line, text.

        Raises:
            ValueError: If it is too long or no text.
        """
        self.check_size(path, MAX_LIST_BYTES)
        try:
            text = path.read_text("utf-8-sig")
        except UnicodeDecodeError:
            raise self.problem(f"{path.name} is no text in UTF-8") from None
        lines = [line.strip() for line in text.split("\n")]
        return [(n, line) for n, line in enumerate(lines, start=1) if line]

    def check_size(self, path, limit):
        """Raises `ValueError` if a file has more bytes than the limit."""
        size = path.stat().st_size
        if size > limit:
            raise self.problem(
                f"{path.name} has {size} bytes, more than the {limit} that "
                "such a list may have"
            )

    def rows(self, path, kinds, lines=None):
        """Reads a list with columns that have spaces between them.

        Args:
            path: Path of the file.
            kinds: For each column `str`, `int` or `float`.
            lines: Lines of it, as `lines` gives them. Defaults to `None`, all.

        Returns:
            List of lists, a value for each column.

        Raises:
            ValueError: If a line has other columns; it says which.
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
        """Reads a list whose first column numbers it from 1 on.

        Args:
            path: Path of the file.
            kinds: Of the columns after the first.

        Returns:
            List of lists of the columns after the first, in that order.

        Raises:
            ValueError: If a number is missing or comes twice.
        """
        rows = sorted(self.rows(path, (int, *kinds)), key=lambda row: row[0])
        numbers = [row[0] for row in rows]
        if not rows or numbers != list(range(1, len(rows) + 1)):
            raise self.problem(
                f"the lines of {path.name} must be numbered from 1 on without "
                f"a gap, and it has {len(rows)}"
            )
        return [row[1:] for row in rows]

    def check_counts(self, **counts):
        """Raises `ValueError` unless all the lists are of one length."""
        if len(set(counts.values())) > 1:
            told = ", ".join(f"{value} {key}" for key, value in counts.items())
            raise self.problem(f"the lists do not fit together: {told}")


def _values(kinds, cells):
    values = [kind(cell) for kind, cell in zip(kinds, cells, strict=True)]
    for kind, value in zip(kinds, values, strict=True):
        # Neither is anything that NumPy could hold as the number it means.
        if kind is not str and not abs(value) < 2**31:
            raise ValueError(f"not a number that a list has: {value}")
    return values
