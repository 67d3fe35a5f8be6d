// The home screen: a tile for every app that is installed and allowed, and what belongs to the person.

import { fill, h, icon } from "./dom.js";
import { lookButtons } from "./sign_in.js";
import { number, t } from "./texts.js";

/** Show it; everything comes from what signing in has answered. */
export function showHome(panel, root) {
  const { home } = panel;
  panel.title(home.name);
  const quotas = h("button", { class: "bar-button", "aria-label": t("Quotas"), onclick: () => showQuotas(panel) }, icon("quota"));
  panel.actions(panel.start.screen === "small" ? null : quotas, ...lookButtons(panel));
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

/** What the person has used and has left (SC-107). */
async function showQuotas(panel) {
  const quotas = await panel.run(() => panel.call("GET", "quotas"));
  if (!quotas) return;
  const lines = quotas.services.map((one) => line(one.service, t("{count} pages used", { count: number(one.used) }), one.used, one.limit));
  if (quotas.printing) {
    const { limit, impressions, color_impressions: color, left } = quotas.printing;
    const most = left === null ? null : impressions + Math.max(0, left);
    lines.push(line(t("Printing this month"), t("{count} sides used", { count: number(impressions) }), impressions, most));
    if (limit.color_limit !== null && limit.color_limit !== undefined)
      lines.push(line(t("of these in colour"), t("{count} sides used", { count: number(color) }), color, limit.color_limit));
  }
  if (!lines.length) lines.push(h("p", {}, t("You have no quotas: nothing is counted against you.")));
  await panel.sheet(
    t("Quotas"),
    (close) => [h("div", { class: "quotas" }, lines), h("div", { class: "buttons" }, h("button", { class: "primary", onclick: () => close(null) }, t("Close")))],
    "quota",
  );
}

function line(name, used, amount, limit) {
  const rest = limit === null ? t("unlimited") : t("of {count}", { count: number(limit) });
  const meter = limit ? h("meter", { min: 0, max: limit, value: Math.min(amount, limit), "aria-label": name }) : null;
  return h("div", { class: "quota" }, h("strong", {}, name), h("span", { class: "quiet" }, `${used}, ${rest}`), meter);
}
