// Keys on the screen: digits for PINs and codes, letters for addresses and passwords. A real keyboard works too.

import { h, icon, onPress } from "./dom.js";
import { t } from "./texts.js";

/** A field for digits with its keys. `done(text)` is called by the key ✓, or by itself at `length` digits. */
export function keypad({ label, length, longest, done, isSecret = true }) {
  const field = h("input", {
    class: "digits",
    type: isSecret ? "password" : "text",
    inputmode: "none",
    autocomplete: "off",
    "aria-label": label,
    maxlength: longest,
  });
  const finish = () => (field.value ? done(field.value) : undefined);
  const type = (digit) => {
    if (field.value.length < longest) field.value += digit;
    if (length && field.value.length === length) finish();
  };
  field.addEventListener("input", () => {
    field.value = field.value.replace(/\D/g, "");
    if (length && field.value.length === length) finish();
  });
  field.addEventListener("keydown", (event) => event.key === "Enter" && finish());
  const keys = [..."123456789"].map((digit) => key(digit, () => type(digit)));
  keys.push(
    key(icon("backspace"), () => (field.value = field.value.slice(0, -1)), t("Delete the last digit")),
    key("0", () => type("0")),
    key(icon("check"), finish, t("OK"), "primary"),
  );
  const pad = h("div", { class: "keypad" }, h("div", { class: "field" }, field), h("div", { class: "keys" }, keys));
  pad.clear = () => {
    field.value = "";
  };
  return pad;
}

const LETTERS = ["1234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm"];
const SIGNS = ["1234567890", "@#€$%&*-+=", "()!\"'/:;?", "~,[]{}|"];
const EXTRA = { sv: ["å", "äö", ""] };

/** Keys for text: they write into whichever of `fields` was touched last. `done` is called by the key ✓. */
export function keyboard(fields, done, locale) {
  let target = fields[0];
  let isShifted = false;
  let rows = LETTERS;
  const board = h("div", { class: "keyboard" });
  for (const field of fields) {
    field.setAttribute("inputmode", "none");
    field.addEventListener("focus", () => (target = field));
    field.addEventListener("keydown", (event) => event.key === "Enter" && next());
  }
  const put = (text) => {
    const [from, to] = [target.selectionStart ?? target.value.length, target.selectionEnd ?? target.value.length];
    target.setRangeText(text, from, to, "end");
    target.dispatchEvent(new Event("input", { bubbles: true }));
    target.focus();
  };
  const erase = () => {
    const from = target.selectionStart ?? target.value.length;
    const to = target.selectionEnd ?? from;
    target.setRangeText("", from === to ? Math.max(0, from - 1) : from, to, "end");
    target.focus();
  };
  const next = () => {
    const empty = fields.find((field) => !field.value && field.required);
    if (empty && empty !== target) empty.focus();
    else done();
  };
  const draw = () => {
    const extra = rows === LETTERS ? (EXTRA[locale] ?? ["", "", ""]) : ["", "", ""];
    const lines = rows.map((line, place) => line + (place ? extra[place - 1] : ""));
    board.replaceChildren(...lines.map((line, place) => row(line, place)), lastRow());
  };
  const row = (line, place) => {
    const shown = [...line].map((sign) => (isShifted ? sign.toUpperCase() : sign));
    const keys = shown.map((sign) => key(sign, () => {
      put(sign);
      if (isShifted) {
        isShifted = false;
        draw();
      }
    }));
    if (place === 3) {
      keys.unshift(key(icon("shift"), () => ((isShifted = !isShifted), draw()), t("Capitals"), isShifted ? "wide on" : "wide"));
      keys.push(key(icon("backspace"), erase, t("Delete"), "wide"));
    }
    return h("div", { class: "row" }, keys);
  };
  const lastRow = () =>
    h(
      "div",
      { class: "row" },
      key(rows === LETTERS ? "#+=" : "abc", () => ((rows = rows === LETTERS ? SIGNS : LETTERS), draw()), t("Other signs"), "wide"),
      key("@", () => put("@")),
      key(" ", () => put(" "), t("Space"), "space"),
      key(".", () => put(".")),
      key("-", () => put("-")),
      key("_", () => put("_")),
      key(icon("check"), next, t("OK"), "wide primary"),
    );
  draw();
  return board;
}

function key(content, press, label = null, more = "") {
  const button = h("button", { class: `key ${more}`.trim(), type: "button", "aria-label": label }, content);
  button.addEventListener("pointerdown", (event) => event.preventDefault()); // the field keeps the focus
  onPress(button, press);
  return button;
}
