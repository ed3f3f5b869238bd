"""Classifies folders of any number of pictures, and resumes."""
