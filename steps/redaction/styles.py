"""Styles that a document's author named: their identifiers stand all over the markup and are renamed together."""

from collections.abc import Collection

from lxml import etree

from connectors.messages import N_
from steps.redaction.markup import is_own_style, local_name
from steps.redaction.sweep import Sweep

STYLES = N_("names of styles")
_REFERENCES = frozenset(
    ("pStyle", "rStyle", "tblStyle", "basedOn", "next", "link", "numStyleLink", "styleLink", "clickAndTypeStyle")
)


def clear_style_names(trees: Collection[etree._Element], sweep: Sweep) -> None:
    """Give each style of the author's own whose identifier tells something a number instead, wherever it is used.

    The names that people see are ordinary values and are masked with the others.
    """
    renamed: dict[str, str] = {}
    for element in (element for tree in trees for element in tree.iter()):
        if local_name(str(element.tag)) == "style" and is_own_style(element):
            for name, value in element.attrib.items():
                if local_name(str(name)) == "styleId" and (hits := sweep.survivors(str(value))):
                    renamed[str(value)] = f"Style{len(renamed) + 1}"
                    element.set(name, renamed[str(value)])
                    sweep.count(hits, STYLES)
    for element in (element for tree in trees for element in tree.iter() if renamed):
        if local_name(str(element.tag)) in _REFERENCES:
            for name, value in element.attrib.items():
                if str(value) in renamed:
                    element.set(name, renamed[str(value)])
