// The Solution Center: the list of solutions, and what its other pages begin with. Addresses behind /solutions:
//   ""  the list · "of/ID"  the screens of a solution · "kept"  scans that were not sent · "draft/ID"  one of them
//   "runs"  one's own runs · "run/ID"  how one is going

import { fill, h, icon } from "./dom.js";
import { openWizard } from "./solution_steps.js";
import { showKept, showRun, showRuns } from "./solution_runs.js";
import { number, t } from "./texts.js";

const GROUPS = ["personal", "organizational", "shared"];
const GROUP_ICONS = { personal: "person", organizational: "people", shared: "share" };

/** Show what stands behind the app's address. */
export function open(panel, root, rest) {
  const [page, id] = rest.split("/");
  if (page === "of") return openWizard(panel, root, id);
  if (page === "draft") return openWizard(panel, root, "", id);
  if (page === "kept") return showKept(panel, root);
  if (page === "runs") return showRuns(panel, root);
  if (page === "run") return showRun(panel, root, id);
  return showList(panel, root);
}

async function showList(panel, root) {
  const list = await panel.run(() => panel.call("GET", "solution-center/solutions"));
  if (!list) return panel.homeScreen();
  panel.actions(
    barButton("quota", t("View quotas"), () => showQuotas(panel)),
    barButton("clock", t("My runs"), () => panel.go("/solutions/runs")),
  );
  const groups = GROUPS.map((type) => ({ type, solutions: list.solutions.filter((one) => one.type === type) })).filter((group) => group.solutions.length);
  fill(
    root,
    h("div", { class: "solutions" },
      list.kept ? h("button", { class: "kept-note", onclick: () => panel.go("/solutions/kept") }, icon("scan"), h("span", {}, list.kept === 1 ? t("A scan was not sent. It is kept.") : t("{count} scans were not sent. They are kept.", { count: number(list.kept) }))) : null,
      groups.length > 1 ? h("nav", { class: "groups", "aria-label": t("Groups") }, groups.map((group) => groupButton(root, group))) : null,
      groups.map((group) => section(panel, group, list.kinds)),
      groups.length ? null : h("div", { class: "ended" }, icon("info"), h("h2", {}, t("There is no solution for you here.")), h("p", {}, t("Solutions that this printer cannot run, or for which you lack a role, are not listed.")))),
  );
  return undefined;
}

function groupTitle(type) {
  return { personal: t("Personal"), organizational: t("Organizational"), shared: t("Shared") }[type];
}

function groupButton(root, { type, solutions }) {
  const press = () => root.querySelector(`#group-${type}`).scrollIntoView();
  return h("button", { class: "group", onclick: press }, icon(GROUP_ICONS[type]), h("span", {}, groupTitle(type)), h("span", { class: "number" }, number(solutions.length)));
}

function section(panel, { type, solutions }, kinds) {
  return h("section", { id: `group-${type}` },
    h("h2", {}, icon(GROUP_ICONS[type]), groupTitle(type)),
    h("ul", {}, solutions.map((one) => line(panel, one, kinds))));
}

function line(panel, solution, kinds) {
  const steps = solution.steps.map((kind) => kinds[kind].title).join(" · ");
  return h("li", { class: "solution" },
    h("button", { class: "open", onclick: () => panel.go(`/solutions/of/${solution.id}`) },
      h("span", { class: "name" }, solution.name),
      h("span", { class: "quiet" }, steps),
      solution.is_quick ? h("span", { class: "quick" }, icon("play"), t("Quick run")) : null),
    h("button", { class: "bar-button", "aria-label": t("View information about {name}", { name: solution.name }), onclick: () => showInformation(panel, solution.id) }, icon("info")));
}

async function showInformation(panel, id) {
  const one = await panel.run(() => panel.call("GET", `solution-center/solutions/${id}`));
  if (!one) return;
  const facts = [
    [t("Description"), one.description || "–"],
    [t("Type"), groupTitle(one.type)],
    [t("Steps"), h("ol", {}, one.steps.map((step) => h("li", {}, step.title)))],
    [t("Default file name"), one.file.name],
  ];
  await panel.sheet(one.name, (close) => [
    h("dl", { class: "facts" }, facts.map(([name, value]) => [h("dt", {}, name), h("dd", {}, value)]).flat()),
    h("div", { class: "buttons" }, h("button", { class: "primary", onclick: () => close(null) }, t("OK"))),
  ], "info");
}

async function showQuotas(panel) {
  const used = await panel.run(() => panel.call("GET", "solution-center/used-pages"));
  if (!used) return;
  const lines = used.map((one) => [h("dt", {}, one.title), h("dd", {}, number(one.used))]).flat();
  await panel.sheet(t("Pages that you have used"), (close) => [
    lines.length ? h("dl", { class: "facts" }, lines) : h("p", {}, t("You have a quota for no service.")),
    h("div", { class: "buttons" }, h("button", { class: "primary", onclick: () => close(null) }, t("OK"))),
  ], "quota");
}

function barButton(symbol, label, press) {
  return h("button", { class: "bar-button", "aria-label": label, onclick: press }, icon(symbol));
}
