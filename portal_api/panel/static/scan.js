// Scan: choose one destination, name the file and its folder, scan, look at the pages, send.

import { fill, h, icon, redraw } from "./dom.js";
import { keyboard } from "./keyboard.js";
import { number, t } from "./texts.js";

const MB = 1048576;
const SYMBOLS = { email: "mail", folder: "folder" };

/** The app. */
export async function open(panel, root) {
  const app = new ScanApp(panel, root);
  panel.on("scan", (news) => app.hearScan(news));
  panel.on("delivery", (news) => app.hearDelivery(news));
  await app.load();
}

class ScanApp {
  constructor(panel, root) {
    Object.assign(this, { panel, root, destinations: [], one: null, scan: null, delivery: null });
    this.reset();
  }

  reset() {
    Object.assign(this, { name: "", folder: null, settings: {} });
  }

  async load() {
    fill(this.root, h("p", { class: "waiting" }, t("One moment …")));
    const told = await this.panel.run(() => this.panel.call("GET", "scan"));
    if (!told) return this.panel.homeScreen();
    this.destinations = told.destinations;
    if (told.scan && (await this.goOn(told.scan))) return undefined;
    return this.showDestinations();
  }

  /** A scan made here before was not sent: go on with it, or throw it away. */
  async goOn(scan) {
    const one = this.destinations.find(({ id }) => id === scan.destination_id);
    if (!one) return false;
    const yes = await this.panel.ask(t("A scan for “{name}” was not sent.", { name: one.name }), t("Pages: {count}. It is kept until it is sent or thrown away.", { count: number(scan.pages.length) }), t("Go on"));
    if (!yes) return false;
    Object.assign(this, { one, scan });
    this.showScan();
    return true;
  }

  screen(content, forward, middle = [], back = null) {
    const leave = h("button", { class: "plain", onclick: back ?? (() => this.panel.homeScreen()) }, icon("back"), t("Back"));
    fill(this.root, h("div", { class: "sc-screen" }, h("div", { class: "sc-body" }, content), h("div", { class: "sc-foot" }, leave, middle, forward)));
  }

  // --- destinations

  showDestinations() {
    Object.assign(this, { one: null, scan: null, delivery: null });
    this.reset();
    this.panel.title(t("Scan"));
    if (!this.destinations.length) {
      fill(this.root, h("div", { class: "ended" }, icon("folder", "huge"), h("h2", {}, t("There is nowhere to scan to.")), h("p", {}, t("Scan destinations are made in the portal. Ask your administrator."))));
      return;
    }
    const row = (one) => h("li", {}, h("button", { class: "sc-place", onclick: () => this.choose(one) },
      icon(SYMBOLS[one.service] ?? "share"), h("strong", {}, one.name),
      h("span", { class: "quiet" }, [one.service_title, one.description || one.place].filter(Boolean).join(" · ")),
      one.is_ready ? null : h("span", { class: "must" }, t("Sign in first"))));
    fill(this.root, h("div", { class: "sc-body" }, h("ul", { class: "sc-places", "aria-label": t("Scan destinations") }, this.destinations.map(row))));
  }

  async choose(shown) {
    const one = shown.is_ready ? shown : await this.asNow(shown);
    if (!one) return this.load();
    if (!one.is_ready) return this.instruct(one);
    this.one = one;
    return one.may_name || one.may_choose_folder || one.settings.length ? this.showChoices() : this.showScan();
  }

  /** The destination as it is by now: people sign in to the provider while they stand here. */
  async asNow({ id }) {
    const told = await this.panel.run(() => this.panel.call("GET", "scan"));
    if (told) this.destinations = told.destinations;
    return this.destinations.find((one) => one.id === id);
  }

  async instruct(one) {
    const yes = await this.panel.ask(t("You are not signed in to {provider}.", { provider: one.service_title }),
      t("We can mail you how to sign in. It takes a minute on your phone or computer."), t("E-mail"));
    if (!yes) return;
    const done = await this.panel.run(async () => (await this.panel.call("POST", `scan/destinations/${one.id}/instructions`), true));
    if (done) this.panel.message(t("The instructions are on their way to you."), "mail");
  }

  // --- before the scan: file name, folder, settings (SCAN-112, SCAN-113)

  showChoices() {
    const { one } = this;
    this.panel.title(one.name);
    const lines = [];
    if (one.may_name) lines.push(this.line(t("File name"), this.name || (one.appends_time ? t("{name} with date and time", { name: one.file_name }) : one.file_name), () => this.typeName()));
    if (one.may_choose_folder) lines.push(this.line(t("Folder"), this.folder === null ? one.place : `/${this.folder}`, () => this.chooseFolder(null)));
    for (const field of one.settings) {
      const value = this.settings[field.name] ?? field.value;
      const shown = field.choices.length ? field.choices.find((choice) => choice.value === value)?.title : value ? t("Yes") : t("No");
      lines.push(this.line(field.title, shown, () => this.chooseSetting(field, value)));
    }
    this.screen(lines, h("button", { class: "primary next", onclick: () => this.showScan() }, t("Next")), [], () => this.showDestinations());
  }

  line(title, shown, press) {
    return h("div", { class: "sc-line" }, h("span", {}, title), h("button", { class: "opened", "aria-label": `${title}: ${shown}`, onclick: press }, shown, icon("more")));
  }

  async typeName() {
    const input = h("input", { "aria-label": t("File name"), autocomplete: "off", spellcheck: "false", maxlength: 128, value: this.name });
    const typed = await this.panel.sheet(t("File name"), (close) => [
      h("div", { class: "field" }, input), keyboard([input], () => close({ name: input.value }), document.documentElement.lang),
      h("div", { class: "buttons" }, h("button", { class: "plain", onclick: () => close(null) }, t("Cancel")), h("button", { class: "primary", onclick: () => close({ name: input.value }) }, t("OK"))),
    ]);
    if (!typed) return;
    this.name = typed.name.trim();
    this.showChoices();
  }

  async chooseSetting(field, value) {
    if (!field.choices.length) {
      this.settings[field.name] = !value;
      return this.showChoices();
    }
    const chosen = await this.panel.sheet(field.title, (close) => [
      h("div", { class: "choices" }, field.choices.map((choice) => h("button", { class: choice.value === value ? "choice on" : "choice", onclick: () => close({ value: choice.value }) }, choice.title))),
      h("div", { class: "buttons" }, h("button", { class: "plain", onclick: () => close(null) }, t("Cancel"))),
    ]);
    if (chosen) this.settings[field.name] = chosen.value;
    return this.showChoices();
  }

  /** The folders at `path` from the top; null: in the destination's own folder. */
  async chooseFolder(path) {
    const { one } = this;
    const names = await this.panel.run(() => this.panel.call("POST", `scan/destinations/${one.id}/folders`, { path }));
    if (names === undefined && path !== null) return undefined;
    const at = path ?? one.path;
    const enter = (name) => [at, name].filter(Boolean).join("/");
    const chosen = await this.panel.sheet(`/${at}`, (close) => [
      names === undefined ? h("p", {}, t("Choose a different folder.")) : h("ul", { class: "sc-folders", "aria-label": t("Folders") }, names.map((name) => h("li", {}, h("button", { onclick: () => close({ go: enter(name) }) }, icon("folder"), name)))),
      names?.length === 0 ? h("p", { class: "quiet" }, t("There is no folder in this one.")) : null,
      h("div", { class: "buttons" },
        h("button", { class: "plain", onclick: () => close(null) }, t("Cancel")),
        h("button", { class: "plain", disabled: path !== null && !at, onclick: () => close({ go: names === undefined ? "" : at.split("/").slice(0, -1).join("/") }) }, names === undefined ? t("Top folder") : t("Up")),
        names === undefined ? null : h("button", { class: "primary", onclick: () => close({ take: at }) }, t("Select folder"))),
    ].filter(Boolean), "folder");
    if (chosen?.go !== undefined) return this.chooseFolder(chosen.go);
    if (chosen) this.folder = chosen.take;
    return this.showChoices();
  }

  // --- the scan

  showScan() {
    const { one, scan } = this;
    this.panel.title(one.name);
    const pages = scan?.pages.filter((page) => page.is_complete) ?? [];
    const isBusy = scan?.is_busy ?? false;
    const isTooLarge = (scan?.size ?? 0) > one.limit;
    const note = (kind, symbol, text) => h("p", { class: `sc-note ${kind}`, role: kind === "bad" ? "alert" : "status" }, icon(symbol), h("span", {}, text));
    const content = [
      scan?.problem ? note("bad", "warning", `${scan.problem.message} ${scan.problem.remedy}`) : null,
      isTooLarge ? note("bad", "warning", t("The scan is larger than the {limit} MB that can be sent. Scan fewer pages, or with a lower resolution.", { limit: number(one.limit / MB) })) : null,
      scan?.left_out.length ? note("", "info", t("This printer cannot do: {names}.", { names: scan.left_out.join(", ") })) : null,
      !pages.length && !isBusy ? h("div", { class: "sc-put" }, icon("scan", "huge"), h("h2", {}, t("Put the original into the feeder or on the glass"))) : null,
      isBusy ? note("", "scan", pages.length ? t("{title} · pages so far: {count}", { title: scan.state_title, count: number(pages.length) }) : scan.state_title) : null,
      pages.length ? h("ul", { class: "sc-pages", "aria-label": t("Scanned pages") }, pages.map((page) => h("li", {}, h("img", { src: `/panel/api/scan/scans/${scan.id}/pages/${page.number}/preview`, alt: t("Page {number}", { number: number(page.number) }) }), h("span", {}, number(page.number))))) : null,
    ];
    const again = pages.length && !isBusy ? h("button", { class: "plain", onclick: () => this.scanNow() }, icon("plus"), t("Scan next page")) : null;
    const main = pages.length
      ? h("button", { class: "primary next", disabled: isBusy || isTooLarge, onclick: () => this.send() }, icon("play"), t("Send"))
      : h("button", { class: "primary next", disabled: isBusy, onclick: () => this.scanNow() }, icon("scan"), t("Scan"));
    this.screen(content, main, again ? [again] : [], () => this.leaveScan());
  }

  async scanNow() {
    const settings = Object.keys(this.settings).length ? this.settings : null;
    const path = this.scan ? `scan/scans/${this.scan.id}/next` : `scan/destinations/${this.one.id}/scans`;
    const scan = await this.panel.run(() => this.panel.call("POST", path, { settings }));
    if (!scan) return;
    this.scan = scan;
    this.showScan();
  }

  hearScan(news) {
    if (news.id !== this.scan?.id || this.delivery) return;
    this.scan = news;
    if (news.is_busy) this.panel.stay(); // a feeder takes longer than people touch the screen
    redraw(this.root, () => (this.scan === news && !this.delivery ? this.showScan() : null));
  }

  async leaveScan() {
    if (this.scan?.pages.length) {
      if (!(await this.panel.ask(t("Throw this scan away?"), t("Its pages are deleted."), t("Throw away"), "danger"))) return;
      await this.panel.run(() => this.panel.call("DELETE", `scan/scans/${this.scan.id}`));
    }
    this.showDestinations();
  }

  // --- on its way

  async send() {
    const given = { file_name: this.name, folder: this.folder };
    const delivery = await this.panel.run(() => this.panel.call("POST", `scan/scans/${this.scan.id}/send`, given));
    if (!delivery) return this.showScan();
    this.delivery = delivery;
    return this.showDelivery();
  }

  hearDelivery(news) {
    if (news.id !== this.delivery?.id) return;
    this.delivery = news;
    redraw(this.root, () => (this.delivery === news ? this.showDelivery() : null));
  }

  showDelivery() {
    const { delivery } = this;
    const arrived = delivery.state === "COMPLETED";
    const trouble = delivery.problem;
    const title = arrived ? t("Sent to “{name}”", { name: delivery.destination }) : delivery.is_kept ? t("It is kept and sent again by itself.") : delivery.ended ? t("It was not sent.") : t("On its way to “{name}”", { name: delivery.destination });
    this.screen(
      [
        h("div", { class: "sc-put", role: "status" }, icon(arrived ? "check" : trouble ? "warning" : "share", "huge"), h("h2", {}, title), h("p", { class: "quiet" }, delivery.name),
          delivery.ended || delivery.is_kept ? null : h("p", { class: "quiet" }, t("You can leave: it goes on."))),
        trouble ? h("p", { class: "sc-note bad" }, icon("warning"), h("span", {}, `${trouble.message} ${trouble.remedy}`)) : null,
      ],
      h("button", { class: "primary next", onclick: () => this.panel.homeScreen() }, icon("check"), t("Done")),
      [h("button", { class: "plain", onclick: () => this.showDestinations() }, icon("scan"), t("Scan again"))],
      () => this.showDestinations(),
    );
  }
}
