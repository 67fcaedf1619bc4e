"""A bot that shows that it types, then repeats the words: as little as a bot can do, for a bench to compare with.

It is python-telegram-bot with handlers side by side, and nothing else: no database, no Claude.
"""

from __future__ import annotations

import os

from telegram import Update
from telegram.ext import ApplicationBuilder, ContextTypes, MessageHandler, filters

from evals.world.plain_bot import begun


async def repeat(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
    """Typing, then the words."""
    if update.message is not None:
        await update.message.chat.send_action("typing")
        await update.message.reply_text(f"You wrote {update.message.text}")


def main() -> None:
    """Poll until killed."""
    base = os.environ["TELEGRAM_API_BASE"]
    builder = ApplicationBuilder().token(os.environ["TELEGRAM_BOT_TOKEN"]).base_url(f"{base}/bot")
    application = builder.concurrent_updates(True).connection_pool_size(16).pool_timeout(30).post_init(begun).build()
    application.add_handler(MessageHandler(filters.TEXT, repeat))
    application.run_polling(poll_interval=0.0, timeout=10)


if __name__ == "__main__":
    main()
