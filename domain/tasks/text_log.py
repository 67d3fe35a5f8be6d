"""The log of a task as a text file, in the reader's language."""

from collections.abc import Iterator

from connectors.messages import N_
from domain.organizations.actor import Actor
from domain.tasks.service import get_task, task_lines
from domain.texts.catalogue import translate, translate_message

PAGE = 1000
LEVELS = {"warning": N_("Warning"), "error": N_("Error")}


def text_log(actor: Actor, task_id: str, locale: str) -> str:
    """Title, summary, reason of a failure, then a line per entry; raises `NOT_FOUND`."""
    return "\n".join(_lines(actor, task_id, locale)) + "\n"


def _lines(actor: Actor, task_id: str, locale: str) -> Iterator[str]:
    task = get_task(actor, task_id)
    yield translate_message(task.title, locale)
    if task.summary is not None:
        yield translate_message(task.summary, locale)
    if task.error is not None:
        yield translate(task.error.message_template, locale, **task.error.facts)
        yield translate(task.error.remedy_template, locale, **task.error.facts)
    yield ""
    last = 0
    while lines := task_lines(actor, task_id, last, PAGE):
        for line in lines:
            row = translate(N_("Row {number}:"), locale, number=line.number) if line.number else ""
            level = f"{translate(LEVELS[line.level], locale)}:" if line.level in LEVELS else ""
            yield " ".join(filter(None, (row, level, translate_message(line.message, locale))))
        last = lines[-1].id
