"""The parts of a training that makes its own teacher, shown as they begin."""

import dataclasses

from rich.console import Console


@dataclasses.dataclass
class Parts:
    """Prints which part begins, and how many there are.

    Args:
        texts: What each part is, by its name.
        verbose: Whether to print. Defaults to `True`.
        first: A line that is printed when the first part begins, whether it is
            one of these or not. Defaults to `""`: none is.

    Attributes:
        seconds: How long each part takes, where that was estimated.

    Example:

    >>> parts = Parts({"teacher": "the teacher", "student": "the student"})
    >>> parts.seconds["student"] = 600
    >>> parts.begin("student")
    2 of 2: the student, about 10 min
    """

    texts: dict[str, str]
    verbose: bool = True
    first: str = ""
    seconds: dict[str, float] = dataclasses.field(default_factory=dict)

    def begin(self, name, *more):
        """Prints that a part begins; nothing if it is none of them.

        Args:
            name: Its name.
            *more: Texts that are added.
        """
        if self.first:
            print_line(self.first, self.verbose)
            self.first = ""
        if name in self.texts:
            print_line(", ".join([self._line(name), *more]), self.verbose)

    def plan(self, left=False):
        """Prints all parts, and how long they take.

        Args:
            left: Whether it is the time that is left. Defaults to `False`.
        """
        whole = duration(sum(self.seconds.values())) + " left" * left
        text = f"{len(self.texts)} parts, about {whole} on this machine:"
        print_line(text, self.verbose)
        for name in self.texts:
            print_line(f"  {self._line(name)}", self.verbose)

    def _line(self, name):
        number = list(self.texts).index(name) + 1
        line = f"{number} of {len(self.texts)}: {self.texts[name]}"
        if name not in self.seconds:
            return line
        return f"{line}, about {duration(self.seconds[name])}"


def print_line(text, verbose=True):
    """Prints a line to stdout as it is.

    Args:
        text: The line.
        verbose: Whether to print it. Defaults to `True`.
    """
    Console(quiet=not verbose).print(
        text, markup=False, highlight=False, soft_wrap=True
    )


def duration(seconds):
    """Formats a duration in seconds as a text.

    Example:

    >>> duration(50), duration(600), duration(9000)
    ('50 s', '10 min', '2 h 30 min')
    """
    if seconds < 100:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    if minutes < 100:
        return f"{minutes} min"
    return f"{minutes // 60} h {minutes % 60} min"
