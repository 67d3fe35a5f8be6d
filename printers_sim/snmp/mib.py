"""What a printer's agent can be asked: a sorted tree of object identifiers and encoded values.

Printers of one model differ in few values, so they share a base tree and keep only their differences: ten thousand
printers fit into some tens of megabytes.
"""

from bisect import bisect_right
from collections.abc import Callable, Mapping

from connectors.snmp.ber import Oid, oid_content
from connectors.snmp.message import variable


class MibTree:
    """An immutable tree: encoded variable bindings by object identifier, in their order."""

    __slots__ = ("bindings", "by_name", "contents", "names")

    def __init__(self, values: Mapping[Oid, bytes]) -> None:
        """`values` are encoded values (see `connectors.snmp.ber`)."""
        ordered = sorted(values)
        self.names: list[Oid] = ordered
        self.contents = contents = [oid_content(name) for name in ordered]
        self.bindings = [variable(content, values[name]) for name, content in zip(ordered, contents, strict=True)]
        self.by_name = dict(zip(contents, self.bindings, strict=True))


class MibView:
    """One printer's tree: the base tree, what differs in this printer, and what differs each time it is asked."""

    __slots__ = ("_base", "_contents", "_live", "_own", "_whole")

    def __init__(self, base: MibTree, own: Mapping[Oid, bytes], live: Mapping[Oid, Callable[[], bytes]]) -> None:
        """`own` values replace or add to those of `base`; `live` ones are among them and made when they are asked."""
        self._base = base
        contents = {name: oid_content(name) for name in own}
        self._own = {content: variable(content, own[name]) for name, content in contents.items()}
        self._live = {oid_content(name): value for name, value in live.items()}
        adds = [name for name, content in contents.items() if content not in base.by_name]
        self._whole, self._contents = base.names, base.contents
        if adds:
            merged = sorted([*zip(base.names, base.contents, strict=True), *((name, contents[name]) for name in adds)])
            self._whole, self._contents = [name for name, _ in merged], [content for _, content in merged]

    def get(self, name: bytes) -> bytes | None:
        """The encoded variable binding of exactly that object, or None."""
        if name in self._live:
            return variable(name, self._live[name]())
        return self._own.get(name) or self._base.by_name.get(name)

    def following(self, name: Oid, count: int) -> list[bytes]:
        """Up to `count` encoded variable bindings after `name`, in order."""
        first = bisect_right(self._whole, name)
        contents = self._contents[first : first + count]
        return [binding for content in contents if (binding := self.get(content)) is not None]
