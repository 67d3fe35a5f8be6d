"""The dialog that makes or changes a schedule (FL-504…FL-513)."""

from typing import Any

from nicegui import ui

from connectors.messages import N_
from fleet.printers.filter_groups import list_filter_groups
from fleet.printers.tags.service import list_tags
from fleet.schedules.models import RunFor
from fleet.schedules.service import change_schedule, create_schedule
from fleet.schedules.views import RECURRING, ScheduleForm, ScheduleView
from fleet.tasks.kinds import KINDS
from portal_api.pages import theme
from portal_api.pages.visit import ask
from portal_api.pages.widgets.recurrence_dialog import Done, RecurrenceDialog
from portal_api.pages.widgets.recurrence_fields import every_night, titles_of
from portal_api.pages.words import _

RUN_FOR_TITLES = {
    RunFor.ALL: N_("All printers"),
    RunFor.TAGS: N_("Printers with tags"),
    RunFor.FILTER_GROUP: N_("A filter group"),
}


class ScheduleDialog(RecurrenceDialog):
    """One open dialog."""

    def __init__(self, done: Done, view: ScheduleView | None = None) -> None:
        keep = (lambda actor, form: change_schedule(actor, view.id, form)) if view else create_schedule
        super().__init__(view.form.model_dump() if view else _beginning(), keep, done)
        self._view = view
        self._tags: dict[str, str] = {}
        self._groups: dict[str, str] = {}

    def _title(self) -> str:
        return _("Change “{name}”", name=self._view.form.name) if self._view else _("New schedule")

    async def _what(self) -> None:
        self._tags = {tag.id: tag.name for tag in await ask(list_tags)}
        self._groups = {group.id: group.name for group in await ask(list_filter_groups)}
        self._fields.choice("kind", _("Task"), {kind.value: _(KINDS[kind].title) for kind in RECURRING})
        self._fields.choice("run_for", _("Run for"), titles_of(RUN_FOR_TITLES), self._target.refresh)
        self._target()

    @ui.refreshable_method
    def _target(self) -> None:
        match self._fields.values["run_for"]:
            case RunFor.TAGS:
                self._fields.choice("tag_ids", _("Tags"), self._tags).props("multiple use-chips")
            case RunFor.FILTER_GROUP:
                self._fields.choice("filter_group_id", _("Filter group"), self._groups)
        theme.text(_("Which printers belong to it is looked up at each run."), "hint")

    def _form(self) -> ScheduleForm:
        """What was typed, without what belongs to choices that were left again."""
        values = self._fields.chosen()
        if values["run_for"] != RunFor.TAGS:
            values["tag_ids"] = ()
        if values["run_for"] != RunFor.FILTER_GROUP:
            values["filter_group_id"] = None
        return ScheduleForm.read(values)


def _beginning() -> dict[str, Any]:
    """A schedule that checks everything every night from tomorrow on."""
    values: dict[str, Any] = {name: field.get_default() for name, field in ScheduleForm.model_fields.items()}
    return values | {"name": "", "kind": RECURRING[0].value} | every_night()
