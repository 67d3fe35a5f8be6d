"""What a version of a configuration holds, as JSON without secrets and the secrets apart from it (FL-346)."""

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, SecretStr, StrictBool, StrictInt, StrictStr

from connectors.secrets import decrypt, encrypt
from fleet.configurations.login_methods import LoginMethods
from fleet.configurations.models import ConfigurationVersion

MASK = "**********"
"""What is shown instead of a secret; handed in again it means that the secret stays as it is."""

SettingValue = StrictBool | StrictInt | StrictStr


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class FirmwarePart(_Part):
    """Which firmware: the recommended level for all models, and resources for the models they fit (FL-351…FL-354)."""

    recommended: bool = False
    resource_ids: tuple[str, ...] = Field((), max_length=50)


class AppPart(_Part):
    """An app of the library, with settings that differ from its defaults (FL-357, FL-358)."""

    resource_id: str = Field(max_length=32)
    settings: dict[str, SettingValue] = {}


class SettingPart(_Part):
    """One setting: a value entered by hand, or the column of the variable settings file that feeds it, or both.

    With both, the value is for printers that the file does not name (FL-372). Passwords are in `secret`.
    """

    name: str = Field(max_length=255)
    value: SettingValue | None = None
    variable: str = Field("", max_length=255)
    secret: SecretStr | None = None


class ConfigurationContent(_Part):
    """All components, in the order in which they are deployed (FL-402)."""

    firmware: FirmwarePart = FirmwarePart()
    apps: tuple[AppPart, ...] = Field((), max_length=100)
    settings_files: tuple[str, ...] = Field((), max_length=100)
    settings: tuple[SettingPart, ...] = Field((), max_length=2000)
    login_methods: LoginMethods | None = None

    @property
    def is_empty(self) -> bool:
        return self == ConfigurationContent()

    def resource_ids(self) -> list[str]:
        """Every resource that it uses, once."""
        used = (*self.firmware.resource_ids, *(app.resource_id for app in self.apps), *self.settings_files)
        return list(dict.fromkeys(used))

    def variables(self) -> list[str]:
        """The columns of the variable settings file that settings use."""
        return list(dict.fromkeys(setting.variable for setting in self.settings if setting.variable))


def content_of(version: ConfigurationVersion) -> ConfigurationContent:
    """The content of a version with its secrets."""
    return with_secrets(ConfigurationContent.model_validate(version.content), kept_secrets(version))


def kept_secrets(version: ConfigurationVersion) -> dict[str, str]:
    """The secrets of a version by the names that `secrets_of` gives them."""
    return decrypt(version.secrets) if version.secrets else {}


def keep_content(version: ConfigurationVersion, content: ConfigurationContent) -> None:
    """Write the content; secrets that were handed in as the mask stay as they are."""
    former = kept_secrets(version)
    secrets = {name: former.get(name, "") if value == MASK else value for name, value in secrets_of(content)}
    secrets = {name: value for name, value in secrets.items() if value}
    version.secrets = encrypt(secrets) if secrets else ""
    version.content = without_secrets(content)


def without_secrets(content: ConfigurationContent) -> dict[str, Any]:
    """JSON in which every secret is the mask, or null where there is none."""
    return content.model_dump(mode="json")


def secrets_of(content: ConfigurationContent) -> Iterator[tuple[str, str]]:
    """Every secret with the name by which it is kept."""
    for setting in content.settings:
        if setting.secret is not None:
            yield _setting_key(setting.name), setting.secret.get_secret_value()
    if content.login_methods is not None:
        for account in content.login_methods.accounts:
            if account.secret is not None:
                yield _account_key(account.name), account.secret.get_secret_value()


def with_secrets(content: ConfigurationContent, secrets: Mapping[str, str]) -> ConfigurationContent:
    """The content with its masks replaced by the secrets that are kept."""

    def real(key: str, secret: SecretStr | None) -> SecretStr | None:
        if secret is None or secret.get_secret_value() != MASK:
            return secret
        return SecretStr(secrets[key]) if key in secrets else None

    settings = tuple(
        setting.model_copy(update={"secret": real(_setting_key(setting.name), setting.secret)})
        for setting in content.settings
    )
    login = content.login_methods
    if login is not None:
        accounts = tuple(
            account.model_copy(update={"secret": real(_account_key(account.name), account.secret)})
            for account in login.accounts
        )
        login = login.model_copy(update={"accounts": accounts})
    return content.model_copy(update={"settings": settings, "login_methods": login})


def _setting_key(name: str) -> str:
    return f"setting:{name}"


def _account_key(name: str) -> str:
    return f"account:{name}"
