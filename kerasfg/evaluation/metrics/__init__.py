"""What is measured, in numbers."""
