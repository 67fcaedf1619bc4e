"""A conversation as files: a transcript that replays, a plan and a script that compute the same, a report to read."""
