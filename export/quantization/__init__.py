"""Which numbers a smaller file computes in."""
