"""What was measured, as JSON, in the terminal and on a web page."""
