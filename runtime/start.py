"""Where the command begins. It imports next to nothing: Ctrl-C is heard from its first line on."""

import signal

# Until the command line listens, Ctrl-C simply ends the process: there is nothing yet that could be left half done.
signal.signal(signal.SIGINT, signal.SIG_DFL)


def main() -> None:
    """Run the command line, and leave with its exit code."""
    from runtime.cli import main as answer

    answer()
