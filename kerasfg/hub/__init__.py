"""Models on the Hugging Face Hub: `hf://USER/NAME` in place of a folder."""
