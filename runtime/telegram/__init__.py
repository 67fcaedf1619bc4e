"""The bot on Telegram: a front end like the terminal, for many people at once."""
