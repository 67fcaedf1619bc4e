"""Files that are not on this machine; httpx and boto3 load when the first is asked for."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
