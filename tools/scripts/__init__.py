"""What the lines of several tools in an exported script need: functions that are copied into it."""
