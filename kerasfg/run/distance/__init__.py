"""The distance card of a run."""
