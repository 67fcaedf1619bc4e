"""Rows in, a file of predictions out, part by part. pandas and Arrow load when a name is first used."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
