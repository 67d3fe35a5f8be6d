// Messages: short ones that go by themselves, problems that stay until they are read, questions.

import { fill, h, icon } from "./dom.js";
import { t } from "./texts.js";

const TOAST_MS = 3500;

/** A short message that goes by itself. */
export function message(text, symbol = "check") {
  const toast = h("div", { class: "toast" }, icon(symbol), h("span", {}, text));
  fill(document.getElementById("toasts"), toast);
  setTimeout(() => toast.remove(), TOAST_MS);
}

/** What happened while nobody was looking: it stays until somebody comes, who touches the screen or signs in. */
export function notice(text, symbol = "info") {
  const toast = h("div", { class: "toast notice" }, icon(symbol), h("span", {}, text));
  fill(document.getElementById("toasts"), toast);
}

/** Somebody is there. */
export function forgetNotice() {
  for (const one of document.querySelectorAll(".toast.notice")) one.remove();
}

for (const name of ["pointerdown", "keydown"]) document.addEventListener(name, forgetNotice, { passive: true });

/** What went wrong and what to do; the promise ends when it was read. */
export function problem(error) {
  return dialog({ symbol: "warning", title: error.detail ?? String(error), text: error.remedy ?? "" }, [
    { label: t("OK"), value: true, kind: "primary" },
  ]);
}

/** A question; true for `yes`. */
export function ask(title, text, yes, kind = "primary") {
  return dialog({ symbol: "info", title, text }, [
    { label: t("Cancel"), value: false, kind: "plain" },
    { label: yes, value: true, kind },
  ]);
}

/** A dialog of your own content; `build(close)` returns elements, the promise what `close` was given. */
export function sheet(title, build, symbol = "") {
  return new Promise((resolve) => {
    const shown = h("dialog", { class: "sheet", "aria-label": title });
    const close = (value) => {
      shown.close();
      shown.remove();
      resolve(value);
    };
    shown.addEventListener("cancel", (event) => {
      event.preventDefault();
      close(null);
    });
    const head = h("h2", {}, symbol ? icon(symbol) : null, h("span", {}, title));
    shown.append(head, ...[build(close)].flat());
    document.body.append(shown);
    shown.showModal();
  });
}

/** Takes away whatever is open: the person has left. */
export function closeAll() {
  for (const open of document.querySelectorAll("dialog")) open.dispatchEvent(new Event("cancel"));
}

function dialog({ symbol, title, text }, buttons) {
  return sheet(
    title,
    (close) => [
      text ? h("p", {}, text) : null,
      h(
        "div",
        { class: "buttons" },
        buttons.map(({ label, value, kind }) => h("button", { class: kind, onclick: () => close(value) }, label)),
      ),
    ].filter(Boolean),
    symbol,
  );
}
