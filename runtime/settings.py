"""The settings: from the environment, then from config.yaml (runtime/config_files.py says from which)."""

from __future__ import annotations

import ipaddress
import os
import re
import tempfile
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

import platformdirs
from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import (
    BaseSettings,
    InitSettingsSource,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from adapters.compute.cluster import check_address
from adapters.compute.registered import REGISTERED
from adapters.data.base import RemoteRules
from adapters.data.disk_room import DiskRules
from adapters.data.roots import is_root
from adapters.json_text import parse_json
from adapters.records import JobBudgets
from agent.limits import Limits
from runtime.config_files import ConfigError, read_config_files
from runtime.person import OWNER, Person

WORKER_VARIABLES = frozenset(
    """
    PATH HOME LANG LC_ALL TMPDIR LD_LIBRARY_PATH PYTHONPATH VIRTUAL_ENV
    OMP_NUM_THREADS MKL_NUM_THREADS OPENBLAS_NUM_THREADS OPENBLAS_CORETYPE OPENBLAS_L2_SIZE
    """.split()
)


class SettingsError(Exception):
    """A setting is wrong; the message names it, its value and what it takes."""


def _default_roots() -> tuple[Path, ...]:
    """Where files usually are; who starts at `/` names the folders."""
    return tuple(root for root in (Path.cwd(), Path.home(), Path(tempfile.gettempdir())) if is_root(root))


class Settings(BaseSettings):
    """All that a person can set: `STATAGENT_<NAME>` in the environment, or `<name>` in their own config.yaml."""

    model_config = SettingsConfigDict(
        env_prefix="STATAGENT_", extra="forbid", frozen=True, populate_by_name=True, allow_inf_nan=False
    )

    home: Path = Field(
        default_factory=lambda: Path(platformdirs.user_data_dir("statagent")),
        description="Where datasets, models, jobs and the database live.",
    )
    database_url: SecretStr | None = Field(
        default=None, description="A PostgreSQL database for the state; the SQLite file in the home by default."
    )
    owner: str = Field(
        default="local",
        pattern=OWNER,
        description="Who is at this terminal; owns all rows.",
    )
    roots: Annotated[tuple[Path, ...], NoDecode] = Field(
        default_factory=_default_roots,
        description="Folders that files may be read from: a JSON list, or joined like a PATH.",
    )
    allow_loopback: bool = Field(
        default=False, description="Whether files may be fetched from web addresses of this very machine."
    )
    max_download_bytes: int = Field(default=2 * 2**30, ge=1, description="The largest file that is fetched.")
    max_download_s: float = Field(
        default=60.0, gt=0, description="Seconds that a download may take; one more for each MB that has arrived."
    )
    max_owner_bytes: int = Field(
        default=100 * 2**30, ge=1, description="The disk that one owner's datasets and uploads may take."
    )
    max_user_bytes: int = Field(
        default=10 * 2**30, ge=1, description="The disk that the datasets and uploads of a person in Telegram may take."
    )
    max_models_bytes: int = Field(
        default=20 * 2**30, ge=1, description="The disk that one owner's models may take, deleted ones too."
    )
    min_free_bytes: int = Field(default=2**30, ge=0, description="Free disk below which nothing is loaded or kept.")
    s3_endpoint: str | None = Field(default=None, description="An S3-compatible server; AWS by default.")
    runpod_s3_endpoint: str | None = Field(default=None, description="https://s3api-<data centre>.runpod.io/")
    runpod_s3_region: str | None = Field(default=None, description="The data centre of the volume, e.g. EU-RO-1.")
    runpod_s3_access_key: SecretStr | None = Field(default=None, description="The key of the volume, user_….")
    runpod_s3_secret_key: SecretStr | None = Field(default=None, description="Its secret, rps_….")
    runpod_api_key: SecretStr | None = Field(default=None, validation_alias="RUNPOD_API_KEY")
    runpod_api_url: str = Field(default="https://api.runpod.io/v2", validation_alias="RUNPOD_API_URL")
    runpod_image: str | None = Field(
        default=None, description="The image that pods run: Python with the libraries of requirements.lock, by digest."
    )
    runpod_volume: str | None = Field(default=None, description="The network volume for jobs' tables and models.")
    runpod_endpoint: str | None = Field(
        default=None, description="The serverless endpoint that `statagent deploy runpod` made, for predictions."
    )
    runpod_endpoint_base_url: str = Field(
        default="https://api.runpod.ai/v2", validation_alias="RUNPOD_ENDPOINT_BASE_URL"
    )
    aws_bucket: str | None = Field(
        default=None, description="The bucket for jobs' tables and models; with it, jobs may run on machines of EC2."
    )
    aws_region: str | None = Field(default=None, description="Where machines are; the region of AWS's own settings.")
    aws_image: str | None = Field(
        default=None, description="The AMI that machines start with: Python with the libraries of requirements.lock."
    )
    aws_instance_profile: str | None = Field(
        default=None, description="The instance profile (name or ARN) by which machines read and write the bucket."
    )
    aws_subnet: str | None = Field(default=None, description="A subnet for machines; the default one of a zone.")
    aws_security_group: str | None = Field(default=None, description="Their security group; nothing need come in.")
    aws_scheduler_role: str | None = Field(
        default=None, description="The ARN of a role by which EventBridge Scheduler ends a machine at its deadline."
    )
    aws_lambda_role: str | None = Field(
        default=None, description="The ARN of the role of the function that predicts; it needs to write its log alone."
    )
    confirm: Literal["always", "paid"] = Field(
        default="always", description="always: ask at every launch; paid: launches with a cap of $0 pass."
    )
    pictures: Literal["auto", "kitty", "iterm2", "sixel", "path"] = Field(
        default="auto", description="How this terminal shows pictures; path: only where they are."
    )
    check_numbers: bool = Field(
        default=True, description="Whether numbers of a reply that no tool's result gives are flagged."
    )
    raw_csv: bool = Field(
        default=False,
        description="Whether CSV files hold text that a spreadsheet would run as it is: for programs that read them.",
    )
    model: str = Field(default="claude-opus-5-5", description="The Claude model to ask.")
    max_steps: int = Field(default=40, ge=1, description="Model requests in one turn.")
    max_turn_usd: Decimal = Field(default=Decimal(2), ge=0, description="Dollars for the model in one turn.")
    max_day_usd: Decimal = Field(default=Decimal(20), ge=0, description="Dollars for the model per user and day.")
    max_day_jobs_usd: Decimal = Field(default=Decimal(20), ge=0, description="Dollars for jobs per user and day.")
    max_month_jobs_usd: Decimal = Field(default=Decimal(100), ge=0, description="Dollars for jobs per user and month.")
    max_job_usd: Decimal = Field(default=Decimal(20), ge=0, description="Dollars that one job may cost at most.")
    max_turn_s: float = Field(default=1800, gt=0, description="Seconds of one turn.")
    first_wait_s: float = Field(default=1.0, ge=0, description="Seconds before a failed request is sent again.")
    max_job_s: int = Field(default=3600, ge=1, description="Seconds that a job may run.")
    max_job_bytes: int | None = Field(
        default=None, ge=2**28, description="Memory that a local job may take; 80 % of the machine's by default."
    )
    cluster: str | None = Field(
        default=None,
        description="A Dask cluster of one's own, tcp://host:port or tls://host:port, for trainings on this machine.",
    )
    telegram_allowed: Annotated[tuple[int, ...], NoDecode] = Field(
        default=(), description="Telegram's numbers of those who may write to the bot, joined by commas."
    )
    telegram_admin: int | None = Field(default=None, description="The number of the bot's operator.")
    telegram_max_per_minute: int = Field(default=30, ge=1, description="Messages of one person in a minute.")
    telegram_webhook_url: str | None = Field(
        default=None, description="An address that Telegram sends updates to; without one the bot polls."
    )
    telegram_webhook_port: int = Field(default=8443, ge=1, le=65535, description="The port that it comes in by.")
    telegram_webhook_secret: SecretStr | None = Field(default=None, description="What Telegram proves itself with.")
    telegram_bot_token: SecretStr | None = Field(default=None, validation_alias="TELEGRAM_BOT_TOKEN")
    telegram_api_base: str = Field(default="https://api.telegram.org", validation_alias="TELEGRAM_API_BASE")
    telegram_local: bool = Field(default=False, validation_alias="TELEGRAM_LOCAL")
    telegram_files: Path | None = Field(
        default=None, description="The folder in which a Bot API server of one's own keeps files; nothing else is read."
    )
    anthropic_api_key: SecretStr | None = Field(default=None, validation_alias="ANTHROPIC_API_KEY")
    anthropic_base_url: str | None = Field(default=None, validation_alias="ANTHROPIC_BASE_URL")

    @field_validator("*", mode="before")
    @classmethod
    def _of_text(cls, value: object) -> object:
        """Text that a terminal shows as it stands: no codes, no bytes that are no UTF-8."""
        if isinstance(value, str) and re.search(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]", value):
            raise ValueError("it holds a control character, or bytes that are no UTF-8")
        return value

    @field_validator("roots", mode="before")
    @classmethod
    def _listed(cls, value: object) -> object:
        """Folders that stand in one text."""
        if not isinstance(value, str):
            return value
        return parse_json(value) if value.startswith("[") else value.split(os.pathsep)

    @field_validator("telegram_allowed", mode="before")
    @classmethod
    def _numbers(cls, value: object) -> object:
        """Numbers that stand in one text."""
        return [part for part in value.split(",") if part.strip()] if isinstance(value, str) else value

    @field_validator("telegram_api_base")
    @classmethod
    def _to_telegram(cls, value: str) -> str:
        """An address to which the bot's token goes: https, but for a Bot API server of one's own (TELEGRAM_LOCAL)."""
        if urlsplit(value).scheme not in ("https", "http") or not urlsplit(value).hostname:
            raise ValueError("give a web address that begins with https://")
        return value.rstrip("/")

    @field_validator("cluster")
    @classmethod
    def _of_a_scheduler(cls, value: str | None) -> str | None:
        """The address of a Dask scheduler, which is seen in quotes and cards: no name and password in it."""
        return check_address(value) if value else None

    @field_validator("roots")
    @classmethod
    def _bounded(cls, roots: tuple[Path, ...]) -> tuple[Path, ...]:
        """Folders of data; never the whole machine."""
        refused = [str(root) for root in roots if not is_root(root)]
        if refused:
            raise ValueError(
                f"{', '.join(refused)}: / and all in /proc, /dev and /sys are never read from; name folders of data"
            )
        return roots

    @field_validator("anthropic_base_url", "runpod_api_url", "runpod_endpoint_base_url")
    @classmethod
    def _private(cls, value: str | None) -> str | None:
        """An address to which a key and what is sent with it may go: nobody else reads it on the way."""
        if not value:
            return None
        try:
            scheme, host = urlsplit(value).scheme, urlsplit(value).hostname or ""
        except ValueError as error:
            raise ValueError("this is no web address") from error
        if not host or scheme not in ("https", "http"):
            raise ValueError("give a web address that begins with https://")
        if scheme == "http" and not _is_loopback(host):
            raise ValueError("the key would go over http:// in clear; use https:// (http:// only to this machine)")
        return value

    def limits(self) -> Limits:
        """What a turn and a day may use."""
        return Limits(
            max_steps=self.max_steps,
            max_turn_usd=self.max_turn_usd,
            max_turn_s=self.max_turn_s,
            max_day_usd=self.max_day_usd,
        )

    def person(self) -> Person:
        """Who is at this terminal."""
        return Person(self.owner, self.roots, self.limits(), self.job_budgets(), self.confirm)

    def job_budgets(self) -> JobBudgets:
        """What jobs may cost, per user."""
        return JobBudgets(self.max_day_jobs_usd, self.max_month_jobs_usd, self.max_job_usd)

    def provider_options(self) -> dict[str, str]:
        """What is set of each provider of machines, by the setting's name."""
        found = {name: getattr(self, name) for name in type(self).model_fields if name.partition("_")[0] in REGISTERED}
        return {
            name: value.get_secret_value() if isinstance(value, SecretStr) else str(value)
            for name, value in found.items()
            if value is not None
        }

    def disk_rules(self) -> DiskRules:
        """How much of the disk data may take."""
        return DiskRules(self.max_owner_bytes, self.min_free_bytes)

    def remote_rules(self) -> RemoteRules:
        """How files are fetched from elsewhere."""
        access, secret = self.runpod_s3_access_key, self.runpod_s3_secret_key
        return RemoteRules(
            max_bytes=self.max_download_bytes,
            max_seconds=self.max_download_s,
            allow_loopback=self.allow_loopback,
            s3_endpoint=self.s3_endpoint,
            runpod_endpoint=self.runpod_s3_endpoint,
            runpod_region=self.runpod_s3_region,
            runpod_access_key=None if access is None else access.get_secret_value(),
            runpod_secret_key=None if secret is None else secret.get_secret_value(),
        )

    def worker_environment(self) -> dict[str, str]:
        """What a worker process sees of the environment: where programs are and how many threads, and no secret."""
        return {name: value for name, value in os.environ.items() if name in WORKER_VARIABLES}

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments before environment before config.yaml."""
        return init_settings, env_settings, InitSettingsSource(settings_cls, read_config_files().values)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def read_settings(tell: Callable[[str], None] = lambda note: None, **overrides: object) -> Settings:
    """The settings of this process.

    Parameters
    ----------
    tell : callable
        Gets the sentence on what of the current folder's config.yaml is not taken, if there is such a thing.

    Raises
    ------
    SettingsError
        With one sentence for each wrong setting; never the value of a secret.
    """
    try:
        settings = Settings(**overrides)  # type: ignore[arg-type]  # pydantic checks them
        note = read_config_files().note
    except ValidationError as error:
        problems = [
            f"{'.'.join(map(str, p['loc']))}: {p['msg'].removeprefix('Value error, ')}"
            for p in error.errors(include_input=False)
        ]
        raise SettingsError("wrong setting: " + "; ".join(problems)) from error
    except ConfigError as error:
        raise SettingsError(str(error)) from error
    if note:
        tell(note)
    return settings
