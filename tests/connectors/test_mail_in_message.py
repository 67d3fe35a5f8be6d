"""What is in a mail, whatever its structure; and mails that are made to do harm."""

import time
from email.message import EmailMessage

import pytest

from connectors.errors import PressroomError
from connectors.mail_in.message import Automatic, read_head, read_mail


def raw(body: str, **headers: str) -> bytes:
    lines = [f"{name.replace('_', '-')}: {value}" for name, value in {"From": "a@x.example", **headers}.items()]
    return ("\n".join([*lines, "", body])).replace("\n", "\r\n").encode("utf-8", "surrogateescape")


def multipart(kind: str, *parts: str, boundary: str = "b0") -> str:
    inner = "".join(f"\n--{boundary}\n{part}" for part in parts)
    return f"Content-Type: multipart/{kind}; boundary={boundary}\n{inner}\n--{boundary}--\n"


def whole(part: str) -> bytes:
    return f"From: a@x.example\nSubject: S\n{part}".replace("\n", "\r\n").encode()


PLAIN = "Content-Type: text/plain\n\nhello\n"
PAGE = "Content-Type: text/html\n\n<p>hello</p>\n"
SHELL = "Content-Type: text/html\n\n<html><head><style>p{}</style></head><body><p>&nbsp;</p></body></html>\n"
FILE = "Content-Type: application/pdf; name=a.pdf\nContent-Disposition: attachment; filename=a.pdf\n\n%PDF-\n"
PICTURE = "Content-Type: image/png\nContent-ID: <p@x>\nContent-Disposition: inline; filename=p.png\n\nPNG\n"
SHOWS = 'Content-Type: text/html\n\n<p>see <img src="cid:p@x"></p>\n'
CALENDAR = "Content-Type: text/calendar; method=REQUEST\n\nBEGIN:VCALENDAR\n"
SIGNATURE = "Content-Type: application/pkcs7-signature; name=smime.p7s\n\nx\n"
TNEF = "Content-Type: application/ms-tnef; name=winmail.dat\n\nx\n"
ENVELOPED = "Content-Type: application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m\n\nx\n"
NESTED = "Content-Type: message/rfc822\n\nFrom: b@y.example\nSubject: Inside\n\nhello\n"


@pytest.mark.parametrize(
    ("part", "text", "names"),
    [
        (PLAIN, "S.txt", []),
        (PAGE, "S.html", []),
        (multipart("alternative", PLAIN, PAGE), "S.html", []),
        (multipart("mixed", PLAIN, FILE), "S.txt", ["a.pdf"]),
        (multipart("mixed", SHELL, FILE), None, ["a.pdf"]),
        (multipart("alternative", PLAIN, multipart("mixed", PAGE, FILE, boundary="b1")), "S.html", ["a.pdf"]),
        (multipart("related", SHOWS, PICTURE), "S.html", []),
        (multipart("related", PAGE, PICTURE), "S.html", ["p.png"]),
        (multipart("alternative", PLAIN, CALENDAR), "S.txt", []),
        (multipart("mixed", PLAIN, CALENDAR), None, None),
        (multipart("signed", PLAIN, SIGNATURE), "S.txt", []),
        (multipart("mixed", PLAIN, TNEF), "S.txt", []),
        (ENVELOPED, None, ["smime.p7m"]),
        (multipart("mixed", PLAIN, NESTED), "S.txt", ["Inside.eml"]),
        ("Content-Type: multipart/mixed\n\nno boundary at all\n", None, None),
        ("Content-Type: application/pdf\n\n%PDF-\n", None, ["attachment-1.pdf"]),
        ("Content-Type: nonsense\n\nhello\n", "S.txt", []),
    ],
)
def test_text_and_attachments(part: str, text: str | None, names: list[str] | None) -> None:
    read = read_mail(whole(part), 50)
    if names is not None:
        assert (read.text.name if read.text else None, [one.name for one in read.attachments]) == (text, names)


def test_pictures_of_the_text_are_put_into_it() -> None:
    read = read_mail(whole(multipart("related", SHOWS, PICTURE)), 50)
    assert read.text is not None
    assert b'src="data:image/png;base64,UE5H' in read.text.content


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ('attachment; filename="=?utf-8?q?r=C3=A4kning=2Epdf?="', "räkning.pdf"),
        ("attachment; filename*=utf-8''r%C3%A4kning.pdf", "räkning.pdf"),
        ('attachment; filename*0="long "; filename*1="name.pdf"', "long name.pdf"),
        ("attachment; filename*=no-such-charset''r%E4kning.pdf", "räkning.pdf"),
        ('attachment; filename="../../etc/passwd"', "passwd"),
        ('attachment; filename="=?utf-8?q?a=0D=0ABcc:_x@y=2Epdf?="', "a  Bcc_ x@y.pdf"),
        ('attachment; filename="=?punycode?q?abc?=.pdf"', "=_punycode_q_abc_=.pdf"),
    ],
)
def test_file_names_however_they_are_written(header: str, name: str) -> None:
    read = read_mail(whole(f"Content-Type: application/pdf\nContent-Disposition: {header}\n\n%PDF-\n"), 50)
    assert [one.name for one in read.attachments] == [name]


@pytest.mark.parametrize(
    ("charset", "content", "text"),
    [
        ("utf-8", "å".encode(), "å"),
        ("iso-8859-1", "å".encode("latin-1"), "å"),
        ("no-such", "å".encode(), "å"),
        ("us-ascii", "å".encode("latin-1"), "å"),
        ("hex", b"abc", "abc"),
        ("punycode", b"abc", "abc"),
        ("utf-16", b"abc", "abc"),
        ("utf-8", b"a\x00\x07b\x81", "ab"),
    ],
)
def test_wrong_character_sets_lose_no_text(charset: str, content: bytes, text: str) -> None:
    head = f"From: a@x.example\r\nContent-Type: text/plain; charset={charset}\r\n\r\n".encode()
    read = read_mail(head + content, 50)
    assert read.text is not None
    assert read.text.content.decode().startswith(text)


@pytest.mark.parametrize(
    ("headers", "sender"),
    [
        ({"From": "Ann <ANN@X.example>"}, "ann@x.example"),
        ({"From": "=?utf-8?q?=C3=85sa?= <a@x.example>"}, "a@x.example"),
        ({"From": '"boss@x.example" <evil@y.example>'}, "evil@y.example"),
        ({"From": "a@x.example, b@x.example"}, None),
        ({"From": ""}, None),
        ({"From": "nobody"}, None),
        ({"From": "a@x.example\nFrom: b@x.example"}, None),
        ({"From": "Friends: a@x.example, b@x.example;"}, None),
        ({"From": "<" * 5000}, None),
    ],
)
def test_there_is_one_sender(headers: dict[str, str], sender: str | None) -> None:
    if sender is None:
        with pytest.raises(PressroomError, match=r"print_mail\.no_sender"):
            read_head(raw("x", **headers))
    else:
        assert read_head(raw("x", **headers)).sender == sender


@pytest.mark.parametrize(
    ("headers", "automatic"),
    [
        ({}, Automatic.NO),
        ({"Auto_Submitted": "no"}, Automatic.NO),
        ({"Auto_Submitted": "auto-generated"}, Automatic.GENERATED),
        ({"Auto_Submitted": "auto-replied; owner-email=x"}, Automatic.REPLIED),
        ({"Precedence": "bulk"}, Automatic.GENERATED),
        ({"List_Id": "<l.x.example>"}, Automatic.GENERATED),
        ({"X_Autoreply": "yes"}, Automatic.REPLIED),
        ({"Content_Type": "multipart/report; report-type=delivery-status; boundary=b"}, Automatic.REPLIED),
    ],
)
def test_mail_of_programs_is_told_from_that_of_people(headers: dict[str, str], automatic: Automatic) -> None:
    assert read_head(raw("x", **headers)).automatic is automatic


def deep(levels: int) -> str:
    part = PLAIN
    for level in range(levels):
        part = multipart("mixed", part, boundary=f"b{level}")
    return part


def nested(levels: int) -> bytes:
    content = "From: a@x.example\n\nhello\n"
    for _ in range(levels):
        content = f"From: a@x.example\nContent-Type: message/rfc822\n\n{content}"
    return content.replace("\n", "\r\n").encode()


FOLDED = "Content-Type: multipart/mixed;\n" + " ;;;;;;;;\n" * 200_000 + " boundary=b\n\nx\n"
MANY = "Content-Type: multipart/mixed; boundary=b\n\n" + "--b\n\nx\n" * 100_000 + "--b--\n"
OPEN = "Content-Type: text/html\n\n" + "<style" * 100_000


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (whole(deep(50)), "print_mail.too_deep"),
        (whole(deep(3000)), "print_mail.too_deep"),
        (nested(3000), "print_mail.too_deep"),
        (whole(FOLDED), "print_mail.unreadable"),
        (whole(MANY), "print_mail.too_many_attachments"),
        (whole("\n" + "\n" * 1_100_000), "print_mail.unreadable"),
        (whole(multipart("mixed", *[FILE] * 51)), "print_mail.too_many_attachments"),
        (whole(OPEN), ""),
        (whole("Content-Type: text/plain\n\n" + "cid:" * 100_000), ""),
    ],
)
def test_mails_that_are_made_to_do_harm_cost_little(content: bytes, code: str) -> None:
    begun = time.process_time()
    if code:
        with pytest.raises(PressroomError) as refused:
            read_mail(content, 50)
        assert refused.value.code == code
    else:
        read_mail(content, 50)
    assert time.process_time() - begun < 5


def test_a_subject_of_several_lines_stays_one_line() -> None:
    head = read_head(raw("x", Subject="=?utf-8?q?a=0D=0ABcc=3A_x@y.example?="))
    assert head.subject == "a Bcc: x@y.example"


def test_ordinary_messages_come_through_whole() -> None:
    message = EmailMessage()
    message["From"], message["Subject"] = "a@x.example", "Räkning"
    message.set_content("Hej å ä ö")
    message.add_attachment(bytes(range(256)) * 100, maintype="application", subtype="octet-stream", filename="å.bin")
    read = read_mail(message.as_bytes(), 50)
    assert read.text is not None
    assert (read.text.name, read.text.content.decode().strip()) == ("Räkning.txt", "Hej å ä ö")
    assert [(one.name, one.content) for one in read.attachments] == [("å.bin", bytes(range(256)) * 100)]
