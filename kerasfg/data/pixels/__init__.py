"""Pictures in, low-resolution pixels out, kept in a cache."""
