"""What a delivery contact must hold, and how an address must look where supplies are to arrive (FL-455, FL-459)."""

import hashlib
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache

from babel import Locale
from pydantic import BaseModel, ConfigDict, Field

from connectors.errors import Fault, PressroomError
from connectors.mail_addresses import wire_address
from connectors.messages import N_
from connectors.supplies.programme import Recipient

TITLES = {
    "first_name": N_("First name"),
    "last_name": N_("Last name"),
    "company": N_("Company"),
    "email": N_("E-mail address"),
    "country_code": N_("Country code"),
    "phone": N_("Phone number"),
    "street": N_("Street address"),
    "street_2": N_("Street address, line 2"),
    "city": N_("City"),
    "region": N_("State or province"),
    "postal_code": N_("Postal code"),
    "country": N_("Country"),
}
"""The fields of a contact, in the order of the import's columns (FL-458)."""

CORRECT = N_("Correct the value and save the contact again.")
MISSING = Fault("delivery_contact.missing", 422, N_("“{field}” is missing."), CORRECT, spec="FL-459")
TOO_LONG = Fault(
    "delivery_contact.too_long", 422, N_("“{field}” is longer than {limit} characters."), CORRECT, spec="FL-459"
)
NO_EMAIL = Fault("delivery_contact.email", 422, N_("“{field}” is no e-mail address."), CORRECT, spec="FL-459")
ONLY_DIGITS = Fault(
    "delivery_contact.country_code", 422, N_("“{field}” holds something else than digits."), CORRECT, spec="FL-459"
)
NO_PHONE = Fault(
    "delivery_contact.phone",
    422,
    N_("“{field}” does not hold 3 to 15 digits, with spaces, dashes, dots or brackets between them."),
    CORRECT,
    spec="FL-459",
)
NO_COUNTRY = Fault(
    "delivery_contact.country", 422, N_("“{field}” is no country's code of two letters, such as SE."), CORRECT
)
BAD_POSTAL_CODE = Fault(
    "delivery_contact.postal_code",
    422,
    N_("“{field}” looks different in this country, such as {sample}."),
    CORRECT,
)
UNPRINTABLE = Fault(
    "delivery_contact.unprintable", 422, N_("“{field}” holds characters that cannot be printed on a label."), CORRECT
)
VALUE_FAULTS = (MISSING, TOO_LONG, NO_EMAIL, ONLY_DIGITS, NO_PHONE, NO_COUNTRY, BAD_POSTAL_CODE, UNPRINTABLE)
"""Everything that can be wrong with a value."""

OPTIONAL = frozenset({"company", "street_2", "region", "postal_code"})
NEED_REGION = frozenset({"AU", "BR", "CA", "CN", "IN", "MX", "US"})
"""Countries whose addresses name a state or province."""
WITHOUT_POSTAL_CODE = frozenset(
    {
        *("AE", "AG", "AO", "AW", "BF", "BI", "BJ", "BO", "BS", "BW", "BZ", "CD", "CF", "CG", "CI", "CK"),
        *("CM", "DJ", "DM", "ER", "FJ", "GA", "GD", "GH", "GM", "GN", "GQ", "GY", "HK", "JM", "KI", "KM"),
        *("KN", "KP", "LC", "ML", "MO", "MR", "MS", "MU", "MW", "NR", "NU", "PA", "QA", "RW", "SB", "SC"),
        *("SL", "SO", "SR", "ST", "SY", "TF", "TG", "TK", "TL", "TO", "TT", "TV", "UG", "VU", "YE", "ZW"),
    }
)
"""Countries without postal codes, or where letters arrive without them."""
POSTAL_CODES = {
    "AT": (r"\d{4}", "1010"),
    "AU": (r"\d{4}", "2000"),
    "BE": (r"\d{4}", "1000"),
    "BR": (r"\d{5}-?\d{3}", "01310-100"),
    "CA": (r"[A-Z]\d[A-Z] ?\d[A-Z]\d", "K1A 0B1"),
    "CH": (r"\d{4}", "8001"),
    "DE": (r"\d{5}", "10115"),
    "DK": (r"(DK-)?\d{4}", "1050"),
    "ES": (r"\d{5}", "28001"),
    "FI": (r"(FI-)?\d{5}", "00100"),
    "FR": (r"\d{5}", "75001"),
    "GB": (r"[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}", "SW1A 1AA"),
    "IN": (r"\d{3} ?\d{3}", "110001"),
    "IT": (r"\d{5}", "00118"),
    "JP": (r"\d{3}-?\d{4}", "100-0001"),
    "NL": (r"\d{4} ?[A-Z]{2}", "1012 JS"),
    "NO": (r"(NO-)?\d{4}", "0150"),
    "PL": (r"\d{2}-\d{3}", "00-001"),
    "PT": (r"\d{4}-\d{3}", "1000-001"),
    "SE": (r"(SE-)?\d{3} ?\d{2}", "111 22"),
    "US": (r"\d{5}(-\d{4})?", "10001"),
}
"""How postal codes look, with a sample; elsewhere any will do."""
PHONE = re.compile(r"[\d .()/-]+")
FEWEST_DIGITS, MOST_DIGITS = 3, 15
NO_TERRITORIES = frozenset({"EU", "EZ", "QO", "UN", "XA", "XB", "ZZ"})


class ContactForm(BaseModel):
    """A delivery contact as it is typed or imported. `country_code` is that of the phone number, in digits."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    first_name: str = Field("", max_length=100)
    last_name: str = Field("", max_length=100)
    company: str = Field("", max_length=200)
    email: str = Field("", max_length=255)
    country_code: str = Field("", max_length=4)
    phone: str = Field("", max_length=32)
    street: str = Field("", max_length=200)
    street_2: str = Field("", max_length=200)
    city: str = Field("", max_length=100)
    region: str = Field("", max_length=100)
    postal_code: str = Field("", max_length=20)
    country: str = Field("", max_length=2, description="ISO 3166-1, two letters.")

    @property
    def same_key(self) -> str:
        """Equal for the same person at the same address, however it is written (FL-461)."""
        names = ("first_name", "last_name", "company", "street", "street_2", "city", "region", "postal_code", "country")
        folded = (" ".join(str(getattr(self, name)).casefold().split()) for name in names)
        return hashlib.sha256("\n".join(folded).encode()).hexdigest()

    @property
    def recipient(self) -> Recipient:
        """As a programme is told of them."""
        return Recipient(
            first_name=self.first_name,
            last_name=self.last_name,
            company=self.company,
            email=self.email,
            phone=f"+{self.country_code} {self.phone}",
            street=self.street,
            street_2=self.street_2,
            postal_code=self.postal_code,
            city=self.city,
            region=self.region,
            country=self.country,
        )


LIMITS = {
    name: next(limit.max_length for limit in field.metadata if hasattr(limit, "max_length"))
    for name, field in ContactForm.model_fields.items()
}
"""Most characters of each field."""


def tidy(values: Mapping[str, str]) -> dict[str, str]:
    """The values without blanks around them; codes in capitals, the e-mail address in small letters."""
    found = {name: values.get(name, "").strip() for name in TITLES}
    for name in ("country", "postal_code"):
        found[name] = found[name].upper()
    return found | {"email": found["email"].lower(), "country_code": found["country_code"].removeprefix("+")}


def checked(values: Mapping[str, str]) -> ContactForm:
    """The form of these values; raises the first of `VALUE_FAULTS` that is found."""
    found = tidy(values)
    for _name, problem in problems(found):
        raise problem
    return ContactForm(**found)


def problems(values: Mapping[str, str]) -> Iterator[tuple[str, PressroomError]]:
    """What is wrong with tidy values: the field and its fault, at most one for each field."""
    for name, title in TITLES.items():
        if (problem := _problem(name, values)) is not None:
            fault, facts = problem
            yield name, fault(field=title, **facts)


def _problem(name: str, values: Mapping[str, str]) -> tuple[Fault, dict[str, str | int]] | None:
    value, country = values[name], values["country"]
    if not value:
        return (MISSING, {}) if _is_needed(name, country) else None
    if len(value) > LIMITS[name] and name != "country":
        return TOO_LONG, {"limit": LIMITS[name]}
    if not value.isprintable():
        return UNPRINTABLE, {}
    match name:
        case "email":
            return None if wire_address(value) else (NO_EMAIL, {})
        case "country_code":
            return None if value.isascii() and value.isdigit() else (ONLY_DIGITS, {})
        case "phone":
            return None if _is_phone(value) else (NO_PHONE, {})
        case "country":
            return None if value in countries() else (NO_COUNTRY, {})
        case "postal_code" if country in POSTAL_CODES:
            pattern, sample = POSTAL_CODES[country]
            return None if re.fullmatch(pattern, value) else (BAD_POSTAL_CODE, {"sample": sample})
    return None


def _is_needed(name: str, country: str) -> bool:
    if name == "region":
        return country in NEED_REGION
    if name == "postal_code":
        return country not in WITHOUT_POSTAL_CODE
    return name not in OPTIONAL


def _is_phone(value: str) -> bool:
    digits = sum(letter.isdigit() for letter in value)
    return value.isascii() and PHONE.fullmatch(value) is not None and FEWEST_DIGITS <= digits <= MOST_DIGITS


@lru_cache(maxsize=8)
def countries(locale: str = "en") -> Mapping[str, str]:
    """The names of countries by their codes, in a language."""
    names = Locale.parse(locale.replace("-", "_")).territories
    return {
        code: name
        for code, name in sorted(names.items(), key=lambda entry: entry[1])
        if len(code) == 2 and code.isalpha() and code not in NO_TERRITORIES
    }
