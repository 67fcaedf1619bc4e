"""What of a reply may be kept: its secrets are taken out before anything else sees it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from adapters.secret_words import mask_blocks
from agent.validity import THOUGHTS


def without_secrets(content: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The blocks without keys and passwords.

    Thoughts are signed together with the words around them: where those change, the thoughts are left out, as in a
    reply that came without any.
    """
    masked = mask_blocks(content)
    if masked == list(content):
        return masked
    return [block for block in masked if block.get("type") not in THOUGHTS]
