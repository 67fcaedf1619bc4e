"""What Claude may do: one file a tool, and the engines below them that do the work."""

from tools.correlate import correlate
from tools.describe import describe
from tools.load_dataset import load_dataset
from tools.spec import Tool

TOOLS: tuple[Tool, ...] = (load_dataset, describe, correlate)
"""Every tool there is, in the order in which Claude reads them."""
