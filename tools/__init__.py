"""What Claude may do: one file a tool, and the engines below them that do the work."""
