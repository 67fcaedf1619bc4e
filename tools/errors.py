"""The error that Claude can mend."""


class ToolError(Exception):
    """A call that cannot be done as asked; says the field, the value and the choices."""
