// Before a run: the screens of a solution's unlocked steps, the file, the summary, the scan, Send.

import { fill, h, icon } from "./dom.js";
import { fieldInput, shownValue } from "./solution_fields.js";
import { scanScreen } from "./solution_scan.js";
import { t } from "./texts.js";

const STEP_ICONS = { ocr: "scan", translate: "language", redact: "redact", footer: "document", email: "mail", print_queue: "print", print_document: "print", cloud_storage: "folder" };

/** The icon of a kind of step; packages of others may bring kinds that have none here. */
export function stepIcon(kind) {
  return icon(STEP_ICONS[kind] ?? "settings");
}

/** Open a solution, or a scan that is kept for one (`draftId`). */
export async function openWizard(panel, root, solutionId, draftId = "") {
  const draft = draftId ? await panel.run(() => panel.call("GET", `run-drafts/${draftId}`)) : null;
  if (draftId && !draft) return panel.back();
  const id = solutionId || draft.solution_id;
  const solution = await panel.run(() => panel.call("GET", `solution-center/solutions/${id}`));
  if (!solution) return draftId ? chooseAnother(panel, root, draft) : panel.back();
  const wizard = new Wizard(panel, root, solution, draft);
  wizard.begin();
  return () => wizard.close();
}

/** The solution of a kept scan is gone or not for here: the scan can go to another one. */
async function chooseAnother(panel, root, draft) {
  const list = await panel.run(() => panel.call("GET", "solution-center/solutions"));
  if (!list) return panel.back();
  panel.title(t("Choose a solution for the scan"));
  const choose = async (id) => {
    const solution = await panel.run(() => panel.call("GET", `solution-center/solutions/${id}`));
    if (solution) new Wizard(panel, root, solution, { ...draft, values: {} }).begin();
  };
  fill(root, h("div", { class: "solutions" }, h("ul", {}, list.solutions.map((one) =>
    h("li", { class: "solution" }, h("button", { class: "open", onclick: () => choose(one.id) }, h("span", { class: "name" }, one.name)))))));
  return undefined;
}

/** One passage through a solution's screens; what was typed stays when one goes back. */
class Wizard {
  constructor(panel, root, solution, draft) {
    Object.assign(this, { panel, root, solution, draft, place: 0, stop: null, told: "" });
    this.values = Object.fromEntries(solution.steps.map((step) => [step.position, this.kept(step)]));
    this.file = { name: null, format: solution.file.format, settings: Object.fromEntries(solution.file.settings.map((field) => [field.name, field.value])) };
    if (draft && solution.file.formats.includes(draft.format) && solution.file.may_change_settings) this.file.format = draft.format;
  }

  /** The values of a step to begin with: its presets, and what a kept draft had for what is still unlocked. */
  kept(step) {
    const given = this.draft?.values[step.position] ?? {};
    return Object.fromEntries(step.fields.map((field) => [field.name, field.is_locked ? field.value : (given[field.name] ?? field.value)]));
  }

  begin() {
    const { solution } = this;
    this.panel.title(solution.name);
    const screens = solution.steps.filter((step) => step.is_shown).map((step) => () => this.stepScreen(step));
    if (solution.file.is_shown) screens.push(() => this.fileScreen());
    if (screens.length || !solution.is_quick) screens.push(() => this.summary());
    screens.push(() => scanScreen(this));
    this.screens = screens;
    this.show();
    if (solution.hindrance) this.panel.problem({ detail: solution.hindrance.message, remedy: solution.hindrance.remedy });
  }

  show() {
    this.close();
    this.root.scrollTop = 0;
    this.screens[this.place]();
  }

  close() {
    this.stop?.();
    this.stop = null;
  }

  next() {
    this.place += 1;
    this.show();
  }

  back() {
    if (this.place === 0) return this.panel.back();
    this.place -= 1;
    return this.show();
  }

  /** A screen with its content and the row of Back and `forward` at the bottom. */
  screen(content, forward, middle = []) {
    const back = h("button", { class: "plain", onclick: () => this.back() }, icon("back"), t("Back"));
    fill(this.root, h("div", { class: "wizard" }, h("div", { class: "wizard-body" }, content), h("div", { class: "wizard-foot" }, back, middle, forward)));
    this.root.focus();
  }

  heading(symbol, title, hint = "") {
    const asked = this.screens.length - 1;
    const where = this.place < asked ? h("span", { class: "where" }, t("{place} of {count}", { place: this.place + 1, count: asked })) : null;
    return h("header", { class: "wizard-head" }, symbol, h("h2", {}, title), where, hint ? h("p", { class: "quiet" }, hint) : null);
  }

  stepScreen(step) {
    const values = this.values[step.position];
    const inputs = step.fields.map((field) => fieldInput(this.panel, field, values, () => showFor()));
    const rows = step.fields.map((field, number) => h("div", { class: "row", "data-field": field.name }, inputs[number], h("p", { class: "complaint", role: "alert", hidden: true })));
    const whole = h("p", { class: "complaint", role: "alert", hidden: true });
    const showFor = () => step.fields.forEach((field, number) => (rows[number].hidden = field.providers.length > 0 && !field.providers.includes(values.provider)));
    const next = h("button", { class: "primary next", onclick: () => this.check(step, rows, whole) }, t("Next"));
    this.screen([this.heading(stepIcon(step.kind), step.title, step.description), ...rows, whole], next);
    showFor();
  }

  /** Next goes on only when the portal has nothing against the values (SC-123). */
  async check(step, rows, whole) {
    const complaints = [whole, ...rows.map((row) => row.querySelector(".complaint"))];
    for (const one of complaints) one.hidden = true;
    try {
      await this.panel.call("POST", `solution-center/solutions/${this.solution.id}/steps/${step.position}`, { values: this.open(step) });
    } catch (error) {
      if (!error.errors?.length) return this.panel.run(() => Promise.reject(error));
      for (const { field, message } of error.errors) {
        const row = rows.find((one) => one.dataset.field === field && !one.hidden);
        const complaint = row?.querySelector(".complaint") ?? whole;
        complaint.textContent = message;
        complaint.hidden = false;
        complaint.scrollIntoView({ block: "nearest" });
      }
      return undefined;
    }
    return this.next();
  }

  /** What may be given for a run: the unlocked values (SC-121). */
  open(step) {
    return Object.fromEntries(step.fields.filter((field) => !field.is_locked).map((field) => [field.name, this.values[step.position][field.name]]));
  }

  fileScreen() {
    const { file } = this.solution;
    const chosen = { name: this.file.name ?? file.name, format: this.file.format };
    const keep = () => {
      this.file.name = chosen.name === file.name ? null : chosen.name;
      this.file.format = chosen.format;
    };
    const name = { name: "name", title: t("File name"), widget: "line", is_locked: !file.may_change_name, longest: 128, choices: [], description: file.appends_time ? t("Date and time are put after it.") : "" };
    const formats = file.formats.map((one) => ({ value: one, title: one, group: "" }));
    const format = { name: "format", title: t("File type"), widget: "choice", is_locked: !file.may_change_settings || formats.length < 2, choices: formats, description: "" };
    const settings = file.settings.map((field) => fieldInput(this.panel, field, this.file.settings, () => null));
    const next = h("button", { class: "primary next", onclick: () => this.next() }, t("Next"));
    const rows = [fieldInput(this.panel, name, chosen, keep), fieldInput(this.panel, format, chosen, keep), ...settings];
    this.screen([this.heading(icon("document"), t("File")), rows.map((row) => h("div", { class: "row" }, row))], next);
  }

  summary() {
    const steps = this.solution.steps.map((step) => {
      const values = step.fields
        .filter((field) => !field.providers.length || field.providers.includes(this.values[step.position].provider))
        .map((field) => `${field.title}: ${shownValue(field, this.values[step.position][field.name])}`);
      return h("li", {}, stepIcon(step.kind), h("div", {}, h("strong", {}, step.title), h("p", { class: "quiet" }, values.join(" · "))));
    });
    const { file } = this.solution;
    const given = this.file.name ?? file.name;
    const name = file.appends_time ? t("{name} with date and time", { name: given }) : given;
    const next = h("button", { class: "primary next", onclick: () => this.next() }, icon("scan"), this.draft ? t("Go on") : t("Scan"));
    this.screen([this.heading(icon("check"), t("Summary")), h("ol", { class: "summary" }, steps, h("li", {}, icon("document"), h("div", {}, h("strong", {}, name), h("p", { class: "quiet" }, this.file.format))))], next);
  }

  /** Keep everything that was chosen at the portal, before anything is scanned; false where it is refused. Told once. */
  async keep() {
    const values = Object.fromEntries(this.solution.steps.filter((step) => step.is_shown).map((step) => [step.position, this.open(step)]));
    const { file } = this.solution;
    const settings = file.may_change_settings ? this.file.settings : {};
    const chosen = { solution_id: this.solution.id, version: this.solution.version, values, file: { name: this.file.name, format: this.file.format, settings } };
    const asked = JSON.stringify(chosen);
    if (this.draft && asked === this.told) return true;
    const draft = await this.ask(() => (this.draft ? this.panel.call("PUT", `run-drafts/${this.draft.id}`, chosen) : this.panel.call("POST", "run-drafts", chosen)));
    if (!draft) return false;
    Object.assign(this, { draft, told: asked });
    return true;
  }

  /** What `work` gives, with the panel marked busy; undefined after a refusal, which the person has read by then. */
  async ask(work) {
    let code = "";
    const found = await this.panel.run(() => work().catch((error) => {
      code = error.code;
      throw error;
    }));
    if (code === "run.solution_changed") await this.again();
    return found;
  }

  /** The solution was changed: its screens as they are now, with what still fits; a scan stays with them. */
  async again() {
    const solution = await this.panel.run(() => this.panel.call("GET", `solution-center/solutions/${this.solution.id}`));
    if (!solution) return;
    const given = this.draft ?? { values: this.values };
    const fresh = new Wizard(this.panel, this.root, solution, given);
    fresh.draft = this.draft;
    this.close();
    fresh.begin();
  }
}
