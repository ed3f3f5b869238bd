"""Recipes as TOML files, one a row of a results table."""
