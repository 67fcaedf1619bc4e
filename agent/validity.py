"""What the Messages API demands of a request: asked with a reply before it is committed, and before each request.

Pure functions from a request to the rules that it breaks. The loop calls them, the strict server in evals/world refuses
by them. The rules and their numbers: shared/facts/claude-api.md.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

TOP_LEVEL = frozenset(
    """
    model max_tokens messages system tools tool_choice stream metadata stop_sequences thinking service_tier
    output_config cache_control container context_management
    """.split()
)
ID = re.compile(r"[a-zA-Z0-9_-]+")
TOOL_NAME = re.compile(r"[a-zA-Z0-9_-]{1,128}")
MAX_CACHE_CONTROLS = 4
MAX_MESSAGES = 100_000

THOUGHTS = ("thinking", "redacted_thinking")

Block = Mapping[str, Any]


def sendable(content: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The reply's content without its blank texts, which the API sends and does not take back.

    Thoughts are bound to every block around them: a reply that holds any stays as it is, and breaks the rule.
    """
    if any(block.get("type") in THOUGHTS for block in content):
        return list(content)
    return [block for block in content if not _is_blank(block)]


def broken_by_reply(
    request: Mapping[str, Any], content: Sequence[Mapping[str, Any]], earlier_ids: Collection[object]
) -> list[str]:
    """Every rule that the next request would break if the log held this reply, with an answer to each of its calls.

    Parameters
    ----------
    request : mapping
        The body of the request that was answered.
    content : sequence of mappings
        The reply's.
    earlier_ids : collection
        The ids of all calls of the log, those of turns that are never sent too: a result is found by its call's id.
    """
    calls = [block.get("id") for block in content if block.get("type") == "tool_use"]
    answers = [{"type": "tool_result", "tool_use_id": call, "content": "done"} for call in calls]
    spoken = [
        {"role": "assistant", "content": list(content)},
        {"role": "user", "content": answers or [{"type": "text", "text": "go on"}]},
    ]
    taken = [f"`tool_use` ids must be unique: {call}" for call in calls if call in earlier_ids]
    return taken or broken_rules({**request, "messages": [*request["messages"], *spoken]})


def broken_rules(request: Mapping[str, Any]) -> list[str]:
    """Every rule that the request breaks, in words; empty when it may be sent.

    Parameters
    ----------
    request : mapping
        The body of POST /v1/messages.
    """
    messages: Sequence[Mapping[str, Any]] = request.get("messages", [])
    return [
        *_check_top_level(request),
        *_check_tools(request.get("tools", [])),
        *_check_order(messages),
        *(problem for index, message in enumerate(messages) for problem in _check_message(index, message)),
        *_check_pairing(messages),
        *_check_cache_control(request),
        *_check_json(request),
    ]


def _check_top_level(request: Mapping[str, Any]) -> Iterator[str]:
    for key in request.keys() - TOP_LEVEL:
        yield f"{key}: Extra inputs are not permitted"
    for key in ("model", "max_tokens", "messages"):
        if key not in request:
            yield f"{key}: Field required"
    if not isinstance(request.get("max_tokens", 1), int) or request.get("max_tokens", 1) < 1:
        yield "max_tokens: must be a whole number of at least 1"


def _check_tools(tools: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    names = [str(tool.get("name", "")) for tool in tools]
    for index, (name, tool) in enumerate(zip(names, tools, strict=True)):
        if not TOOL_NAME.fullmatch(name):
            yield f"tools.{index}.name: must match ^[a-zA-Z0-9_-]{{1,128}}$"
        if tool.get("input_schema", {}).get("type") != "object":
            yield f'tools.{index}.input_schema.type: must be "object"'
    if len(set(names)) != len(names):
        yield "tools: Tool names must be unique"


def _check_order(messages: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    if not messages:
        yield "messages: at least one message is required"
        return
    if len(messages) > MAX_MESSAGES:
        yield f"messages: at most {MAX_MESSAGES} messages"
    if messages[0].get("role") != "user":
        yield "messages.0: the first message must be the user's"
    if messages[-1].get("role") != "user":
        yield "messages: the conversation must end with a user message"
    for index, message in enumerate(messages):
        if message.get("role") not in ("user", "assistant"):
            yield f"messages.{index}.role: must be user or assistant"


def _check_message(index: int, message: Mapping[str, Any]) -> Iterator[str]:
    place, role = f"messages.{index}", message.get("role")
    blocks = _blocks(message)
    if not blocks:
        yield f"{place}: messages must have non-empty content"
    if role == "assistant" and blocks and blocks[-1].get("type") in THOUGHTS:
        yield f"{place}: the final block in an assistant message cannot be thinking"
    for number, block in enumerate(blocks):
        yield from _check_block(f"{place}.content.{number}", str(role), block)
    kinds = [block.get("type") for block in blocks]
    if "tool_result" in kinds and kinds != sorted(kinds, key=lambda kind: kind != "tool_result"):
        yield f"{place}: tool_result blocks come first in a user message, text after"


def _check_block(place: str, role: str, block: Block) -> Iterator[str]:
    kind = block.get("type")
    allowed = {
        "user": ("text", "image", "document", "tool_result"),
        "assistant": ("text", "tool_use", "thinking", "redacted_thinking"),
    }
    if kind not in allowed.get(role, ()):
        yield f"{place}: a block of type {kind!r} cannot stand in a message of the {role}"
    elif _is_blank(block):
        yield f"{place}: text content blocks must be non-empty"
    elif kind == "text" and not isinstance(block["text"], str):
        yield f"{place}.text: Input should be a valid string"
    elif kind == "tool_use":
        yield from _check_tool_use(place, block)
    elif kind == "thinking" and not block.get("signature"):
        yield f"{place}: a thinking block is kept with its signature"
    elif kind == "redacted_thinking" and not block.get("data"):
        yield f"{place}: a redacted thinking block is kept with its data"
    elif kind == "tool_result" and block.get("is_error") and _has_other_than_text(block.get("content")):
        yield f"{place}: all content must be text when is_error is true"


def _check_tool_use(place: str, block: Block) -> Iterator[str]:
    if not _matches(ID, block.get("id")):
        yield f"{place}.id: must match ^[a-zA-Z0-9_-]+$"
    if not _matches(TOOL_NAME, block.get("name")):
        yield f"{place}.name: must match ^[a-zA-Z0-9_-]{{1,128}}$"
    if not isinstance(block.get("input"), Mapping):
        yield f"{place}.input: Input should be an object"


def _is_blank(block: Block) -> bool:
    """True for a text of nothing or of white space alone."""
    text = block.get("text")
    return block.get("type") == "text" and (text is None or (isinstance(text, str) and not text.strip()))


def _matches(pattern: re.Pattern[str], value: object) -> bool:
    return isinstance(value, str) and pattern.fullmatch(value) is not None


def _has_other_than_text(content: object) -> bool:
    return isinstance(content, list) and any(block.get("type") != "text" for block in content)


def _check_pairing(messages: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Every call is answered in the very next message, and every answer has its call in the message before."""
    seen: set[str] = set()
    before: list[str] = []
    for index, message in enumerate(_merged(messages)):
        answered = [str(b.get("tool_use_id")) for b in _blocks(message) if b.get("type") == "tool_result"]
        unanswered = [call for call in before if call not in answered]
        if unanswered:
            yield (
                f"messages.{index}: `tool_use` ids were found without `tool_result` blocks immediately after: "
                + ", ".join(unanswered)
            )
        for call in answered:
            if call not in before:
                yield f"messages.{index}: unexpected `tool_use_id` found in `tool_result` blocks: {call}"
        if len(set(answered)) != len(answered):
            yield f"messages.{index}: each tool_use must have a single result"
        before = [str(b.get("id")) for b in _blocks(message) if b.get("type") == "tool_use"]
        for call in before:
            if call in seen:
                yield f"messages.{index}: `tool_use` ids must be unique: {call}"
            seen.add(call)
    if before:
        yield f"messages: `tool_use` ids were found without `tool_result` blocks immediately after: {', '.join(before)}"


def _merged(messages: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Consecutive messages of one role as the API reads them: as one."""
    merged: list[dict[str, Any]] = []
    for message in messages:
        if merged and merged[-1]["role"] == message.get("role"):
            merged[-1]["content"] = [*merged[-1]["content"], *_blocks(message)]
        else:
            merged.append({"role": message.get("role"), "content": list(_blocks(message))})
    return list(merged)


def _check_cache_control(request: Mapping[str, Any]) -> Iterator[str]:
    marked = [block for block in _all_blocks(request) if "cache_control" in block]
    n_marks = len(marked) + ("cache_control" in request)
    if n_marks > MAX_CACHE_CONTROLS:
        yield f"a maximum of {MAX_CACHE_CONTROLS} blocks with cache_control may be provided; found {n_marks}"
    for block in marked:
        if block.get("type") == "text" and not block.get("text"):
            yield "cache_control cannot be set for empty text blocks"


def _all_blocks(request: Mapping[str, Any]) -> Iterator[Block]:
    yield from request.get("tools", [])
    system = request.get("system", [])
    yield from [] if isinstance(system, str) else system
    for message in request.get("messages", []):
        yield from _blocks(message)


def _check_json(request: Mapping[str, Any]) -> Iterator[str]:
    """What JSON cannot hold: half of a surrogate pair, an infinite number (1e999 arrives as one)."""
    try:
        json.dumps(request, ensure_ascii=False, allow_nan=False).encode()
    except UnicodeEncodeError:
        yield "the request holds half of a surrogate pair: it is not valid UTF-8"
    except ValueError:
        yield "the request holds a number that is not finite: it is not valid JSON"


def _blocks(message: Mapping[str, Any]) -> Sequence[Block]:
    content = message.get("content", [])
    if isinstance(content, str):
        return [{"type": "text", "text": content}] if content else []
    return content if isinstance(content, list) else []
