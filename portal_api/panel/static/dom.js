// Elements without innerHTML: what people or files are called can never become markup.

const VERSION = document.documentElement.dataset.version;

/** An element: h("button", { class: "big", onclick: print, "aria-label": t("Print") }, icon("print"), t("Print")). */
export function h(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (key === "value" || key === "checked") element[key] = value;
    else element.setAttribute(key, value === true ? "" : value);
  }
  element.append(...shown(children));
  return element;
}

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
