"""What settings of printers are called where results tell of them: as in the tree, not by their technical names."""

from connectors.messages import Message
from fleet.configurations.settings_catalogue import settings_catalogue
from portal_api.pages.words import _, message_text

ARROW = " › "


def item_title(item: str) -> str:
    """The path and the label of a setting; anything else, such as the name of an app, as it is."""
    facts = settings_catalogue().get(item)
    return ARROW.join(_(part) for part in (*facts.path, facts.label)) if facts else item


def result_text(message: Message) -> str:
    """A sentence of a result, in which a setting is called by its title."""
    item = message.facts.get("item")
    if isinstance(item, str):
        message = message.model_copy(update={"facts": {**message.facts, "item": item_title(item)}})
    return message_text(message)
