"""The familiarity of a picture as a further output of exported files."""
