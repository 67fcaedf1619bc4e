"""The running program: settings, wiring, the terminal, the worker."""
