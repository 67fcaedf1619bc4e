"""The outside world: one folder a port, one Protocol in its base.py, one file a vendor."""
