"""Every sentence that Claude or the user reads: Jinja templates."""
