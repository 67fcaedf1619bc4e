"""Secrets of every kind that people paste, made up: each with the parts of it that may not be found anywhere."""

from __future__ import annotations

from dataclasses import dataclass

AWS = "wJalrXUtnFEMIK7MDENGbPxRfiCYzEXAMPLEKEYq"
BOT = "123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw1"
LINE = "MIIEpAIBAAKCAQEA0Z3VS5JJcds3xfnygWyF8PbnGy0AHB7MaGhWqWsRn3Tq"


@dataclass(frozen=True)
class Secret:
    """What is typed, and what of it is secret; `is_key`: known without the words around it."""

    kind: str
    words: str
    parts: tuple[str, ...]
    is_key: bool = True


def _key(kind: str, words: str) -> Secret:
    return Secret(kind, words, (words,))


def _said(kind: str, words: str, *parts: str) -> Secret:
    return Secret(kind, words, parts, is_key=False)


def _address(kind: str, words: str, *parts: str) -> Secret:
    return Secret(kind, words, parts)


SECRETS = (
    _key("anthropic", "sk-ant-api03-Zq7_canary-aaaa1111"),
    _key("openai-project", "sk-proj-Zq7canaryBBBB2222cccc"),
    _key("openai", "sk-Zq7canaryCCCC3333ddddEEEE"),
    _key("openrouter", "sk-or-v1-0123456789abcdef0123456789abcdef"),
    Secret("aws-pair", f"AKIAZQ7CANARY2345678 {AWS}", ("AKIAZQ7CANARY2345678", AWS)),
    Secret("aws-pair-turned", f"{AWS}, ASIAZQ7CANARY2345678", ("ASIAZQ7CANARY2345678", AWS)),
    _said("aws-secret", f"aws_secret_access_key={AWS}", AWS),
    _said("aws-secret-spaced", f"aws_secret_access_key = {AWS}", AWS),
    _said("aws-secret-variable", f'export AWS_SECRET_ACCESS_KEY="{AWS}"', AWS),
    _said("aws-session", "aws_session_token=IQoJb3JpZ2luX2VjCanaryCanary00", "IQoJb3JpZ2luX2VjCanaryCanary00"),
    _key("aws-session-alone", "IQoJb3JpZ2luX2VjCanaryCanaryCanary0011"),
    _address("bearer", "Authorization: Bearer zq7canary.4444-eeee", "zq7canary.4444-eeee"),
    _address("basic", "Authorization: Basic enE3OmNhbmFyeQ==", "enE3OmNhbmFyeQ"),
    _key("jwt", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJjYW5hcnkifQ.c2lnbmF0dXJl-_x"),
    _key("github", "ghp_zq7CANARY0123456789abcdefghij012345"),
    _key("github-oauth", "gho_zq7CANARY0123456789abcdefghij012345"),
    _key("github-fine", "github_pat_11ZQ7CANARY0_abcdefghijklmnop"),
    _key("gitlab", "glpat-zq7CANARY_0123456789"),
    _said("password", "password: zq7-hunter!2", "zq7-hunter!2"),
    _said("password-of-letters", "my password: swordfishes", "swordfishes"),
    _said("password-quoted", 'PASSWORD = "zq7 canary words"', "zq7 canary words"),
    _said("password-json", '{"password": "zq7canary"}', "zq7canary"),
    _said("password-said", "my password is zq7hunter2", "zq7hunter2"),
    _said("pwd", "Server=db;pwd=zq7canary", "zq7canary"),
    _said("passwd", "passwd=zq7c", "zq7c"),
    _said("api-key", "api_key=zq7canary", "zq7canary"),
    _said("api-key-header", "X-Api-Key: zq7canary-5555", "zq7canary-5555"),
    _said("token", "token=zq7canary6666", "zq7canary6666"),
    _said("client-secret", "client_secret: zq7canary", "zq7canary"),
    _said("flag", "psql --password zq7canary", "zq7canary"),
    _said("curl", "curl -u ann:zq7canary https://h.example/x", "zq7canary"),
    Secret("pem", f"-----BEGIN RSA PRIVATE KEY-----\n{LINE}\nabcd=\n-----END RSA PRIVATE KEY-----", (LINE,)),
    Secret("pem-openssh", f"-----BEGIN OPENSSH PRIVATE KEY-----\n{LINE}\n-----END OPENSSH PRIVATE KEY-----", (LINE,)),
    Secret("pem-cut", f"-----BEGIN PRIVATE KEY-----\n{LINE}\n{LINE}", (LINE,)),
    _address("userinfo", "https://ann:zq7canary@h.example/t.csv", "zq7canary"),
    _address("userinfo-signs", "https://ann:zq7@can/ary@h.example/t.csv", "zq7@", "can/ary"),
    _address("userinfo-database", "postgresql://ann:zq7canary@h.example/db", "zq7canary"),
    _address("userinfo-name", "https://zq7canary:@h.example/t.csv", "zq7canary"),
    _address("userinfo-token", "https://zq7canary@h.example/t.csv", "zq7canary"),
    _said("userinfo-bare", "ann:zq7canary@db.example.org:5432/x", "zq7canary"),
    _address("signature-aws", "https://h.example/t.csv?a=1&X-Amz-Signature=0f1e2dcanary&b=2", "0f1e2dcanary"),
    _address("signature-sas", "https://h.example/t.csv?sv=2024&sig=zq7%2Fcanary%3D", "zq7%2Fcanary"),
    _address("token-in-query", "https://h.example/t.csv?token=zq7canary", "zq7canary"),
    _address("access-token-in-query", "https://h.example/t.csv?x=1&access_token=zq7canary", "zq7canary"),
    _key("telegram", BOT),
    _address("telegram-address", f"https://api.telegram.org/bot{BOT}/getMe", BOT),
    _key("runpod", "rpa_ZQ7CANARY0123456789ABCDEF0"),
    _key("runpod-volume", "rps_ZQ7CANARY0123456789ABCDEF0"),
    _key("slack", "xoxb-123456789012-zq7canary"),
    _key("google", "AIzaSyZq7canary-0123456789abcdefghijkl_"),
    _key("hugging-face", "hf_zq7CANARYabcdefghijklmnopqrstuvwx"),
    _key("stripe", "sk_live_zq7CANARY0123456789abcdef"),
)
