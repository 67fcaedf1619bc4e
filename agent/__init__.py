"""Claude in a loop, and the gate. Knows no vendor, no front end, no statistics."""
