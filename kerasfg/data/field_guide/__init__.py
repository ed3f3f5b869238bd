"""The field guide: a data set of drawings of twelve invented birds."""
