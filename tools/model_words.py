"""How a model that is there may be named in a sentence: by its name, its id or its type, or as the one spoken of."""

from __future__ import annotations

NAMED = "(model {model:kept}|{model:kept} [model]|model {model:typed}|[my] {model:typed} [model])"
"""One that is named; `kept` reads names and ids, `typed` a type of which there may be one."""
SPOKEN_OF = "[my|this|that|last] model|it"
MODEL = f"({SPOKEN_OF}|{NAMED})"
