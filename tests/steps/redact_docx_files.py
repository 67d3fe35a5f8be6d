"""Word files that hide one secret in every place where a package can hold text."""

# ruff: noqa: E501 — markup is easier to read unbroken

import zipfile
from collections.abc import Callable, Mapping
from io import BytesIO
from pathlib import Path

from docx import Document
from docx.oxml import parse_xml
from docx.shared import RGBColor

SECRET = "Zebulon Quartermain"
NS = (
    'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" '
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape" '
    'xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing" '
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:v="urn:schemas-microsoft-com:vml" xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"'
)
REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def paragraph(inner: str) -> str:
    return f"<w:p {NS}>{inner}</w:p>"


BODY: dict[str, str] = {
    "split runs": "<w:r><w:t>Zeb</w:t></w:r><w:r><w:rPr><w:b/></w:rPr><w:t>ulon Quar</w:t></w:r><w:r><w:t>termain</w:t></w:r>",
    "tab": "<w:r><w:t>Zebulon</w:t><w:tab/><w:t>Quartermain</w:t></w:r>",
    "line break": "<w:r><w:t>Zebulon</w:t><w:br/><w:t>Quartermain</w:t></w:r>",
    "soft hyphen": "<w:r><w:t>Zebulon Quarter</w:t><w:softHyphen/><w:t>main</w:t></w:r>",
    "soft hyphen character": "<w:r><w:t>Zebulon Quarter\u00admain</w:t></w:r>",
    "other case": f"<w:r><w:t>{SECRET.upper()}</w:t></w:r>",
    "non-breaking space": "<w:r><w:t>Zebulon\u00a0Quartermain</w:t></w:r>",
    "proofing marks": '<w:r><w:t>Zebulon </w:t></w:r><w:proofErr w:type="spellStart"/><w:r><w:t>Quartermain</w:t></w:r>',
    "bookmark": f'<w:bookmarkStart w:id="90" w:name="x {SECRET}"/><w:r><w:t>here</w:t></w:r><w:bookmarkEnd w:id="90"/>',
    "deleted": f'<w:del w:id="91" w:author="Ann" w:date="2026-01-01T00:00:00Z"><w:r><w:delText>{SECRET}</w:delText></w:r></w:del>',
    "inserted": f'<w:ins w:id="92" w:author="{SECRET}" w:date="2026-01-01T00:00:00Z"><w:r><w:t>{SECRET}</w:t></w:r></w:ins>',
    "change inside": (
        '<w:r><w:t xml:space="preserve">Zebulon </w:t></w:r>'
        '<w:del w:id="93" w:author="Ann"><w:r><w:delText>Quarter</w:delText></w:r></w:del>'
        '<w:ins w:id="94" w:author="Ann"><w:r><w:t>Quarter</w:t></w:r></w:ins><w:r><w:t>main</w:t></w:r>'
    ),
    "only as it was": (
        '<w:r><w:t xml:space="preserve">Zebulon </w:t></w:r>'
        '<w:ins w:id="95" w:author="Ann"><w:r><w:t>X</w:t></w:r></w:ins>'
        '<w:del w:id="96" w:author="Ann"><w:r><w:delText>Quartermain</w:delText></w:r></w:del>'
    ),
    "field": (
        '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText xml:space="preserve"> HYPERLINK "mailto:Zebulon%20</w:instrText></w:r>'
        '<w:r><w:instrText>Quartermain" </w:instrText></w:r><w:r><w:fldChar w:fldCharType="separate"/></w:r>'
        f'<w:r><w:t>{SECRET}</w:t></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r>'
    ),
    "simple field": f'<w:fldSimple w:instr=" AUTHOR {SECRET} "><w:r><w:t>{SECRET}</w:t></w:r></w:fldSimple>',
    "content control": (
        f'<w:sdt><w:sdtPr><w:alias w:val="{SECRET}"/><w:tag w:val="{SECRET}"/>'
        f'<w:dropDownList><w:listItem w:displayText="{SECRET}" w:value="{SECRET}"/></w:dropDownList></w:sdtPr>'
        f"<w:sdtContent><w:r><w:t>{SECRET}</w:t></w:r></w:sdtContent></w:sdt>"
    ),
    "smart tag": (
        '<w:smartTag w:uri="urn:x" w:element="person"><w:smartTagPr>'
        f'<w:attr w:name="name" w:val="{SECRET}"/></w:smartTagPr><w:r><w:t>{SECRET}</w:t></w:r></w:smartTag>'
    ),
    "symbols": "<w:r>" + "".join(f'<w:sym w:font="Symbol" w:char="F0{ord(c):02X}"/>' for c in SECRET) + "</w:r>",
    "formula": f"<m:oMath><m:r><m:t>{SECRET}</m:t></m:r></m:oMath>",
    "text boxes": (
        '<w:r><mc:AlternateContent><mc:Choice Requires="wps"><w:drawing><wp:inline>'
        f'<wp:extent cx="1800000" cy="400000"/><wp:docPr id="97" name="{SECRET}" descr="{SECRET}" title="{SECRET}"/>'
        '<a:graphic><a:graphicData uri="http://schemas.microsoft.com/office/word/2010/wordprocessingShape"><wps:wsp>'
        '<wps:cNvSpPr txBox="1"/><wps:spPr><a:xfrm><a:off x="0" y="0"/><a:ext cx="1800000" cy="400000"/></a:xfrm>'
        '<a:prstGeom prst="rect"><a:avLst/></a:prstGeom></wps:spPr><wps:txbx><w:txbxContent>'
        "<w:p><w:r><w:t>Zebulon </w:t></w:r><w:r><w:t>Quartermain</w:t></w:r></w:p></w:txbxContent></wps:txbx><wps:bodyPr/>"
        "</wps:wsp></a:graphicData></a:graphic></wp:inline></w:drawing></mc:Choice><mc:Fallback><w:pict>"
        f'<v:shape style="width:100pt;height:20pt" alt="{SECRET}"><v:textbox><w:txbxContent><w:p><w:r><w:t>{SECRET}</w:t>'
        f'</w:r></w:p></w:txbxContent></v:textbox><v:textpath string="{SECRET}"/></v:shape></w:pict></mc:Fallback>'
        "</mc:AlternateContent></w:r>"
    ),
    "hyperlink": f'<w:hyperlink r:id="rIdSecret" w:tooltip="{SECRET}" w:anchor="x {SECRET}"><w:r><w:t>{SECRET}</w:t></w:r></w:hyperlink>',
    "form field": (
        f'<w:r><w:fldChar w:fldCharType="begin"><w:ffData><w:name w:val="f"/><w:helpText w:type="text" w:val="{SECRET}"/>'
        f'<w:textInput><w:default w:val="{SECRET}"/></w:textInput></w:ffData></w:fldChar></w:r>'
    ),
}

PARTS: dict[str, str] = {
    "word/footnotes.xml": f'<w:footnotes {NS}><w:footnote w:id="5"><w:p><w:r><w:t>Zebulon </w:t></w:r><w:r><w:t>Quartermain</w:t></w:r></w:p></w:footnote></w:footnotes>',
    "word/endnotes.xml": f'<w:endnotes {NS}><w:endnote w:id="5"><w:p><w:r><w:t>{SECRET}</w:t></w:r></w:p></w:endnote></w:endnotes>',
    "word/people.xml": (
        '<w15:people xmlns:w15="http://schemas.microsoft.com/office/word/2012/wordml">'
        f'<w15:person w15:author="{SECRET}"><w15:presenceInfo w15:providerId="AD" w15:userId="S::zq@example.com::1"/>'
        "</w15:person></w15:people>"
    ),
    "docProps/custom.xml": (
        '<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/custom-properties" '
        'xmlns:vt="http://schemas.openxmlformats.org/officeDocument/2006/docPropsVTypes">'
        f'<property fmtid="{{D5CDD505-2E9C-101B-9397-08002B2CF9AE}}" pid="2" name="{SECRET}"><vt:lpwstr>{SECRET}</vt:lpwstr>'
        "</property></Properties>"
    ),
    "customXml/item1.xml": f'<data xmlns="urn:own" who="{SECRET}">before<b>Zebulon</b> Quartermain<c>{SECRET}</c></data>',
    "word/charts/chart1.xml": (
        '<c:chartSpace xmlns:c="http://schemas.openxmlformats.org/drawingml/2006/chart" '
        'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"><c:chart><c:title><c:tx><c:rich><a:p><a:r><a:t>'
        "Zebulon </a:t></a:r><a:r><a:t>Quartermain</a:t></a:r></a:p></c:rich></c:tx></c:title><c:plotArea><c:barChart><c:ser>"
        f'<c:tx><c:strRef><c:f>Sheet1!A1</c:f><c:strCache><c:pt idx="0"><c:v>{SECRET}</c:v></c:pt></c:strCache></c:strRef>'
        "</c:tx></c:ser></c:barChart></c:plotArea></c:chart></c:chartSpace>"
    ),
    "word/diagrams/data1.xml": (
        '<dgm:dataModel xmlns:dgm="http://schemas.openxmlformats.org/drawingml/2006/diagram" '
        'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"><dgm:ptLst><dgm:pt><dgm:t><a:bodyPr/><a:p><a:r>'
        f"<a:t>{SECRET}</a:t></a:r></a:p></dgm:t></dgm:pt></dgm:ptLst></dgm:dataModel>"
    ),
}
TYPES = {
    "word/footnotes.xml": ("wordprocessingml.footnotes", "footnotes"),
    "word/endnotes.xml": ("wordprocessingml.endnotes", "endnotes"),
    "word/charts/chart1.xml": ("drawingml.chart", "chart"),
    "word/diagrams/data1.xml": ("drawingml.diagramData", "diagramData"),
    "docProps/custom.xml": ("custom-properties", None),
}


def nasty_docx(path: Path) -> Path:
    """A document with the secret in every place; the words around it and their formatting must stay."""
    document = Document()
    properties = document.core_properties
    properties.author = properties.title = properties.keywords = properties.comments = SECRET
    properties.last_modified_by = properties.subject = properties.category = SECRET
    plain = document.add_paragraph()
    plain.add_run("Before ").italic = True
    plain.add_run(SECRET).bold = True
    after = plain.add_run(" after")
    after.font.color.rgb = RGBColor(0xC0, 0x10, 0x10)
    body = document.element.body
    for name, inner in BODY.items():
        body.insert(len(body) - 1, parse_xml(paragraph(f'<w:r><w:t xml:space="preserve">{name}: </w:t></w:r>{inner}')))
    table = document.add_table(rows=1, cols=2)
    table.cell(0, 0).text = "Zebulon"
    table.cell(0, 1).text = "Quartermain"
    nested = table.cell(0, 1).add_table(rows=1, cols=1)
    nested.cell(0, 0).text = SECRET
    document.add_paragraph("Zebulon")
    document.add_paragraph("Quartermain")
    section = document.sections[0]
    section.different_first_page_header_footer = True
    document.settings.odd_and_even_pages_header_footer = True
    for place in ("header", "footer", "first_page_header", "first_page_footer", "even_page_header", "even_page_footer"):
        getattr(section, place).paragraphs[0].text = f"{place} {SECRET}"
    run = document.add_paragraph("commented").runs[0]
    document.add_comment(run, text=SECRET, author=SECRET, initials="ZQ")
    document.part.relate_to(f"https://example.com/{SECRET.replace(' ', '%20')}", f"{REL}/hyperlink", is_external=True)
    settings = document.settings.element
    settings.append(parse_xml(f'<w:docVars {NS}><w:docVar w:name="{SECRET}" w:val="{SECRET}"/></w:docVars>'))
    packed = BytesIO()
    document.save(packed)
    return edited(packed.getvalue(), path, _all_edits(), PARTS | {f"word/embeddings/{SECRET} book.xlsx": _workbook()})


def bare_docx(path: Path, inner: str) -> Path:
    """The smallest document, with one paragraph that holds the markup `inner`."""
    types = "http://schemas.openxmlformats.org/package/2006/content-types"
    relations = "http://schemas.openxmlformats.org/package/2006/relationships"
    main = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    with zipfile.ZipFile(path, "w") as package:
        package.writestr(
            "[Content_Types].xml",
            f'<Types xmlns="{types}"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            f'<Override PartName="/word/document.xml" ContentType="{main}"/></Types>',
        )
        package.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="{relations}"><Relationship Id="r1" Type="{REL}/officeDocument" Target="word/document.xml"/></Relationships>',
        )
        package.writestr("word/document.xml", f"<w:document {NS}><w:body>{paragraph(inner)}</w:body></w:document>")
    return path


def _all_edits() -> dict[str, Callable[[str], str]]:
    overrides, relations = "", ""
    for number, (part, (kind, relation)) in enumerate(TYPES.items()):
        prefix = "application/vnd.openxmlformats-officedocument."
        overrides += f'<Override PartName="/{part}" ContentType="{prefix}{kind}+xml"/>'
        if relation:
            target = part.removeprefix("word/")
            relations += f'<Relationship Id="rIdX{number}" Type="{REL}/{relation}" Target="{target}"/>'
    relations += (
        f'<Relationship Id="rIdBook" Type="{REL}/package" Target="embeddings/Zebulon%20Quartermain%20book.xlsx"/>'
    )
    overrides += (
        '<Default Extension="xlsx" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"/>'
    )
    return {
        "[Content_Types].xml": lambda text: text.replace("</Types>", overrides + "</Types>"),
        "word/_rels/document.xml.rels": lambda text: _named_link(text).replace(
            "</Relationships>", relations + "</Relationships>"
        ),
        "docProps/app.xml": lambda text: text.replace("</Properties>", f"<Company>{SECRET}</Company></Properties>"),
    }


def _named_link(text: str) -> str:
    """Give the external link the id that the body uses."""
    head, _, tail = text.partition("https://example.com/")
    start = head.rindex("<Relationship ")
    end = tail.index(">") + 1
    link = f'<Relationship Id="rIdSecret" Type="{REL}/hyperlink" Target="https://example.com/{tail[: tail.index(chr(34))]}" TargetMode="External"/>'
    return head[:start] + link + tail[end:]


def _workbook() -> bytes:
    from openpyxl import Workbook

    book = Workbook()
    book.active.title = "Sheet1"  # type: ignore[union-attr]
    book.active["A1"] = SECRET  # type: ignore[index]
    book.active["B1"] = 4711  # type: ignore[index]
    book.properties.creator = SECRET
    packed = BytesIO()
    book.save(packed)
    return packed.getvalue()


def edited(
    source: bytes, path: Path, edits: Mapping[str, Callable[[str], str]], added: Mapping[str, str | bytes] | None = None
) -> Path:
    """The package `source` with the XML of some parts changed and other parts added, at `path`."""
    with zipfile.ZipFile(BytesIO(source)) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.namelist():
            if part not in (added or {}):
                data = old.read(part)
                new.writestr(part, edits[part](data.decode()) if part in edits else data)
        for part, content in (added or {}).items():
            new.writestr(part, content)
    return path
