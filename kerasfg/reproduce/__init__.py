"""The papers' tables and figures: grids of trainings, and what came of them."""
