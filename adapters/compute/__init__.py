"""Machines: the local one so far."""
