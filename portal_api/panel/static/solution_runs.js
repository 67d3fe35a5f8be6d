// Runs at the panel: how one is going, one's own newest ones, and scans that were not sent.

import { fill, h, icon, redraw } from "./dom.js";
import { moment, number, t } from "./texts.js";

const STEP_SYMBOLS = { COMPLETED: "check", FAILED: "warning", CANCELLED: "close", RUNNING: "play", PENDING: "more" };
const RUN_SYMBOLS = { COMPLETED: "check", COMPLETED_WITH_ERRORS: "warning", FAILED: "warning", CANCELLED: "close" };

/** How a run is going; the panel can be left at any time, the run goes on. */
export async function showRun(panel, root, id) {
  const watch = () => panel.call("PUT", `panel-runs/${id}/watch`);
  const first = await panel.run(watch);
  if (!first) return panel.back();
  const draw = (run) => redraw(root, () => fill(root, runScreen(panel, run)));
  draw(first);
  panel.on("run", (run) => run.id === id && draw(run));
  panel.on("hello", async () => draw(await watch())); // the stream was opened anew, perhaps by another process
  return undefined;
}

function runScreen(panel, run) {
  panel.title(run.solution_name);
  const cancel = async () => {
    if (await panel.ask(t("Cancel this run?"), t("What was delivered already stays delivered."), t("Cancel the run"), "danger"))
      await panel.run(() => panel.call("POST", `panel-runs/${run.id}/cancel`));
  };
  const head = run.is_final
    ? h("div", { class: `run-end ${run.state.toLowerCase()}` }, icon(RUN_SYMBOLS[run.state], "large"), h("h2", {}, run.state_title))
    : h("div", { class: "run-end" }, h("progress", {}), h("h2", {}, run.is_being_cancelled ? t("Is being cancelled") : run.state_title), h("p", { class: "quiet" }, t("You can leave: the run goes on.")));
  return h("div", { class: "wizard" },
    h("div", { class: "wizard-body" }, h("div", { role: "status" }, head),
      run.error ? h("p", { class: "note warning" }, icon("warning"), h("span", {}, `${run.error.message} ${run.error.remedy}`)) : null,
      h("ol", { class: "summary" }, run.steps.map(stepLine))),
    h("div", { class: "wizard-foot" },
      run.is_final || run.is_being_cancelled ? null : h("button", { class: "plain", onclick: cancel }, icon("close"), t("Cancel")),
      h("button", { class: "plain", onclick: () => panel.back() }, t("Solutions")),
      h("button", { class: "primary next", onclick: () => panel.homeScreen() }, icon("check"), run.is_final ? t("Done") : t("Leave"))));
}

function stepLine(step) {
  const trouble = step.error ? `${step.error.message} ${step.error.remedy}` : step.message;
  const bar = step.state === "RUNNING" ? h("progress", step.total > 0 ? { max: step.total, value: step.done } : {}) : null;
  return h("li", { class: step.state.toLowerCase() }, icon(STEP_SYMBOLS[step.state]), h("div", {}, h("strong", {}, step.title), bar, trouble ? h("p", { class: "quiet" }, trouble) : null));
}

/** The person's own newest runs. */
export async function showRuns(panel, root) {
  const runs = await panel.run(() => panel.call("GET", "panel-runs"));
  if (!runs) return panel.back();
  panel.title(t("My runs"));
  const lines = runs.map((run) => h("li", { class: "solution" }, h("button", { class: "open", onclick: () => panel.go(`/solutions/run/${run.id}`) },
    h("span", { class: "name" }, run.solution_name), h("span", { class: "quiet" }, `${run.document} · ${moment(run.created)}`), h("span", { class: "quick" }, icon(RUN_SYMBOLS[run.state] ?? "play"), run.state_title))));
  fill(root, h("div", { class: "solutions" }, lines.length ? h("ul", {}, lines) : h("div", { class: "ended" }, icon("info"), h("h2", {}, t("You have not run a solution yet.")))));
  return undefined;
}

/** Scans that were not sent, from any printer. */
export async function showKept(panel, root) {
  const drafts = await panel.run(() => panel.call("GET", "run-drafts"));
  if (!drafts) return panel.back();
  panel.title(t("Scans that were not sent"));
  const discard = async (draft) => {
    if (!(await panel.ask(t("Throw this scan away?"), draft.file_name, t("Throw away"), "danger"))) return;
    await panel.run(() => panel.call("DELETE", `run-drafts/${draft.id}`));
    await showKept(panel, root);
  };
  const lines = drafts.map((draft) => {
    const pages = draft.scan?.pages.length;
    const facts = [pages ? t("Pages: {count}", { count: number(pages) }) : null, draft.printer_name, moment(draft.created)].filter(Boolean).join(" · ");
    return h("li", { class: "solution" },
      h("button", { class: "open", onclick: () => panel.go(`/solutions/draft/${draft.id}`) }, h("span", { class: "name" }, draft.solution_name), h("span", { class: "quiet" }, facts), draft.trouble ? h("span", { class: "complaint" }, draft.trouble.message) : null),
      h("button", { class: "bar-button", "aria-label": t("Throw away"), onclick: () => discard(draft) }, icon("delete")));
  });
  fill(root, h("div", { class: "solutions" }, lines.length ? h("ul", {}, lines) : h("div", { class: "ended" }, icon("check"), h("h2", {}, t("Everything was sent.")))));
  return undefined;
}
