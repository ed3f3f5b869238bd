"""Prepares the docstrings of kerasfg for the pages of `docs/api`.

mkdocstrings reads the sources by griffe, which loads this file by its path.
"""

import re

import griffe

# Sections that Keras's docstrings have and Google's do not.
_SECTION = re.compile(
    r"^(Example|Examples|Formula|Reference|References|Returns|Yields|"
    r"Call arguments):$"
)
_ITEM = re.compile(r"^    (\*{0,2}[\w, *]+): (.*)$")


class Docstrings(griffe.Extension):
    """Rewrites docstrings as Markdown, and finds the package `export`."""

    def on_package(self, *, pkg, loader, **_):
        if pkg.path != "kerasfg":
            return
        if "export" not in pkg.members:  # the source tree, not a wheel
            export = loader.load("export", try_relative_path=False)
            del loader.modules_collection.members["export"]
            pkg.set_member("export", export)
        _rewrite(pkg)
        _show_functions(pkg)


def _show_functions(package):
    """Lets a public name be the function where a module has that name, too."""
    chosen = []
    for module in _packages(package):
        for name, target in module.imports.items():
            found = _find(package, target)
            if found is not None and module.members.get(name) is not found:
                chosen.append((module, name, found))
    for module, name, found in chosen:  # when all are found
        if name in (module.exports or ()):
            alias = griffe.Alias(name, found, parent=module)
            module.members[name] = alias


def _packages(module):
    if module.is_init_module:
        yield module
        for member in list(module.members.values()):
            if not member.is_alias and member.is_module:
                yield from _packages(member)


def _find(package, path):
    """What a path names, through imports; `None` if it is elsewhere."""
    first, *names = path.split(".")
    if first != package.name:
        return None
    found = package
    for name in names:
        found = found.members.get(name)
        if found is None:
            return None
        if found.is_alias:
            found = _find(package, found.target_path)
            if found is None:
                return None
    return found


def _rewrite(thing):
    if thing.docstring:
        thing.docstring.value = as_markdown(thing.docstring.value)
    for member in thing.members.values():
        if not member.is_alias:
            _rewrite(member)


def as_markdown(text):
    """Returns a docstring with headings for its sections and code in fences."""
    lines, found, i = text.split("\n"), [], 0
    while i < len(lines):
        section = _SECTION.match(lines[i])
        if section:
            found += ["", f"**{section[1]}:**", ""]
            body, i = _indented(lines, i + 1)
            is_list = section[1] == "Call arguments"
            found += _items(body) if is_list else _plain(body)
        else:
            found.append(lines[i])
            i += 1
    return "\n".join(_fenced(found))


def _indented(lines, start):
    """The indented lines from `start` on, and where they end."""
    end = start
    while end < len(lines) and (not lines[end] or lines[end][0] == " "):
        end += 1
    return lines[start:end], end


def _plain(body):
    return [line.removeprefix("    ") for line in body]


def _items(body):
    """`name: text` as a list."""
    found = []
    for line in body:
        item = _ITEM.match(line)
        rest = f"  {line.strip()}" if line else ""
        found.append(f"- `{item[1]}`: {item[2]}" if item else rest)
    return found


def _fenced(lines):
    """Puts `>>>` and its output, until an empty line, into a fence."""
    found, inside = [], False
    for line in [*lines, ""]:
        if line.startswith(">>>") and not inside:
            found += ["", "```pycon"]
            inside = True
        elif not line and inside:
            found.append("```")
            inside = False
        found.append(line)
    return found
