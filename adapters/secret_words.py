"""Keys and passwords in words: found by their shape, by their name, or by where they stand in an address.

`mask` is for what a person, the model or an error says. `mask_keys` is for what stands in data: there a name such as
"password: 151" is a column and its count, so only what is a key by its shape is taken out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from adapters.records import JsonValue

MASK = "[secret removed]"
MASK_IN_ADDRESS = "secret_removed"
"""In an address, which must stay one word."""

NEAR = 200
"""So many characters around an AWS key its secret is looked for."""
SHORT, LONG = 6, 16

KEY = re.compile(
    r"""
    -----BEGIN\ [A-Z ]*PRIVATE\ KEY(?:\ BLOCK)?-----
        (?: [A-Za-z0-9+/=\s\\:,.()-]*? -----END\ [A-Z ]*PRIVATE\ KEY(?:\ BLOCK)?-----   # PEM
          | (?: (?:\s|\\[nr])* [A-Za-z0-9+/=]{16,} )* )                                  # and one that was cut
    | sk-ant-[\w-]{8,}                                          # Anthropic
    | (?<![A-Za-z0-9])sk-(?:proj|svcacct|admin|or|lf)-[\w-]{8,} # OpenAI, OpenRouter, Langfuse
    | (?<![A-Za-z0-9])sk-[A-Za-z0-9]{20,}
    | (?<![A-Za-z0-9])sk-(?=[\w-]{0,99}[0-9])(?=[\w-]{0,99}[A-Z])[\w-]{24,}
    | (?<!\d)\d{3,}:[\w-]{35}(?![\w-])                          # a Telegram bot
    | (?<![A-Z0-9])A[KS]IA[0-9A-Z]{16}(?![0-9A-Z])              # AWS
    | (?:IQoJb3JpZ2lu|F[wQ]oGZXIvYXdz)[A-Za-z0-9/+=%]{20,}      # AWS, of a session
    | (?<![A-Za-z0-9_])rp[as]_[A-Za-z0-9]{20,}                  # RunPod
    | (?<![A-Za-z0-9_])gh[pousr]_[A-Za-z0-9]{16,}               # GitHub
    | (?<![A-Za-z0-9_])github_pat_\w{16,}
    | (?<![A-Za-z0-9_])glpat-[\w-]{16,}                         # GitLab
    | (?<![A-Za-z0-9])xox[a-z]-[\w-]{8,}                        # Slack
    | (?<![A-Za-z0-9])xapp-\d[\w-]{8,}
    | (?<=hooks\.slack\.com/services/)[\w/]{10,}
    | (?<![A-Za-z0-9_-])AIza[\w-]{30,}                          # Google
    | (?<![A-Za-z0-9_-])ya29\.[\w-]{20,}
    | (?<![A-Za-z0-9_-])GOCSPX-[\w-]{20,}
    | (?<![A-Za-z0-9_])hf_[A-Za-z0-9]{20,}                      # Hugging Face
    | (?<![A-Za-z0-9])[srp]k_(?:live|test)_[A-Za-z0-9]{8,}      # Stripe
    | (?<![A-Za-z0-9_])whsec_[A-Za-z0-9+/=]{16,}
    | (?<![A-Za-z0-9_])npm_[A-Za-z0-9]{30,}
    | (?<![A-Za-z0-9_])pypi-[\w-]{50,}
    | (?<![A-Za-z0-9_-])SG\.[\w-]{16,}\.[\w-]{16,}              # SendGrid
    | (?<![A-Za-z0-9_-])eyJ[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*)*    # JWT
    """,
    re.VERBOSE,
)
BEARER = re.compile(r"((?i:\bbearer)[ \t]+)(?=\S*[0-9]|\S{20})[A-Za-z0-9._~+/=-]{8,}")
BASIC = re.compile(r"((?i:authorization[\"']?[ \t]*[:=][ \t]*[\"']?(?:basic|token|digest))[ \t]+)[^\s\[\"']{4,}")
AWS_KEY = re.compile(r"(?<![A-Z0-9])A[KS]IA[0-9A-Z]{16}(?![0-9A-Z])")
AWS_SECRET = re.compile(r"(?<![A-Za-z0-9/+])(?![0-9a-f]{40})[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+=])")
"""Not 40 hexadecimal digits, which are a SHA-1."""

ADDRESS = re.compile(r"(?<![\w/])(?:[A-Za-z][A-Za-z0-9+.-]{0,30}:)?//[^\s\"'<>`]+")
USER = re.compile(
    r"(?<=//)(?:[^\s/?#@:]*:(?!\d{1,5}(?:[/?#]|$))\S{0,200}|[^\s/?#]*)@"
    r"(?=[\w\[])"
)
"""Name and password before the host; the password may hold the signs that end a host, a port is none."""
IN_QUERY = re.compile(
    r"([?&#;](?:[\w.%-]{0,40}?(?:token|sig(?:nature)?|secret|passw(?:or)?d|passwd|pwd|api[_-]?key|access[_-]?key"
    r"|credential|auth)|(?:[\w.-]{0,40}[_.-])?key|pass|pw|sas)=)(?!secret_removed)[^&\s\"'<>#]+",
    re.IGNORECASE,
)
NO_SCHEME = re.compile(
    r"(?<![\w/@.])(?!(?:e-?mails?|mailto|from|to|b?cc|contact|author|sip|acct):)"
    r"[\w.+-]{1,64}:(?!//)[^\s/\"'<>]{0,200}(?=@(?:localhost|[\w-]+(?:\.[\w-]+)+))",
    re.IGNORECASE,
)

ALWAYS = "passw(?:or)?d|passwort|passphrase|pass[_-]?code|pwd|kennwort|contraseña|mot de passe|senha|пароль|密码"
OF_A_KEY = (
    "api[_-]?key|access[_-]?key(?:[_-]?id)?|secret[_-]?(?:access[_-]?)?key|private[_-]?key|client[_-]?secret"
    "|(?:auth|access|refresh|session|security|id|bot)[_-]?token"
)
MAYBE = "token|secret|credentials?|sig|signature|(?<![A-Za-z])pass|(?<![A-Za-z])pw"
NAMED = re.compile(
    rf"(?P<name>(?P<always>{ALWAYS})|(?P<key>{OF_A_KEY})|(?P<maybe>{MAYBE}))\d?"
    r"(?P<sign>\\*[\"'`]?[ \t]*(?:=>|:=|[:=])[ \t]*|[ \t]+(?:is|was|ist|lautet)[ \t]+)"
    r"(?!\[secret removed|secret_removed)"
    r"(?:(?P<quote>\\*(?P<mark>[\"'`]))(?P<quoted>(?:(?!\\*(?P=mark)).)+)"
    r"|(?P<bare>[^\s\"'`]\S*(?<![\"'`,.;:!?)\]}])))",
    re.IGNORECASE,
)
FLAG = re.compile(
    r"((?<!\S)(?:--(?:password|passwd|pwd|token|api-?key|secret)[ \t]+|(?:-u|--user)[ \t]+(?=\S+:)))"
    r"(?!\[secret removed)\S+"
)
KINDS = frozenset("text number date datetime boolean category string true false null none missing yes no".split())
"""What stands behind the name of a column called password: its kind, and how it is filled."""


def mask(text: str) -> str:
    """The text with everything that looks like a key or a password replaced."""
    text = NO_SCHEME.sub(MASK, mask_keys(text))
    return FLAG.sub(rf"\1{MASK}", NAMED.sub(_named, text))


def mask_word(text: str) -> str:
    """The same, what is taken out being one word each time: for a command line, whose words are taken apart later."""
    return mask(text).replace(MASK, MASK_IN_ADDRESS)


def mask_keys(text: str) -> str:
    """The text without what is a key by its shape, or stands where an address has its secrets."""
    text = ADDRESS.sub(_address, text)
    text = KEY.sub(MASK, _without_aws_secrets(text))
    return BASIC.sub(rf"\1{MASK}", BEARER.sub(rf"\1{MASK}", text))


def mask_json(value: Any, mask_text: Callable[[str], str] = mask) -> Any:
    """A value of JSON, or what becomes one, with each of its texts masked; a field that is called password is one."""
    if isinstance(value, str):
        return mask_text(value)
    if isinstance(value, list | tuple):
        return [mask_json(item, mask_text) for item in value]
    if isinstance(value, Mapping):
        return {mask_text(str(key)): _field(key, item, mask_text) for key, item in value.items()}
    return value


def mask_results(content: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """What a tool found, without what is a key by its shape."""
    return {key: mask_json(value, mask_keys) for key, value in content.items()}


def mask_blocks(content: Sequence[Mapping[str, JsonValue]]) -> list[dict[str, JsonValue]]:
    """A message's content, masked block by block."""
    return [_block(block) for block in content]


def holds_mask(value: JsonValue) -> bool:
    """Whether something was taken out of it."""
    if isinstance(value, str):
        return MASK in value or MASK_IN_ADDRESS in value
    if isinstance(value, list):
        return any(map(holds_mask, value))
    return isinstance(value, dict) and any(map(holds_mask, [*value, *value.values()]))


def _block(block: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    match block.get("type"):
        case "text":
            return {**block, "text": mask(str(block["text"]))}
        case "tool_use":
            return {**block, "name": mask_word(str(block["name"])), "input": mask_json(block["input"])}
        case "thinking":
            return {**block, "thinking": mask(str(block["thinking"]))}
        case "tool_result":
            return {**block, "content": mask_json(block["content"], mask_keys)}
        case _:
            return dict(block)


def _field(name: str, value: JsonValue, mask_text: Callable[[str], str]) -> Any:
    if mask_text is mask and isinstance(value, str):
        found = NAMED.fullmatch(f"{name}:{value}")
        if found is not None and _is_secret(found):
            return MASK
    return mask_json(value, mask_text)


def _address(found: re.Match[str]) -> str:
    address = USER.sub(f"{MASK}@", found[0])
    return KEY.sub(MASK_IN_ADDRESS, IN_QUERY.sub(rf"\1{MASK_IN_ADDRESS}", address))


def _without_aws_secrets(text: str) -> str:
    """The secret of AWS has no shape of its own: it is what has its length near a key."""
    keys = [key.start() for key in AWS_KEY.finditer(text)]
    if not keys:
        return text
    return AWS_SECRET.sub(
        lambda found: MASK if any(abs(found.start() - key) <= NEAR for key in keys) else found[0], text
    )


def _named(found: re.Match[str]) -> str:
    if not _is_secret(found):
        return found[0]
    quoted = found["quote"] or ""
    return f"{found[0][: found.start('sign') - found.start()]}{found['sign']}{quoted}{MASK}"


def _is_secret(found: re.Match[str]) -> bool:
    """Whether what stands behind the name is a secret, and not a kind of column, a count or a word."""
    value = found["quoted"] or found["bare"]
    has_digit = any(sign.isdigit() for sign in value)
    is_tight = found["quote"] is None and found["sign"] in ("=", ":")
    if value.lower() in KINDS or re.fullmatch(r"\d{1,3}|[\d.,]*[.,%][\d.,%]*", value):
        return False
    if found["sign"].strip().isalpha():
        return has_digit and len(value) >= SHORT - 1
    if found["always"]:
        return len(value) >= 3
    if found["key"]:
        return len(value) >= 4
    return len(value) >= LONG or (len(value) >= SHORT and (has_digit or is_tight))
