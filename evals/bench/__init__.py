"""Measurements against the promises: speed beside named peers, crashes by the hundred."""
