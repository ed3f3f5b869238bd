"""Pictures in archives, lists and buckets, and at web addresses."""
