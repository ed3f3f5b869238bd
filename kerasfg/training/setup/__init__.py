"""What a training settles before its first step."""
