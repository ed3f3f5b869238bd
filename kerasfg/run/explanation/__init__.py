"""Why the model of a run, or a `.keras` file, answers what it answers."""
