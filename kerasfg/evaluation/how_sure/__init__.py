"""How sure a report is: intervals, parts of the pictures, thresholds."""
