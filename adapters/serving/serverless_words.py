"""The names of files by which a part's worker and whoever sends parts know of one another. It imports nothing."""

CLAIMED = "claimed"
"""Which job has a try of a part: written by its worker before it begins."""
MADE = "made"
"""How the try ended, by its worker's own word."""
