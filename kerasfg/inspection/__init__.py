"""Looks pictures over before a training: counts, odd files, wrong labels."""
