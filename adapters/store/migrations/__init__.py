"""The steps from each schema of the state to the next; Alembic, which takes them, loads when one is missing."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
