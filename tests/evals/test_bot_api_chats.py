"""Chats of the simulated Bot API: groups that the bot joins and leaves, topics, drafts that are stopped, parameters."""

from __future__ import annotations

from typing import Any

import pytest
from telegram import ChatMemberMember, Update
from telegram.error import BadRequest, Forbidden, TelegramError

from evals.world.bot_api import BotApi, Chat, Person
from evals.world.bot_asks import ask

GROUP = -1001


@pytest.fixture
def group(api: BotApi) -> Person:
    return Person.joins(api, 42, "Ann", Chat(GROUP, "supergroup", "Lab", has_left=True))


def updates_of(api: BotApi, *kinds: str) -> tuple[Update, ...]:
    return ask(api, lambda bot: bot.get_updates(allowed_updates=list(kinds), timeout=0))


def test_a_bot_hears_that_it_was_added_and_thrown_out(api: BotApi, group: Person) -> None:
    group.sets_bot("member")
    group.sets_bot("kicked")
    added, service, kicked = updates_of(api)
    assert added.my_chat_member is not None
    assert isinstance(added.my_chat_member.new_chat_member, ChatMemberMember)
    assert added.my_chat_member.from_user.id == 42
    assert service.message is not None
    assert service.message.new_chat_members[0].is_bot
    assert kicked.my_chat_member is not None
    assert kicked.my_chat_member.new_chat_member.status == "kicked"
    with pytest.raises(Forbidden, match="kicked from the supergroup"):
        ask(api, lambda bot: bot.send_message(GROUP, "a"))


def test_a_bot_leaves_a_group_and_no_private_chat(api: BotApi, group: Person, person: Person) -> None:
    group.sets_bot("member")
    assert ask(api, lambda bot: bot.leave_chat(GROUP)) is True
    with pytest.raises(Forbidden, match="not a member of the supergroup"):
        ask(api, lambda bot: bot.send_message(GROUP, "a"))
    with pytest.raises(BadRequest, match="private chats"):
        ask(api, lambda bot: bot.leave_chat(42))


def test_get_chat_tells_what_a_chat_is(api: BotApi, person: Person) -> None:
    found = ask(api, lambda bot: bot.get_chat(42))
    assert (found.type, found.first_name) == ("private", "Ann")
    with pytest.raises(BadRequest, match="Chat not found"):
        ask(api, lambda bot: bot.get_chat(43))


def test_after_logging_out_nothing_is_answered(api: BotApi, person: Person) -> None:
    assert ask(api, lambda bot: bot.log_out()) is True
    with pytest.raises(TelegramError, match="Logged out"):
        ask(api, lambda bot: bot.send_message(42, "a"))


def test_a_topic_is_one_in_which_somebody_has_written(api: BotApi, person: Person) -> None:
    forum = Person.joins(api, 42, "Ann", Chat(-1002, "supergroup", "Forum", is_forum=True))
    forum.says("hello", message_thread_id=7, is_topic_message=True)
    ask(api, lambda bot: bot.send_message(-1002, "a", message_thread_id=7))
    assert forum.reads()[0]["is_topic_message"] is True
    for chat_id, thread_id in ((-1002, 8), (42, 7)):
        with pytest.raises(BadRequest, match="thread not found"):
            ask(api, lambda bot, c=chat_id, t=thread_id: bot.send_message(c, "a", message_thread_id=t))  # type: ignore[misc]


def draft(api: BotApi, chat_id: int = 42, **more: Any) -> bool:
    return ask(api, lambda bot: bot.send_message_draft(chat_id, 5, "wri", api_kwargs=more))


def test_a_draft_is_stopped_by_its_button(api: BotApi, person: Person) -> None:
    updates_of(api, "message", "stopped_message_generation")
    draft(api)
    with pytest.raises(AssertionError, match="has the button"):
        person.stops_answer()
    draft(api, can_stop=True)
    person.stops_answer()
    [update] = updates_of(api, "message", "stopped_message_generation")
    assert update.api_kwargs["stopped_message_generation"] == {"chat": person.chat.as_json(), "draft_id": 5}
    assert api.chats.draft(42) is None


def test_a_stop_comes_only_where_it_is_asked_for(api: BotApi, person: Person) -> None:
    draft(api, can_stop=True)
    person.stops_answer()
    assert updates_of(api) == ()


def test_a_draft_goes_when_the_bot_writes_and_stands_in_private_chats_only(api: BotApi, person: Person) -> None:
    draft(api)
    assert (api.chats.draft(42) or {})["text"] == "wri"
    ask(api, lambda bot: bot.send_message(42, "written"))
    assert api.chats.draft(42) is None
    Person.joins(api, 42, "Ann", Chat(GROUP, "supergroup", "Lab"))
    with pytest.raises(BadRequest, match="private"):
        draft(api, GROUP)


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"dissable_notification": True}, "no parameter 'dissable_notification'"),
        ({"message_thread_id": "seven"}, "no whole number"),
        ({"protect_content": "perhaps"}, "neither true nor false"),
        ({"entities": "bold"}, "entities"),
        ({"reply_markup": "[]"}, "expected an object"),
        ({"reply_markup": {"inline_keyboard": [[{"text": "a"}]]}}, "(?i)button_type_invalid"),
    ],
)
def test_a_parameter_that_is_unknown_or_malformed_is_refused(
    api: BotApi, person: Person, more: dict[str, Any], reason: str
) -> None:
    with pytest.raises(BadRequest, match=reason):
        ask(api, lambda bot: bot.send_message(42, "a", api_kwargs=more))
    assert person.reads() == []


def test_in_a_group_only_what_the_bot_wrote_is_its_to_delete(api: BotApi) -> None:
    group = Person.joins(api, 42, "Ann", Chat(GROUP, "supergroup", "Lab"))
    theirs = group.says("hello")
    with pytest.raises(BadRequest, match="can't be deleted"):
        ask(api, lambda bot: bot.delete_message(GROUP, theirs["message_id"]))
    own = ask(api, lambda bot: bot.send_message(GROUP, "a"))
    assert ask(api, lambda bot: bot.delete_message(GROUP, own.message_id)) is True
