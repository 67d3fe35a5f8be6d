"""One settings model: every value from the environment (`PRESSROOM_…`) or a `.env` file, with its bounds."""

from functools import lru_cache
from os import cpu_count
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

DEFAULT_SECRET = "development-only-secret"  # noqa: S105 — refused in production
SHORTEST_SECRET = 32
LISTS = (
    *("doorbells", "extra_steps", "preload_languages", "ocr_languages", "ipp_announce"),
    *("mail_in_relays", "mail_in_authentication_servers", "mail_in_name_servers"),
)
"""Settings that hold several values, separated by commas."""


class Settings(BaseSettings):
    """Everything an installation can choose. The defaults run the whole product on one machine."""

    model_config = SettingsConfigDict(env_prefix="PRESSROOM_", env_file=".env", extra="ignore")

    environment: Literal["development", "production"] = Field(
        "development", description="In production the start-up refuses default secrets."
    )
    home: Path = Field(Path("var"), description="Folder for everything the embedded defaults write.")
    secret_key: SecretStr = Field(
        SecretStr(DEFAULT_SECRET), description="Signs sessions and links and encrypts stored credentials."
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        "INFO", description="Least important events that are logged; DEBUG also shows Prefect's own."
    )
    log_format: Literal["text", "json"] = Field("text", description="“json” writes one JSON object a line.")

    # --- records
    database_url: str = Field("", description="SQLAlchemy address; empty: SQLite (WAL) in the home folder.")

    audit_retention_days: int = Field(
        730, ge=30, le=36_500, description="Days after which events of the audit trail are deleted."
    )

    # --- fleet
    fleet_pending_days: int = Field(7, ge=1, le=90, description="Days a job waits for its agent (FL-482).")
    fleet_progress_hours: int = Field(24, ge=1, le=240, description="Hours a job may be in progress (FL-483).")
    built_in_agents: Literal["nobody", "first_level", "everybody"] = Field(
        "first_level",
        description="Organizations whose printers our own worker may reach, in its own network: those without a "
        "partner, or their customers too. What others name as addresses it never asks.",
    )
    fleet_diagnostic_days: int = Field(7, ge=1, le=90, description="Days a diagnostic event stays (FL-245).")
    fleet_work_pool: str = Field("fleet", description="Work pool of tasks over printers, which may last for hours.")
    fleet_processes: int = Field(
        1, ge=0, le=64, description="Fleet tasks that a worker does at a time, besides its runs; 0: it takes none."
    )
    fleet_in_flight: int = Field(100, ge=1, le=2000, description="Printers that a worker works on at a time.")
    fleet_restart_seconds: float = Field(
        900, ge=1, le=7200, description="Longest that a printer may be away when it restarts (F-12, F-26)."
    )
    fleet_ca_file: Path | None = Field(
        None, description="Certificate authority of printers' web servers; without it they are not verified."
    )
    supplies_desk: str = Field(
        "",
        description="Where orders of managed supplies are mailed to, for partners that name no address of their own.",
    )
    firmware_builds_url: str = Field(
        "", description="Where firmware builds are found, with {build} for the build's name; empty: by address only."
    )

    # --- documents
    documents: Literal["folder", "s3"] = Field("folder", description="Where documents are kept.")
    s3_endpoint: str = Field("127.0.0.1:9000", description="host:port of MinIO or any S3 store.")
    s3_public_endpoint: str = Field(
        "", description="host:port by which browsers fetch downloads straight from the S3 store; empty: by the portal."
    )
    s3_access_key: SecretStr = Field(SecretStr(""), description="Access key of the S3 store.")
    s3_secret_key: SecretStr = Field(SecretStr(""), description="Secret key of the S3 store.")
    s3_bucket: str = Field("pressroom", description="Bucket of the documents; made where it is missing.")
    s3_region: str = Field("us-east-1", description="Region of the bucket, which signatures carry.")
    s3_secure: bool = Field(True, description="Speak HTTPS to the S3 store.")
    retention_days: int = Field(
        30, ge=1, le=3650, description="Days after which a run's documents, and logs of background tasks, are deleted."
    )
    max_pixels: int = Field(
        60_000_000, ge=1_000_000, le=400_000_000, description="Largest image accepted, width × height in pixels."
    )
    max_pages: int = Field(1000, ge=1, le=10_000, description="Most pages accepted in one document.")
    max_unpacked_mb: int = Field(
        512, ge=16, le=8192, description="Most that an office document may unpack to, in MB of 1,048,576 bytes."
    )

    # --- engine
    prefect_api_url: str = Field("", description="Address of the Prefect API; empty: `pressroom up` starts one.")
    prefect_host: str = Field(
        "127.0.0.1", description="Address on which `pressroom engine` listens. Prefect asks nobody for a password."
    )
    prefect_port: int = Field(4200, ge=1, le=65535, description="Port on which `pressroom engine` listens.")
    prefect_ui_url: str = Field("", description="Where operators open the Prefect UI; empty: http://host:port.")
    prefect_database_url: str = Field("", description="Prefect's own database; empty: SQLite in the home folder.")
    redis_url: SecretStr = Field(
        SecretStr(""), description="Redis for Prefect's messaging when it runs as several servers; empty: in memory."
    )
    work_pool: str = Field("documents", description="Work pool whose runs this worker takes.")
    worker_processes: int = Field(
        default_factory=lambda: cpu_count() or 2, ge=1, le=256, description="Runs that a worker executes at a time."
    )
    preload_languages: Annotated[tuple[str, ...], NoDecode] = Field(
        ("en",), description="Languages whose models a worker keeps loaded, comma-separated."
    )
    worker_poll_seconds: float = Field(0.5, gt=0, le=60, description="The doorbell's safety net.")
    doorbells: Annotated[tuple[str, ...], NoDecode] = Field(
        ("127.0.0.1:4210",), description="host:port of workers to wake by a datagram; a hint only, comma-separated."
    )
    doorbell_bind: str = Field("127.0.0.1:4210", description="host:port where this worker listens for its doorbell.")
    lease_seconds: float = Field(20, ge=2, le=600, description="A run without a sign of life this long is resumed.")
    max_attempts: int = Field(3, ge=1, le=20, description="How often a run may lose its worker before it fails.")
    step_timeout_seconds: float = Field(3600, ge=1, description="Longest time for one step on one document.")
    step_retries: int = Field(3, ge=0, le=20, description="Repeats of a step after a fault that may pass.")
    step_retry_seconds: float = Field(2, gt=0, le=600, description="First pause before a repeat; it doubles.")
    extra_steps: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="Modules that add step kinds besides the entry points, comma-separated."
    )

    # --- portal
    portal_host: str = Field("127.0.0.1", description="Address on which the portal listens.")
    portal_port: int = Field(8080, ge=1, le=65535, description="Port on which the portal listens.")
    portal_url: str = Field("", description="The portal's public address; empty: http://host:port.")
    trusted_proxies: str = Field(
        "", description="Addresses of reverse proxies whose X-Forwarded headers count, comma-separated; empty: none."
    )
    admin_email: str = Field("admin@pressroom.example", description="The bootstrap administrator's address.")
    admin_password: SecretStr = Field(
        SecretStr(""), description="Password of the bootstrap administrator at first start; empty: one is made."
    )
    session_hours: float = Field(
        12, ge=1, le=720, description="Longest life of a sign-in; organizations may choose a shorter one (AC-33)."
    )
    session_idle_minutes: int = Field(
        30,
        ge=5,
        le=1440,
        description="Minutes without activity after which a sign-in ends; organizations may choose fewer.",
    )
    access_token_seconds: int = Field(
        7200, ge=60, le=86_400, description="Life of the access tokens of client applications (AC-195)."
    )
    feedback_email: str = Field(
        "", max_length=255, description="Where feedback of people is mailed to as well; empty: it is only kept."
    )
    region: str = Field("", max_length=64, description="Region of the installation, shown on the sign-in page (AC-28).")
    download_minutes: float = Field(15, gt=0, le=1440, description="Life of a download link (SC-116).")

    # --- mail
    smtp_host: str = Field("", description="Mail server; empty: `pressroom up` catches mail in home/mail instead.")
    smtp_port: int = Field(25, ge=1, le=65535, description="Port of the mail server.")
    smtp_tls: Literal["none", "starttls", "tls"] = Field(
        "none", description="Encryption of mail: from the start, by STARTTLS (which must then succeed), or none."
    )
    smtp_ca_file: Path | None = Field(None, description="Extra certificate authority of the mail server.")
    smtp_user: str = Field("", description="Account at the mail server; empty: no sign-in.")
    smtp_password: SecretStr = Field(SecretStr(""), description="Password of that account.")
    smtp_timeout_seconds: float = Field(30, gt=0, le=600, description="Longest wait for an answer of the mail server.")
    mail_catcher_port: int = Field(1025, ge=1, le=65535, description="Port of the mail catcher of `pressroom up`.")
    mail_sender: str = Field("Pressroom <pressroom@localhost>", description="From: of every mail.")
    mail_max_mb: float = Field(
        36, gt=0, description="Largest encoded message, in MB of 1,048,576 bytes; 25 MB of document become 35 (SC-99c)."
    )

    mail_retry_seconds: float = Field(
        30, gt=0, le=3600, description="First pause before a mail that could not be handed over is tried again."
    )
    mail_give_up_hours: float = Field(24, gt=0, le=240, description="Hours after which such a mail is given up.")
    mail_record_days: int = Field(
        30,
        ge=1,
        le=3650,
        description="Days for which it is kept who was sent a mail and when; its content goes at once.",
    )

    # --- printing
    print_timeout_seconds: float = Field(
        600, gt=0, le=86_400, description="A printer that makes no progress on a job this long fails the print step."
    )
    print_work_pool: str = Field("print", description="Work pool of print jobs: somebody waits at a printer for it.")
    print_processes: int = Field(
        1,
        ge=0,
        le=64,
        description="Print flows that a worker does at a time, besides its runs; 0: it takes none. Offices in which "
        "several people release at once take more, at about 30 MB each.",
    )
    print_max_mb: int = Field(
        200, ge=1, le=10_000, description="Largest file of a print job, in MB of 1,048,576 bytes."
    )
    print_max_pages: int = Field(2000, ge=1, le=100_000, description="Most pages of a print job (PR-134).")
    print_max_megapixels: int = Field(
        20_000, ge=100, le=1_000_000, description="Most that all pages of a raster may hold, in millions of pixels."
    )
    print_max_files: int = Field(50, ge=1, le=1000, description="Most files of one upload to the print queue (PR-134).")
    scan_max_mb: int = Field(
        50, ge=1, le=1000, description="Largest file of a scan, in MB of 1,048,576 bytes (SCAN-122)."
    )
    scan_kept_hours: float = Field(
        24, gt=0, le=720, description="Hours after which the pages of a scan that nobody touches are deleted."
    )
    scan_retry_seconds: float = Field(
        60, gt=0, le=3600, description="First pause before a scan that a destination did not take is sent again."
    )
    scan_give_up_hours: float = Field(24, gt=0, le=240, description="Hours after which such a scan is given up.")
    ipp_host: str = Field("127.0.0.1", description="Address on which `pressroom ipp` listens for computers and phones.")
    ipp_port: int = Field(
        8632, ge=0, le=65535, description="Port of the print service (ipps); 0: `pressroom up` starts none."
    )
    ipp_url: str = Field(
        "",
        description="Where computers and phones reach the print service: https://host:port; empty: by host and port.",
    )
    ipp_certificate: Path | None = Field(
        None, description="Certificate chain (PEM) of the print service; empty: one is made and kept in home/ipp."
    )
    ipp_certificate_key: Path | None = Field(None, description="Private key (PEM) of that certificate.")
    ipp_in_the_clear: bool = Field(
        False, description="Let print passwords come without TLS (ipp); for tests, or where a proxy encrypts."
    )
    ipp_announce: Annotated[tuple[str, ...], NoDecode] = Field(
        (),
        description="Addresses of network interfaces on which the print service is announced by mDNS (AirPrint, IPP "
        "Everywhere), comma-separated; empty: not at all.",
    )
    ipp_ca_file: Path | None = Field(
        None, description="Authority of the printers' certificates (ipps); empty: encrypted, but not verified."
    )

    # --- printing by e-mail
    mail_in_host: str = Field("127.0.0.1", description="Address on which `pressroom mail-in` takes mail for printing.")
    mail_in_port: int = Field(
        2525, ge=0, le=65535, description="Port on which mail for printing is taken; 0: `pressroom up` takes none."
    )
    mail_in_protocol: Literal["smtp", "lmtp"] = Field(
        "smtp", description="What is spoken there; LMTP suits a mail server on the same machine."
    )
    mail_in_domain: str = Field(
        "", description="Domain of the addresses that documents are mailed to; empty: “print.” and the portal's host."
    )
    mail_in_max_mb: int = Field(
        25, ge=1, le=1000, description="Largest mail for printing as it is sent, in MB of 1,048,576 bytes (PR-134)."
    )
    mail_in_connections: int = Field(
        20, ge=1, le=1000, description="Connections at which mail for printing is taken at a time, half from one host."
    )
    mail_in_recipients: int = Field(20, ge=1, le=1000, description="Most addresses of one mail for printing.")
    mail_in_silence_seconds: float = Field(60, ge=1, le=600, description="Longest silence of whoever sends a mail.")
    mail_in_message_seconds: float = Field(300, ge=1, le=3600, description="Longest time in which one mail may come.")
    mail_in_certificate: Path | None = Field(
        None, description="Certificate chain (PEM) for STARTTLS of mail for printing; empty: it is not offered."
    )
    mail_in_certificate_key: Path | None = Field(None, description="Private key (PEM) of that certificate.")
    mail_in_sender_check: Literal["either", "relay", "own", "dkim", "none"] = Field(
        "either",
        description="What proves who sent a mail: the word of a trusted relay, our own check (DKIM and SPF by DMARC), "
        "either, only the signature (DKIM), or nothing (for tests and closed networks only: anybody could print as "
        "anybody).",
    )
    mail_in_direct: bool = Field(
        False,
        description="Mail comes from its senders' own servers (an MX record leads here), so SPF counts. Leave it off "
        "behind a relay, or name every relay in PRESSROOM_MAIL_IN_RELAYS.",
    )
    mail_in_relays: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="Networks of the relays whose Authentication-Results count, as 192.0.2.0/28, comma-separated."
    )
    mail_in_authentication_servers: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="Names by which those relays sign their Authentication-Results, comma-separated."
    )
    mail_in_name_servers: Annotated[tuple[str, ...], NoDecode] = Field(
        (),
        description="Name servers for checking senders, as address:port, comma-separated; empty: the system's.",
    )
    mail_in_sender_hour: int = Field(
        60, ge=1, le=100_000, description="Most mails of one sender that are printed in an hour."
    )
    mail_in_organization_hour: int = Field(
        2000, ge=1, le=1_000_000, description="Most mails for one organization in an hour; more have to be sent later."
    )
    mail_in_probe: str = Field(
        "",
        description="host:port of the mail server that gets the test message of a new address; empty: our own.",
    )
    mail_in_record_days: int = Field(
        30, ge=1, le=365, description="Days for which it is kept that a mail came, so that it is not printed twice."
    )
    mail_fetch_ca_file: Path | None = Field(
        None, description="Extra certificate authority of the servers whose mailboxes are looked into (IMAP)."
    )
    mail_fetch_timeout_seconds: float = Field(
        30, gt=0, le=600, description="Longest wait for an answer of a server whose mailbox is looked into."
    )

    # --- engines
    ocr_languages: Annotated[tuple[str, ...], NoDecode] = Field(
        ("eng", "swe", "deu", "fra", "spa", "ita", "por"), description="Tesseract languages offered, comma-separated."
    )
    ocr_dpi: int = Field(300, ge=70, le=600, description="Resolution at which PDF pages are rendered for OCR.")
    ocr_processes: int = Field(
        default_factory=lambda: cpu_count() or 2, ge=1, le=256, description="Pages that one OCR step reads at a time."
    )
    ocr_page_seconds: float = Field(300, gt=0, le=3600, description="Longest time to recognise one page.")
    translation_packages: Path | None = Field(None, description="Folder with *.argosmodel packages to install.")
    translation_timeout_seconds: float = Field(
        300, ge=1, le=3600, description="Longest time for one call of an outside translation program."
    )
    office_timeout_seconds: float = Field(
        120, ge=1, le=3600, description="Longest time for one LibreOffice conversion."
    )
    characters_per_page: int = Field(1800, ge=1, description="One charged page of text (quota, SQ-64).")
    quota_notice_percent: int = Field(
        10, ge=1, le=90, description="A distribution with no more than this left is almost empty (SQ-29)."
    )

    # --- cloud storage
    storage_folder: Path | None = Field(None, description="Root of the “folder” storage provider; empty: home/storage.")
    allow_private_addresses: bool = Field(
        False,
        description="Let WebDAV and S3 destinations, identity providers, mailboxes and the servers of their tokens be "
        "at private addresses.",
    )

    microsoft_client_id: str = Field(
        "", description="Client ID of this installation at Microsoft (OneDrive, SharePoint)."
    )
    microsoft_client_secret: SecretStr = Field(SecretStr(""), description="Client secret at Microsoft.")
    google_client_id: str = Field("", description="Client ID of this installation at Google (Google Drive).")
    google_client_secret: SecretStr = Field(SecretStr(""), description="Client secret at Google.")
    box_client_id: str = Field("", description="Client ID of this installation at Box.")
    box_client_secret: SecretStr = Field(SecretStr(""), description="Client secret at Box.")
    dropbox_client_id: str = Field("", description="Client ID (app key) of this installation at Dropbox.")
    dropbox_client_secret: SecretStr = Field(SecretStr(""), description="Client secret (app secret) at Dropbox.")
    storage_addresses: dict[str, dict[str, str]] = Field(
        {},
        description="Other addresses of storage providers, such as those of a national cloud, as JSON: "
        '{"microsoft": {"authorize": "https://…", "token": "https://…"}}; also revoke, account, issuer, keys, api.',
    )

    # --- identity providers
    identity_ca_file: Path | None = Field(
        None,
        description="Extra authority of the certificates of identity providers, and of servers that give access tokens "
        "for mailboxes, for those in the house.",
    )

    @model_validator(mode="before")
    @classmethod
    def _split_lists(cls, values: object) -> object:
        if isinstance(values, dict):
            for name in LISTS:
                if isinstance(values.get(name), str):
                    values[name] = tuple(part.strip() for part in values[name].split(",") if part.strip())
        return values

    @model_validator(mode="after")
    def _use_kept_secret(self) -> Self:
        """Without a key of its own (or with an empty one) an installation uses the one that its first start made."""
        if not self.secret_key.get_secret_value():
            self.secret_key = SecretStr(DEFAULT_SECRET)
        if self.secret_key.get_secret_value() == DEFAULT_SECRET and self.secret_file.is_file():
            self.secret_key = SecretStr(self.secret_file.read_text().strip())
        return self

    @model_validator(mode="after")
    def _refuse_default_secrets(self) -> Self:
        key = self.secret_key.get_secret_value()
        if self.environment == "production" and (key == DEFAULT_SECRET or len(key) < SHORTEST_SECRET):
            raise ValueError("PRESSROOM_SECRET_KEY must be set in production: use at least 32 random characters")
        return self

    @property
    def secret_file(self) -> Path:
        """Where the first start keeps the secret key it made, readable by its owner only."""
        return self.home.resolve() / "secret.key"

    @property
    def records_url(self) -> str:
        """Where our own tables are."""
        return self.database_url or f"sqlite:///{self.home.resolve() / 'pressroom.db'}"

    @property
    def documents_folder(self) -> Path:
        return self.home.resolve() / "documents"

    @property
    def scratch_folder(self) -> Path:
        """Working files of running steps; anything in it may be deleted while nothing runs."""
        return self.home.resolve() / "scratch"

    @property
    def engine_url(self) -> str:
        """Address of the Prefect API."""
        return self.prefect_api_url or f"http://{self.prefect_host}:{self.prefect_port}/api"

    @property
    def operators_url(self) -> str:
        """Address of the Prefect UI."""
        return (self.prefect_ui_url or self.engine_url.removesuffix("/api")).rstrip("/")

    @property
    def public_url(self) -> str:
        return (self.portal_url or f"http://{self.portal_host}:{self.portal_port}").rstrip("/")


@lru_cache(maxsize=1)
def get_settings() -> Settings:
    """The settings of this process, read once."""
    return Settings()
