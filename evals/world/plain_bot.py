"""A bot with python-telegram-bot's own queue, which answers "You wrote WORDS": the campaign's negative control."""

from __future__ import annotations

import asyncio
import os

from telegram import Update
from telegram.ext import ApplicationBuilder, ContextTypes, MessageHandler, filters

WORK_S = 0.2


async def answer(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
    """What any first bot does: compute for a while, then answer."""
    await asyncio.sleep(WORK_S)
    if update.message is not None:
        await update.message.reply_text(f"You wrote {update.message.text}")


async def begun(application: object) -> None:
    """Say so, as the real one does."""
    print("it answers", flush=True)  # noqa: T201 - whoever started it waits for this


def main() -> None:
    """Poll until killed."""
    base = os.environ["TELEGRAM_API_BASE"]
    builder = ApplicationBuilder().token(os.environ["TELEGRAM_BOT_TOKEN"]).base_url(f"{base}/bot")
    application = builder.post_init(begun).build()
    application.add_handler(MessageHandler(filters.TEXT, answer))
    application.run_polling(poll_interval=0.0, timeout=10)


if __name__ == "__main__":
    main()
