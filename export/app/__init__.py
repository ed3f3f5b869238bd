"""The phone app: the page, its runtimes, icons and models in one folder."""
