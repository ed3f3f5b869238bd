"""The model card: the README.md of a run folder and of an export folder."""
