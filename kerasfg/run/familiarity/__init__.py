"""Fits and measures the familiarity of pictures to the model of a run."""
