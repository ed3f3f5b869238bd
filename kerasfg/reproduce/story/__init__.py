"""The tables and figures of `docs/results`, from the files of results."""
