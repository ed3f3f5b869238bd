"""Pictures that are not on this disk: in buckets and at web addresses."""
