"""Reports of measurements as JSON, in the terminal and as a web page."""
