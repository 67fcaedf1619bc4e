"""The planner for when there is no Claude: every word of a sentence is accounted for, or nothing is done.

Loads when it is first used.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
