"""The papers' tables and figures: grids of trainings, and their results."""
