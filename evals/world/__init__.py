"""The outside world simulated, and a program in it: for tests and evals."""
