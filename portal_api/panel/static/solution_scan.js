// The scan of a run: pages with their pictures, the next ones, how large it is, Send.

import { fill, h, icon, redraw } from "./dom.js";
import { number, t } from "./texts.js";

const MB = 1048576;

/** The last screen of the wizard. A quick run needs one touch here: scan and send. */
export function scanScreen(wizard) {
  const { panel, solution } = wizard;
  const body = h("div", { class: "scan-body" });
  const again = h("button", { class: "plain", onclick: () => scan(false) });
  let press = () => null;
  const main = h("button", { class: "primary next", onclick: () => press() });
  let source = null;
  let sends = false;

  const listen = () => {
    source?.close();
    source = new EventSource(`/panel/api/run-drafts/${wizard.draft.id}/events`);
    source.addEventListener("draft", (event) => {
      wizard.draft = JSON.parse(event.data);
      if (isBusy()) panel.stay(); // a feeder takes longer than people touch the screen
      if (wizard.draft.scan?.problem) sends = false; // seen by the person, who decides
      redraw(body, draw);
    });
    source.addEventListener("end", () => {
      source.close();
      source = null;
      return scanned();
    });
    source.addEventListener("error", () => {
      if (source?.readyState === EventSource.CLOSED) look();
    });
  };

  const look = async () => {
    const draft = await panel.run(() => panel.call("GET", `run-drafts/${wizard.draft.id}`));
    if (!draft) return;
    wizard.draft = draft;
    if (!draft.scan?.is_busy) await scanned();
    else {
      redraw(body, draw);
      listen();
    }
  };

  /** The printer is done: a quick run goes on by itself, however it became known. */
  const scanned = async () => {
    const goesOn = sends && pages().length > 0 && !wizard.draft.scan.problem && body.isConnected;
    sends = false;
    if (goesOn) await send();
    else redraw(body, draw);
  };

  const scan = async (andSend) => {
    if (!(await kept())) return;
    sends = andSend;
    const draft = await panel.run(() => panel.call("POST", `run-drafts/${wizard.draft.id}/scan`, { source: "auto" }));
    if (!draft) return;
    wizard.draft = draft;
    draw();
    listen();
  };

  /** What was chosen is kept at the portal; after going back and changing something, anew. */
  const kept = () => wizard.keep();

  const send = async () => {
    main.disabled = true;
    const run = (await kept()) ? await wizard.ask(() => panel.call("POST", `run-drafts/${wizard.draft.id}/send`)) : undefined;
    if (run) panel.instead(`/solutions/run/${run.id}`);
    else draw();
  };

  const pages = () => (wizard.draft?.scan?.pages ?? []).filter((page) => page.is_complete);
  const isBusy = () => wizard.draft?.scan?.is_busy ?? false;

  const draw = () => {
    const draft = wizard.draft;
    const received = draft?.received ?? 0;
    const count = pages().length;
    const has = count > 0 || received > 0;
    const size = draft?.scan?.size ?? received;
    const isTooLarge = has && draft.limit !== null && size > draft.limit;
    const trouble = draft?.scan?.problem ?? draft?.trouble;
    fill(
      body,
      trouble ? h("p", { class: "note warning", role: "alert" }, icon("warning"), h("span", {}, `${trouble.message} ${trouble.remedy}`)) : null,
      isTooLarge ? h("p", { class: "note warning", role: "alert" }, icon("warning"), h("span", {}, t("The scan is larger than the {limit} MB that this solution takes. Send fewer pages, or scan with a lower resolution.", { limit: number(draft.limit / MB) }))) : null,
      !has && !isBusy() ? h("div", { class: "put" }, icon("scan", "huge"), h("h2", {}, t("Put the original into the feeder or on the glass")), h("p", { class: "quiet" }, solution.name)) : null,
      isBusy() ? h("p", { class: "note", role: "status" }, h("progress", {}), h("span", {}, count ? t("{title} · pages so far: {count}", { title: draft.scan.title, count: number(count) }) : draft.scan.title)) : null,
      count ? h("ul", { class: "pages", "aria-label": t("Scanned pages") }, pages().map((page) => h("li", {}, h("img", { src: `/panel/api/run-drafts/${draft.id}/pages/${page.number}/preview`, alt: t("Page {number}", { number: page.number }) }), h("span", {}, number(page.number))))) : null,
      has && !isBusy() ? h("p", { class: "quiet measure" }, count ? t("Pages: {count} · {size} MB", { count: number(count), size: number(Math.max(0.1, Math.round((size / MB) * 10) / 10)) }) : t("A document of {size} MB is ready to be sent.", { size: number(Math.max(0.1, Math.round((size / MB) * 10) / 10)) })) : null,
      count > 1 && draft.format === "JPEG" ? h("p", { class: "quiet measure" }, t("A JPEG holds one page: these are sent as a PDF.")) : null,
    );
    const mayAdd = !received && !isBusy();
    again.hidden = !mayAdd || (!has && wantsLook());
    fill(again, icon("plus"), has ? t("Scan next page") : t("Scan"));
    main.disabled = isBusy() || isTooLarge;
    fill(main, ...(has ? [icon("play"), t("Send")] : wantsLook() ? [icon("scan"), t("Scan")] : [icon("play"), t("Scan and send")]));
    press = has ? send : () => scan(!wantsLook());
  };

  /** Whether the pages are looked at, or put together, before they are sent. */
  const wantsLook = () => {
    const chosen = solution.file.may_change_settings ? wizard.file.settings : null;
    return Boolean(chosen?.preview || chosen?.custom_job);
  };

  wizard.screen(body, main, [again]);
  draw();
  if (isBusy() || wizard.draft?.scan?.problem) listen(); // pages of a printer that was thought lost come still
  wizard.stop = () => source?.close();
}
