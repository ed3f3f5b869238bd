"""Measures exported files and recommends one of them."""
