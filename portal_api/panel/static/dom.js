// Elements without innerHTML: what people or files are called can never become markup.

const VERSION = document.documentElement.dataset.version;

/** An element: h("button", { class: "big", onclick: print, "aria-label": t("Print") }, icon("print"), t("Print")). */
export function h(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (key === "onclick") onPress(element, value);
    else if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (key === "value" || key === "checked") element[key] = value;
    else element.setAttribute(key, value === true ? "" : value);
  }
  element.append(...shown(children));
  return element;
}

/** Calls `press` for a touch. While what it began is under way the button shows so, and no touch begins it twice. */
export function onPress(button, press) {
  button.addEventListener("click", async (event) => {
    if (button.hasAttribute("aria-busy")) return;
    const work = press(event);
    if (!(work instanceof Promise)) return;
    button.setAttribute("aria-busy", "true");
    try {
      await work;
    } finally {
      button.removeAttribute("aria-busy");
    }
  });
}

let isTouched = false;
const waiting = new Map();

/** Draws anew what news changed, but not under a finger: a button that is replaced while it is touched hears nothing. */
export function redraw(root, draw) {
  if (isTouched) waiting.set(root, draw);
  else draw();
}

function lift() {
  isTouched = false;
  const draws = [...waiting.values()];
  waiting.clear();
  for (const draw of draws) draw();
}

document.addEventListener("pointerdown", () => (isTouched = true), true);
for (const name of ["pointerup", "pointercancel"]) document.addEventListener(name, () => setTimeout(lift), true); // after the click

/** A symbol of icons.svg. */
export function icon(name, more = "") {
  const space = "http://www.w3.org/2000/svg";
  const picture = document.createElementNS(space, "svg");
  picture.setAttribute("class", `icon ${more}`.trim());
  picture.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(space, "use");
  use.setAttribute("href", file(`icons.svg#${name}`));
  picture.append(use);
  return picture;
}

/** The address of a static file of the panel. */
export function file(name) {
  return `/panel/static/${VERSION}/${name}`;
}

/** Puts `children` in place of what `parent` holds. */
export function fill(parent, ...children) {
  parent.replaceChildren(...shown(children));
}

function shown(children) {
  return children.flat(3).filter((child) => child !== null && child !== undefined && child !== false);
}
