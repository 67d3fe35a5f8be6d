"""What can be wrong with a mail as a whole, or with a part of it that is to be printed."""

from connectors.errors import Fault
from connectors.messages import N_

UNREADABLE = Fault(
    "print_mail.unreadable",
    422,
    N_("The mail cannot be read: {reason}."),
    N_("Send it again from an ordinary mail program, with the documents as attachments."),
)
TOO_DEEP = Fault(
    "print_mail.too_deep",
    422,
    N_("The mail holds messages within messages, more than {limit} deep."),
    N_("Attach the documents themselves to a new mail."),
)
TOO_MANY_ATTACHMENTS = Fault(
    "print_mail.too_many_attachments",
    413,
    N_("The mail has {count} attachments; at most {limit} can be printed from one mail."),
    N_("Send them in several mails. Nothing of this one was printed."),
    spec="PR-134",
)
NO_SENDER = Fault(
    "print_mail.no_sender",
    422,
    N_("The mail does not say clearly who sent it."),
    N_("Send it from an ordinary mail program with one sender."),
    spec="PR-143",
)
ENCRYPTED = Fault(
    "print_mail.encrypted",
    422,
    N_("“{name}” is encrypted and cannot be printed."),
    N_("Send the document without encrypting the mail, or hand it in on the page of your print queue."),
    spec="PR-131",
)
NOT_AUTHENTIC = Fault(
    "print_mail.not_authentic",
    403,
    N_("It is not proven that the mail is really from its sender ({domain})."),
    N_(
        "Administrators: the sender's server must sign its mail (DKIM) or be allowed to send it (SPF), or a trusted "
        "relay must say that it passed."
    ),
    spec="PR-143",
)
PROOF_UNREACHABLE = Fault(
    "print_mail.proof_unreachable",
    503,
    N_("The name servers of {domain} did not answer, so it cannot be checked who the mail is from."),
    N_("Nothing is lost: it is tried again for a day."),
    transient=True,
)
