"""Claude in a loop, and the gate. Knows no vendor, no front end, no statistics.

`offline` stands in for Claude where there is no key.
"""
