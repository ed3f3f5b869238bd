"""`kerasfg.terminal_text`, without importing Keras."""


def visible(text):
    """Returns a text with its control characters visible."""
    return _terminal_text().visible(text)


def no_markup(text):
    """Returns a text to put between markup of rich, visible as well."""
    return _terminal_text().no_markup(text)


def _terminal_text():
    from kerasfg_cli.options import register_bare_package

    register_bare_package()
    from kerasfg import terminal_text

    return terminal_text
