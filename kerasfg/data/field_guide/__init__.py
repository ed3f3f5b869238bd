"""The field guide: drawings of twelve invented birds, made by the package."""
