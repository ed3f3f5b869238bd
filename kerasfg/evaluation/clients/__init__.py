"""How apps prepare pictures for a model, and the accuracy that it costs."""
