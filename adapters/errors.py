"""What goes wrong outside; each port has one subclass in its base.py."""


class AdapterError(Exception):
    """Something outside failed: a file, a network, a vendor. The message is for people and holds no secret."""
