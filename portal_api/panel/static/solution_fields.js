// Inputs for the values of steps: large enough for fingers, with keys on the screen for text.

import { fill, h, icon } from "./dom.js";
import { keyboard } from "./keyboard.js";
import { number, t } from "./texts.js";

const MOST_SHOWN = 6;

/** The input for a field; `values[field.name]` follows it, and `changed()` is called. A locked one is only shown. */
export function fieldInput(panel, field, values, changed) {
  const set = (value) => {
    values[field.name] = value;
    draw();
    changed();
  };
  const box = h("div", { class: field.is_locked ? "value locked" : "value" });
  const draw = () => {
    const value = values[field.name];
    const label = h("span", { class: "value-title" }, field.title);
    if (field.is_locked) return fill(box, label, h("span", { class: "value-shown" }, shownValue(field, value)), icon("lock"));
    return fill(box, label, INPUTS[field.widget](panel, field, value, set));
  };
  draw();
  return [box, field.description ? h("p", { class: "quiet hint" }, field.description) : null];
}

/** A value as people read it. */
export function shownValue(field, value) {
  if (field.widget === "switch") return value ? t("Yes") : t("No");
  if (field.widget === "number") return number(value);
  if (field.widget === "custom_texts") return value.length ? value.map((one) => one.text).join(", ") : "–";
  if (field.widget === "choices") return value.length ? value.map((one) => titleOf(field, one)).join(", ") : "–";
  if (field.widget === "choice") return titleOf(field, value);
  return value || "–";
}

function titleOf(field, value) {
  return field.choices.find((one) => one.value === value)?.title ?? String(value ?? "–");
}

const INPUTS = {
  line: text,
  lines: text,
  addresses: text,
  switch: (_panel, field, value, set) => h("button", { class: value ? "toggle on" : "toggle", role: "switch", "aria-checked": String(value), "aria-label": field.title, onclick: () => set(!value) }, h("span", { class: "knob" }), value ? t("Yes") : t("No")),
  number: (panel, field, value, set) => h("div", { class: "stepper" },
    h("button", { class: "plain", "aria-label": t("Less"), disabled: value <= (field.low ?? -Infinity), onclick: () => set(value - 1) }, icon("minus")),
    h("button", { class: "plain amount", "aria-label": field.title, onclick: () => typeNumber(panel, field, value, set) }, number(value)),
    h("button", { class: "plain", "aria-label": t("More"), disabled: value >= (field.high ?? Infinity), onclick: () => set(value + 1) }, icon("plus"))),
  choice: (panel, field, value, set) => opener(field, titleOf(field, value), async () => {
    const chosen = await panel.sheet(field.title, (close) => [choiceList(field, (one) => one === value, (one) => close({ one })), cancelRow(close)]);
    if (chosen) set(chosen.one);
  }),
  choices: (panel, field, value, set) => opener(field, few(field, value), async () => {
    const chosen = new Set(value);
    const done = await panel.sheet(field.title, (close) => {
      const list = choiceList(field, (one) => chosen.has(one), (one, button) => {
        if (!chosen.delete(one)) chosen.add(one);
        button.classList.toggle("on", chosen.has(one));
        button.setAttribute("aria-pressed", String(chosen.has(one)));
      });
      return [list, cancelRow(close, h("button", { class: "primary", onclick: () => close(true) }, t("OK")))];
    });
    if (done) set(field.choices.map((one) => one.value).filter((one) => chosen.has(one)));
  }),
  custom_texts: (panel, field, value, set) => h("div", { class: "texts" },
    // Regular expressions can only be removed here: no panel has a keyboard for them.
    value.map((one, place) => h("div", { class: "text" },
      h("button", { class: "plain", disabled: one.mode === "ADVANCED", onclick: () => typeText(panel, field.title, one.text, field, (text) => set(value.with(place, { ...one, text }))) }, one.text),
      h("button", { class: "plain", disabled: one.mode === "ADVANCED", onclick: async () => {
        const modes = { ...field, choices: field.modes };
        const chosen = await panel.sheet(t("How it is compared"), (close) => [choiceList(modes, (mode) => mode === one.mode, (mode) => close({ mode })), cancelRow(close)]);
        if (chosen) set(value.with(place, { ...one, mode: chosen.mode }));
      } }, field.modes.find((mode) => mode.value === one.mode)?.title ?? t("Regular expression")),
      h("button", { class: "plain", "aria-label": t("Delete “{text}”", { text: one.text }), onclick: () => set(value.toSpliced(place, 1)) }, icon("delete")))),
    h("button", { class: "plain", disabled: value.length >= (field.longest ?? Infinity), onclick: () => typeText(panel, field.title, "", field, (text) => text && set([...value, { text, mode: field.modes[0].value }])) }, icon("plus"), t("Add text"))),
};

function opener(field, shown, press) {
  return h("button", { class: "plain opener", "aria-label": `${field.title}: ${shown}`, onclick: press }, h("span", {}, shown), icon("more"));
}

function few(field, values) {
  if (!values.length) return t("Choose");
  const shown = values.slice(0, MOST_SHOWN).map((one) => titleOf(field, one)).join(", ");
  return values.length > MOST_SHOWN ? t("{shown} and {count} more", { shown, count: number(values.length - MOST_SHOWN) }) : shown;
}

function choiceList(field, isOn, press) {
  const items = [];
  let group = "";
  for (const { value, title, group: under } of field.choices) {
    if (under !== group) items.push(h("h3", {}, under));
    group = under;
    const on = isOn(value);
    const button = h("button", { class: on ? "choice on" : "choice", "aria-pressed": String(on), onclick: () => press(value, button) }, title);
    items.push(button);
  }
  return h("div", { class: "choices listed" }, items);
}

function cancelRow(close, more = null) {
  return h("div", { class: "buttons" }, h("button", { class: "plain", onclick: () => close(null) }, t("Cancel")), more);
}

function text(panel, field, value, set) {
  const longest = field.widget === "addresses" ? 255 : field.longest;
  return opener({ title: field.title }, value || t("Type here"), () => typeText(panel, field.title, value, { ...field, longest }, set));
}

async function typeText(panel, title, value, field, done) {
  const input = h(field.widget === "lines" ? "textarea" : "input", { "aria-label": title, autocomplete: "off", autocapitalize: "off", spellcheck: "false", maxlength: field.longest ?? 1024, value });
  const typed = await panel.sheet(title, (close) => [
    h("div", { class: "field" }, input),
    keyboard([input], () => close({ text: input.value }), document.documentElement.lang),
    cancelRow(close, h("button", { class: "primary", onclick: () => close({ text: input.value }) }, t("OK"))),
  ]);
  if (typed) done(typed.text);
}

async function typeNumber(panel, field, value, set) {
  await typeText(panel, field.title, String(value), { widget: "line", longest: 6 }, (typed) => {
    const given = Number.parseInt(typed, 10);
    if (Number.isFinite(given)) set(Math.min(Math.max(given, field.low ?? given), field.high ?? given));
  });
}
