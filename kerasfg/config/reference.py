"""The list of a recipe's options, for `docs/reference.md`."""

from kerasfg.config.recipe import Recipe

# The lines of docs/reference.md between which it stands.
BEGIN = "<!-- recipe options: written by python -m kerasfg.config.reference -->"
END = "<!-- end of recipe options -->"


def recipe_reference():
    """Returns the options of all sections as Markdown, a table for each."""
    parts = []
    for name, field in Recipe.model_fields.items():
        options = [o for o in Recipe.options().values() if o.section == name]
        parts += [
            f"### `[{name}]`",
            field.annotation.__doc__.split("\n")[0],
            "\n".join(_table(options)),
        ]
    return "\n\n".join(parts) + "\n"


def _table(options):
    yield "| key | option | default | what it does |"
    yield "| --- | --- | --- | --- |"
    for option in options:
        name = f"`{option.flag}`" if option.flag else f"`{option.name}` (file)"
        default = f"`{option.shown}`" if option.shown else ""
        yield f"| `{option.key}` | {name} | {default} | {option.description} |"


def with_reference(page):
    """Returns a page with the list between `BEGIN` and `END` renewed.

    Args:
        page: Text that has both lines.
    """
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"The page must have the lines {BEGIN} and {END}.")
    return f"{before}{BEGIN}\n\n{recipe_reference()}\n{END}{after}"


if __name__ == "__main__":
    import sys
    from pathlib import Path

    file = Path(sys.argv[1] if sys.argv[1:] else "docs/reference.md")
    file.write_text(with_reference(file.read_text("utf-8")), "utf-8")
