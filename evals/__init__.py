"""Whole conversations replayed and scored, and the outside world simulated on loopback."""
