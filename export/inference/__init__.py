"""The graph that every file is made from: one picture in, probabilities out."""
