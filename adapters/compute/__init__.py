"""Machines: this one, and those of providers."""
