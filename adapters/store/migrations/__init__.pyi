from .upgrading import upgrade as upgrade
