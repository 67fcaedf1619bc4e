"""The old names of the program and its sessions."""

from runtime.confirmation import Confirmation, ConfirmationNeeded, OverBudget
from runtime.program import build
from runtime.session import TOOL_CONVERSATION
from runtime.session import Session as App

__all__ = ["TOOL_CONVERSATION", "App", "Confirmation", "ConfirmationNeeded", "OverBudget", "build"]
