"""Formats of plain text translated, with the real engine, read back with other tools."""

import csv
import io
from pathlib import Path

import pytest
from lxml import etree, html

from steps.contract import TXT
from steps.local_context import LocalContext
from tests.steps.translate_formats.translated import text_file, translated


def test_html_keeps_tags_addresses_scripts_and_says_its_language(context: LocalContext, tmp_path: Path) -> None:
    page = """<!DOCTYPE html>
<html lang="en"><head><meta charset="iso-8859-1"><title>The new printer</title>
<meta name="description" content="The red house"><script>var x = "The house is red";</script></head>
<body><p>The house is <b>red</b> and <a href="https://example.com/the-house?a=1&amp;b=2">the door</a> is white.</p>
<!-- The comment --><ul><li>The first book<li>The second book</ul><pre>The code is red</pre>
<p>Use <code>the house</code> in the city.</p><p translate="no">The name</p>
<img src="the-house.png" alt="The picture of the house"></body></html>"""
    made = translated(context, text_file(tmp_path, "in.html", page), "text/html")
    text = made.read_text(encoding="utf-8")
    root = html.document_fromstring(made.read_bytes())
    assert text.startswith("<!DOCTYPE html>")
    assert root.get("lang") == "es"
    assert root.findtext(".//title") == "La impresora nueva"
    assert root.find(".//meta[@name='description']").get("content") == "La casa roja"
    assert root.find(".//meta[@charset]").get("charset") == "utf-8"
    paragraph = root.find(".//p")
    assert paragraph.text_content() == "La casa es roja y la puerta es blanca."
    assert (paragraph.find("b").text, paragraph.find("a").text) == ("roja", "la puerta")
    assert paragraph.find("a").get("href") == "https://example.com/the-house?a=1&b=2"
    assert [item.text_content().strip() for item in root.iter("li")] == ["El primer libro", "El segundo libro"]
    assert root.find(".//img").get("alt") == "El cuadro de la casa"
    for kept in ('var x = "The house is red";', "<!-- The comment -->", "The code is red", "<code>the house</code>"):
        assert kept in text
    assert root.find(".//p[@translate]").text == "The name"


def test_html_that_is_nested_without_end_is_read_as_far_as_it_goes(context: LocalContext, tmp_path: Path) -> None:
    page = "<html><body><p>The house is red.</p>" + "<div><b>" * 20_000 + "The car" + "</body></html>"
    assert "La casa es roja." in translated(context, text_file(tmp_path, "in.html", page), "text/html").read_text()


def test_markdown_keeps_code_markup_and_addresses(context: LocalContext, tmp_path: Path) -> None:
    source = """---
title: The house
---
# The new printer

The house is **red** and [the door](https://example.com/the-house) is
white.

- The first book
  1. [ ] The second book
> The teacher buys the house.

```python
print("The house is red")
```

    The house is code

Use `the house` in the city.

| The name | The price |
|----------|-----------|
| John     | 12.50     |

![The picture](the-house.png)

[1]: https://example.com "The house"
"""
    made = translated(context, text_file(tmp_path, "in.md", source), "text/plain").read_text()
    assert made.splitlines()[:4] == ["---", "title: The house", "---", "# La impresora nueva"]
    assert "La casa es **roja** y [la puerta](https://example.com/the-house) es blanca." in made
    assert "\n- El primer libro\n  1. [ ] El segundo libro\n> El profesor compra la casa.\n" in made
    assert 'print("The house is red")\n```' in made
    assert "\n    The house is code\n" in made
    assert "`the house`" in made
    assert "| El nombre | El precio |\n|----------|-----------|\n" in made
    assert "](the-house.png)" in made
    assert made.endswith('[1]: https://example.com "The house"\n')


def test_text_keeps_its_lines_and_breaks_long_paragraphs_again(context: LocalContext, tmp_path: Path) -> None:
    source = (
        "The house\r\nThe car\r\n\r\nThe teacher buys the old house in the city and the\r\n"
        "student sends the new report to the important\r\ncommittee.\r\n"
    )
    made = translated(context, text_file(tmp_path, "in.txt", source), TXT).read_bytes().decode()
    lines = made.split("\r\n")
    assert lines[:3] == ["La casa", "El coche", ""]
    assert made.endswith(".\r\n")
    assert max(map(len, lines)) <= 60
    assert "\n" not in made.replace("\r\n", "")
    assert " ".join(lines[3:]).split()[:3] == ["El", "profesor", "compra"]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_text_in_other_encodings_comes_out_in_utf8(context: LocalContext, tmp_path: Path, encoding: str) -> None:
    source = "The café is red. The house of the résumé is old and the naïve dog sleeps.\n" * 3
    made = translated(context, text_file(tmp_path, "in.txt", source.encode(encoding)), TXT)
    assert "roj" in made.read_bytes().decode("utf-8-sig")
    assert made.read_bytes().startswith(b"\xef\xbb\xbf") is (encoding != "cp1252")


@pytest.mark.parametrize(("name", "delimiter"), [("in.csv", ","), ("in.csv", ";"), ("in.tsv", "\t"), ("in.tab", "\t")])
def test_delimited_text_keeps_its_shape(context: LocalContext, tmp_path: Path, name: str, delimiter: str) -> None:
    rows = [["The name", "The price"], ["The red house", "12.50"], [f"The dog{delimiter} the car", "AB-12"]]
    buffer = io.StringIO()
    csv.writer(buffer, delimiter=delimiter).writerows(rows)
    made = translated(context, text_file(tmp_path, name, buffer.getvalue()), "text/plain")
    read = list(csv.reader(io.StringIO(made.read_text(), newline=""), delimiter=delimiter))
    assert read[:2] == [["El nombre", "El precio"], ["La casa roja", "12.50"]]
    assert len(read[2]) == 2
    assert read[2][1] == "AB-12"
    assert "perro" in read[2][0]


XLIFF_12 = """<xliff version="1.2" xmlns="urn:oasis:names:tc:xliff:document:1.2"><file source-language="en" original="a"
 datatype="plaintext"><body><trans-unit id="1"><source>The <g id="1">red</g> house<x id="2"/></source></trans-unit>
<trans-unit id="2"><source>The car</source><target state="new">old</target></trans-unit>
<trans-unit id="3" translate="no"><source>The name</source></trans-unit></body></file></xliff>"""
XLIFF_20 = """<xliff version="2.0" srcLang="en" xmlns="urn:oasis:names:tc:xliff:document:2.0"><file id="f"><unit id="1">
<segment><source>The red house</source></segment></unit></file></xliff>"""


def test_xliff_gets_targets_and_keeps_sources(context: LocalContext, tmp_path: Path) -> None:
    made = translated(context, text_file(tmp_path, "in.xlf", XLIFF_12), "application/xml")
    root = etree.fromstring(made.read_bytes())
    space = "{urn:oasis:names:tc:xliff:document:1.2}"
    assert root.find(f"{space}file").get("target-language") == "es"
    first, second, third = root.iter(f"{space}trans-unit")
    assert "".join(first.find(f"{space}source").itertext()) == "The red house"
    assert "".join(first.find(f"{space}target").itertext()) == "La casa roja"
    assert first.find(f"{space}target/{space}g").text.strip() == "roja"
    assert first.find(f"{space}target/{space}x") is not None
    assert second.findtext(f"{space}target") == "El coche"
    assert third.find(f"{space}target") is None
    again = translated(context, text_file(tmp_path, "two.xlf", XLIFF_20), "application/xliff+xml")
    assert "<target>La casa roja</target>" in again.read_text()
    assert 'trgLang="es"' in again.read_text()
