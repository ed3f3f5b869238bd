"""Uploads a run or an export to the Hugging Face Hub."""
