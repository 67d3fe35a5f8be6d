// The home screen: a tile for every app that is installed and allowed, and what belongs to the person.

import { fill, h, icon } from "./dom.js";
import { lookButtons } from "./sign_in.js";
import { number, t } from "./texts.js";

/** Show it; everything comes from what signing in has answered. */
export function showHome(panel, root) {
  const { home } = panel;
  panel.title(home.name);
  panel.actions(...lookButtons(panel));
  if (!home.tiles.length) {
    fill(root, h("div", { class: "ended" }, icon("info"), h("h2", {}, t("There is nothing to do here.")), h("p", {}, t("No app is installed on this printer that you may use. Ask your administrator."))));
    return;
  }
  fill(root, h("nav", { class: `tiles of-${Math.min(home.tiles.length, 8)}`, "aria-label": t("Apps") }, home.tiles.map((tile) => tileOf(panel, tile))));
}

function tileOf(panel, tile) {
  const count = tile.count ? h("span", { class: "count" }, number(tile.count)) : null;
  return h("button", { class: "tile", onclick: () => panel.go(tile.path) }, icon(tile.icon, "large"), h("span", {}, tile.title), count);
}
