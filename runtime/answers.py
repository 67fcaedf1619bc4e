"""What counts as a plain yes or no, typed by a person at the question."""

from __future__ import annotations

from adapters.records import Quote
from tools.quote_lines import quote_line

YES = frozenset(["yes", "y", "yes please", "yes, please", "yes."])
NO = frozenset(["no", "n", "no thanks", "no, thanks", "no."])


def is_plain_yes(words: str) -> bool:
    """True for a yes and nothing else: a yes with a condition is a sentence for the model."""
    return words.strip().casefold() in YES


def is_plain_no(words: str) -> bool:
    """True for a no and nothing else."""
    return words.strip().casefold() in NO


def how_to_confirm(conversation_id: str, quote: Quote) -> str:
    """The command by which a script says yes to one quote."""
    return (
        f"To start it: statagent chat --session {conversation_id} "
        f"--confirm {quote.quote_id} --max-usd {quote_line(quote).cap_usd}"
    )
