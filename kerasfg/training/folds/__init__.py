"""Cross-validation: each picture is tested once."""
