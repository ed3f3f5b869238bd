"""Decodes and shrinks pictures and caches their pixels."""
