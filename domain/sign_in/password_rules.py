"""Which passwords are good enough (AC-90…AC-92): the classes of the specification, and nothing easily guessed.

The list of common passwords is that of `zxcvbn`, which also knows names and words. A password counts as common when it
is one of them with digits and signs before or after, or with digits and signs in place of letters (“P@ssw0rd1!”).
"""

import re
import string
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from connectors.errors import Fault, PressroomError
from connectors.messages import N_
from domain.sign_in.rules import LEAST_LENGTH

TOO_SHORT = Fault(
    "password.too_short",
    422,
    N_("The password must have at least {least} characters."),
    N_("Choose a longer one; several words are easy to remember."),
    spec="AC-90",
)
TOO_LONG = Fault(
    "password.too_long", 422, N_("The password must have at most {most} characters."), N_("Choose a shorter one.")
)
LACKS = Fault(
    "password.lacks",
    422,
    N_("The password lacks {what}."),
    N_("It must have a lower-case letter, an upper-case letter, a digit and a special character such as ! or -."),
    spec="AC-90",
)
PERSONAL = Fault(
    "password.personal",
    422,
    N_("The password contains a part of your name, your address or the name of the organization."),
    N_("Choose one that nobody can guess who knows you."),
)
COMMON = Fault(
    "password.common",
    422,
    N_("The password is one of those that are tried first."),
    N_("Choose one that nobody else uses; several words that have nothing to do with each other are good."),
)
USED_BEFORE = Fault(
    "password.used_before",
    422,
    N_("You have used this password before."),
    N_("Your organization refuses the last {count} passwords: choose a new one."),
)

MOST_CHARACTERS = 256
CLASSES = (
    (N_("a lower-case letter"), str.islower),
    (N_("an upper-case letter"), str.isupper),
    (N_("a digit"), frozenset(string.digits).__contains__),
    (N_("a special character"), frozenset(string.punctuation).__contains__),
)
SHORTEST_PART = 4
"""Parts of names and common words shorter than this say nothing about a password that contains them."""
_LOOK_ALIKES = str.maketrans("@4836!10$57+", "aabegiiosstt")


@dataclass(frozen=True, slots=True)
class PasswordOwner:
    """What is known of the person whose password it is to be: names and addresses, of the organization too."""

    names: tuple[str, ...] = ()

    def parts(self) -> Iterator[str]:
        """The words, folded, that the password must not contain."""
        for name in self.names:
            for part in re.split(r"[\W_]+", name.partition("@")[0].casefold()):
                if len(part) >= SHORTEST_PART:
                    yield part


ANYBODY = PasswordOwner()


def normalized(password: str) -> str:
    """The password as it is judged and kept: composed, so that every keyboard gives the same (NFC)."""
    return unicodedata.normalize("NFC", password)


def password_problems(
    password: str, owner: PasswordOwner = ANYBODY, shortest: int = LEAST_LENGTH
) -> list[PressroomError]:
    """Everything that speaks against `password`, the plainest first; empty: nothing does."""
    password = normalized(password)
    return [
        *_length_problems(password, shortest),
        *([LACKS(what=", ".join(lacking))] if (lacking := _lacking(password)) else []),
        *([PERSONAL()] if _contains(password, owner.parts()) else []),
        *([COMMON()] if _is_common(password) else []),
    ]


def check_password(password: str, owner: PasswordOwner = ANYBODY, shortest: int = LEAST_LENGTH) -> None:
    """Raise the plainest of the problems with `password`."""
    for problem in password_problems(password, owner, shortest):
        raise problem


def _length_problems(password: str, shortest: int) -> list[PressroomError]:
    if len(password) < shortest:
        return [TOO_SHORT(least=shortest)]
    return [TOO_LONG(most=MOST_CHARACTERS)] if len(password) > MOST_CHARACTERS else []


def _lacking(password: str) -> list[str]:
    return [name for name, fits in CLASSES if not any(map(fits, password))]


def _contains(password: str, parts: Iterable[str]) -> bool:
    folded = password.casefold()
    forms = (folded, folded.translate(_LOOK_ALIKES))
    return any(part in form for part in parts for form in forms)


def _is_common(password: str) -> bool:
    folded = password.casefold()
    core = folded.strip(string.digits + string.punctuation + string.whitespace)
    bases = {folded, core, core.translate(_LOOK_ALIKES), folded.translate(_LOOK_ALIKES).strip(string.punctuation)}
    return any(len(base) >= SHORTEST_PART and base in _common_passwords() for base in bases)


@lru_cache(maxsize=1)
def _common_passwords() -> frozenset[str]:
    from zxcvbn.frequency_lists import FREQUENCY_LISTS  # half a megabyte of words, which most processes never need

    return frozenset(FREQUENCY_LISTS["passwords"])
