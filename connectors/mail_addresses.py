"""E-mail addresses and header texts as mail servers want them (RFC 5321, RFC 5322)."""

COMPANY_DOMAINS = frozenset({"local", "localhost"})  # not global, but in use inside companies


def wire_address(address: str) -> str | None:
    """The address as mail servers want it, with an international domain in ASCII; None if it is no address."""
    import email_validator

    for name in COMPANY_DOMAINS & set(email_validator.SPECIAL_USE_DOMAIN_NAMES):
        email_validator.SPECIAL_USE_DOMAIN_NAMES.remove(name)  # the library's documented way to allow them
    try:
        return email_validator.validate_email(
            address, check_deliverability=False, globally_deliverable=False, allow_smtputf8=False
        ).ascii_email
    except email_validator.EmailNotValidError:
        return None


def each_once(*addresses: str) -> tuple[str, ...]:
    """The addresses in their order, without repetitions that differ in upper and lower case only."""
    first: dict[str, str] = {}
    for address in addresses:
        first.setdefault(address.casefold(), address)
    return tuple(first.values())


def one_line(text: str) -> str:
    """`text` without line breaks and control characters, which have no place in a header (RFC 5322, 2.2)."""
    return "".join(letter if letter.isprintable() else " " for letter in text)
