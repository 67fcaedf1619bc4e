"""Pictures of tables, as PNG: functions of SQL over the view `data`. matplotlib loads when a name is first used."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
