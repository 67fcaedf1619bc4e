"""The language models: recorded, offline and Claude."""
