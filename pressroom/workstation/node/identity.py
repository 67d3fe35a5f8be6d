"""Who a node is: its id, credential, key and certificate, sealed in its folder."""

import json
from dataclasses import dataclass, replace
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken

from connectors.errors import Fault
from connectors.messages import N_
from pressroom.workstation.node.journal import write_durably
from pressroom.workstation.node.keys import NodeKeys

FILE, KEY_FILE = "node", "node-key"
UNREADABLE = Fault(
    "print_node.state_unreadable",
    500,
    N_("What this node has kept in {folder} cannot be read."),
    N_("Delete that folder; the node registers again and gets new copies."),
)


@dataclass(frozen=True, slots=True)
class NodeIdentity:
    """A node's identity; `user_id` is whose workstation it is, empty for a storage node."""

    folder: Path
    portal: str
    node_id: str
    credential: str
    keys: NodeKeys
    user_id: str = ""

    def keep(self) -> None:
        """Write it at once or not at all."""
        content = {
            "portal": self.portal,
            "node_id": self.node_id,
            "credential": self.credential,
            "user_id": self.user_id,
            "key": self.keys.key,
            "certificate": self.keys.certificate,
            "authority": self.keys.authority,
        }
        write_durably(self.folder / FILE, _box(self.folder).encrypt(json.dumps(content).encode()))

    def with_certificate(self, certificate: str, authority: str) -> "NodeIdentity":
        """The same with another certificate."""
        return replace(self, keys=NodeKeys(self.keys.key, certificate, authority))

    def forget(self) -> None:
        """It is none any more."""
        (self.folder / FILE).unlink(missing_ok=True)


def kept_identity(folder: Path) -> NodeIdentity | None:
    """What is kept in the folder, None without it; raises `UNREADABLE`."""
    try:
        told = json.loads(_box(folder).decrypt((folder / FILE).read_bytes()))
        keys = NodeKeys(told["key"], told["certificate"], told["authority"])
        return NodeIdentity(folder, told["portal"], told["node_id"], told["credential"], keys, told["user_id"])
    except FileNotFoundError:
        return None
    except (InvalidToken, ValueError, KeyError) as error:
        raise UNREADABLE(folder=folder) from error


def _box(folder: Path) -> Fernet:
    path = folder / KEY_FILE
    if not path.exists():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_durably(path, Fernet.generate_key())
    return Fernet(path.read_bytes())
