"""Models: schema, preprocessing, training, validation, prediction. scikit-learn loads when a name is first used."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
