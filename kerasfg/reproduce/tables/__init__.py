"""The results of a grid as a table: CSV, Markdown and terminal."""
