// Print release: the jobs that wait, their settings, printing and its progress. A small screen releases everything.

import { fill, h, icon, redraw } from "./dom.js";
import { moment, number, t } from "./texts.js";

const COLOR_QUOTA = "print_quota.colour_quota_exceeded";
const MOST_COPIES = 999;

/** `rest` is the id of a release that was begun at sign-in. */
export async function open(panel, root, rest) {
  const app = new ReleaseApp(panel, root);
  await app.load(rest);
}

class ReleaseApp {
  constructor(panel, root) {
    Object.assign(this, { panel, root, jobs: [], owners: [], owner: "", chosen: new Set(), keep: false, release: null });
    this.isSmall = panel.start.screen === "small";
  }

  async load(releaseId) {
    fill(this.root, h("p", { class: "waiting" }, t("One moment …")));
    const told = await this.panel.run(() => this.panel.call("GET", "release"));
    if (!told) return this.panel.homeScreen();
    Object.assign(this, { offer: told.offer, jobs: told.jobs, owners: told.owners, release: told.release, queue: told.queue });
    this.marks = new Map([[told.queue.owner_id, told.queue.mark]]);
    this.panel.on("queue", (news) => this.queueChanged(news));
    if (releaseId && this.release?.id !== releaseId) {
      this.release = (await this.panel.run(() => this.panel.call("GET", `release/releases/${releaseId}`))) ?? null;
    }
    if (this.release) this.followRelease();
    this.show();
  }

  show() {
    if (this.release) this.showRelease();
    else if (this.isSmall) this.showSmall();
    else this.showList();
  }

  // --- the list

  showList() {
    if (!this.jobs.length && !this.owners.length) {
      fill(this.root, h("div", { class: "ended" }, icon("document", "huge"), h("h2", {}, t("Nothing waits to be printed.")),
        this.coming() ?? h("p", {}, t("Send a document to your print queue; it appears here."))));
      return;
    }
    this.list = h("ul", { class: "jobs", "aria-label": t("Jobs") }, this.jobs.map((job) => this.row(job)));
    if (!this.jobs.length) this.list.append(h("li", { class: "none" }, t("Nothing waits to be printed.")));
    this.buttons = h("footer", { class: "foot" });
    fill(this.root, h("div", { class: "release" }, this.owners.length ? this.whose() : null, this.list, this.coming(), this.buttons));
    this.drawButtons();
  }

  whose() {
    const one = (id, name, symbol) =>
      h("button", { class: id === this.owner ? "tab on" : "tab", "aria-pressed": String(id === this.owner), onclick: () => this.showOwner(id) },
        icon(symbol), h("span", {}, name));
    return h("nav", { class: "tabs", "aria-label": t("Whose jobs") },
      one("", t("My jobs"), "person"), this.owners.map(({ id, name }) => one(id, name, "people")));
  }

  async showOwner(owner) {
    const jobs = await this.panel.run(() => this.panel.call("GET", `release/jobs?owner_id=${owner}`));
    if (!jobs) return;
    Object.assign(this, { owner, jobs, chosen: new Set() });
    this.marks.delete(owner);
    this.showList();
  }

  /** Jobs came in, were converted, were printed elsewhere, or are gone: the list follows, what is chosen stays chosen. */
  async queueChanged(news) {
    const owner = news.owner_id === this.queue.owner_id ? "" : news.owner_id;
    const isKnown = this.marks.get(news.owner_id) === news.mark;
    this.marks.set(news.owner_id, news.mark);
    if (!owner) this.queue = news;
    if (isKnown || owner !== this.owner || this.release) return;
    const jobs = await this.panel.call("GET", `release/jobs?owner_id=${owner}`).catch(() => null); // the next news tries again
    if (!jobs) return this.marks.delete(news.owner_id);
    redraw(this.root, () => this.takeJobs(jobs, owner));
    return undefined;
  }

  takeJobs(jobs, owner) {
    if (owner !== this.owner || this.release) return;
    const top = this.list?.scrollTop ?? 0;
    const there = new Set(jobs.map((job) => job.id));
    this.chosen = new Set([...this.chosen].filter((id) => there.has(id)));
    this.jobs = jobs;
    this.show();
    if (this.list?.isConnected) this.list.scrollTop = top;
  }

  coming() {
    const { coming } = this.queue;
    if (!coming || this.owner) return null;
    return h("p", { class: "quiet coming", role: "status" }, coming === 1 ? t("1 document is on its way.") : t("{count} documents are on their way.", { count: number(coming) }));
  }

  row(job) {
    const isChosen = this.chosen.has(job.id);
    return h("li", {},
      h("button", { class: isChosen ? "job on" : "job", role: "checkbox", "aria-checked": String(isChosen), "aria-label": job.name,
        onclick: (event) => this.tick(job.id, event.currentTarget) },
      h("span", { class: "box" }, icon("check")),
      h("span", { class: "words" }, h("strong", {}, job.name), h("span", { class: "quiet" }, this.about(job))),
      h("span", { class: "quiet time" }, moment(job.submitted))));
  }

  about(job) {
    const { ticket } = job;
    const isColor = ticket.color_mode === "color" || (ticket.color_mode !== "monochrome" && job.is_color);
    return [
      job.pages === null ? null : job.pages === 1 ? t("1 page") : t("{count} pages", { count: number(job.pages) }),
      isColor ? t("Colour") : t("Black and white"),
      (ticket.sides ?? job.sides ?? "").startsWith("two") ? t("Both sides") : null,
      ticket.copies > 1 ? t("{count} copies", { count: number(ticket.copies) }) : null,
      job.state === "kept" ? t("kept") : null,
    ].filter(Boolean).join(" · ");
  }

  tick(id, button) {
    const isChosen = !this.chosen.has(id);
    this.chosen[isChosen ? "add" : "delete"](id);
    button.classList.toggle("on", isChosen);
    button.setAttribute("aria-checked", String(isChosen));
    this.drawButtons();
  }

  drawButtons() {
    const count = this.chosen.size;
    const isOwn = this.owner === "";
    const button = (kind, symbol, label, press, isOff) => h("button", { class: kind, disabled: isOff, onclick: press }, icon(symbol), h("span", {}, label));
    fill(this.buttons,
      isOwn ? button("plain", "delete", t("Delete"), () => this.deleteChosen(), count === 0) : null,
      isOwn ? button("plain", "settings", t("Settings"), () => this.changeOne(), count !== 1) : null,
      this.offer.print_and_keep && isOwn ? h("button", { class: this.keep ? "plain toggle on" : "plain toggle", role: "switch", "aria-checked": String(this.keep),
        onclick: () => ((this.keep = !this.keep), this.drawButtons()) }, h("span", { class: "box" }, icon("check")), h("span", {}, t("Keep"))) : null,
      h("span", { class: "spring" }),
      isOwn && count === 0
        ? button("primary", "print", t("Print all"), () => this.print({ everything: true }), !this.jobs.some((job) => job.state === "held"))
        : button("primary", "print", t("Print ({count})", { count: number(count) }), () => this.print({ job_ids: this.inOrder() }), count === 0));
  }

  inOrder() {
    return this.jobs.map((job) => job.id).filter((id) => this.chosen.has(id));
  }

  async deleteChosen() {
    const ids = this.inOrder();
    const title = ids.length === 1 ? t("Delete this job?") : t("Delete {count} jobs?", { count: number(ids.length) });
    if (!(await this.panel.ask(title, t("It cannot be brought back."), t("Delete"), "danger"))) return;
    const before = this.jobs;
    this.jobs = before.filter((job) => !this.chosen.has(job.id));
    this.chosen.clear();
    this.showList();
    const isDone = await this.panel.run(async () => (await this.panel.call("POST", "release/deletions", ids), true));
    if (isDone) return this.panel.message(t("Deleted."));
    this.jobs = before;
    return this.showList();
  }

  // --- the settings of one job

  async changeOne() {
    const job = this.jobs.find((one) => this.chosen.has(one.id));
    const wanted = {};
    const changes = await this.panel.sheet(job.name, (close) => [
      h("div", { class: "settings" },
        this.offer.change_copies ? setting(t("Copies"), stepper(job.ticket.copies ?? 1, (value) => (wanted.copies = value))) : null,
        job.is_color === false ? null : setting(t("Colour"), choice([["color", t("Colour")], ["monochrome", t("Black and white")]],
          job.ticket.color_mode === "monochrome" ? "monochrome" : "color", (value) => (wanted.color_mode = value))),
        setting(t("Sides"), choice([["one-sided", t("One side")], ["two-sided-long-edge", t("Both sides")]],
          job.ticket.sides ?? job.sides, (value) => (wanted.sides = value))),
        setting(t("Staple"), choice([["none", t("None")], ["staple", t("Staple")]],
          job.ticket.finishings?.some((one) => one.startsWith("staple")) ? "staple" : "none", (value) => (wanted.staple = value))),
        setting(t("Hole punch"), choice([["none", t("None")], ["punch", t("Punch")]],
          job.ticket.finishings?.some((one) => one.startsWith("punch")) ? "punch" : "none", (value) => (wanted.punch = value)))),
      h("div", { class: "buttons" },
        h("button", { class: "plain", onclick: () => close(null) }, t("Cancel")),
        h("button", { class: "primary", onclick: () => close(wanted) }, t("Save"))),
    ], "settings");
    if (!changes || !Object.keys(changes).length) return;
    const changed = await this.panel.run(() => this.panel.call("PATCH", `release/jobs/${job.id}`, changes));
    if (!changed) return;
    this.jobs = this.jobs.map((one) => (one.id === changed.id ? changed : one));
    this.showList();
  }

  // --- printing

  async print(given) {
    const names = given.everything ? this.jobs.filter((job) => job.state === "held") : this.jobs.filter((job) => given.job_ids.includes(job.id));
    this.release = { id: "", state: "running", grace_until: null, is_being_cancelled: false, ended: null,
      jobs: names.map((job) => ({ job_id: job.id, name: job.name, state: "claimed", impressions: 0, forced: [], trouble: null, error: null })) };
    this.showRelease(); // at once; what the portal says follows
    const release = await this.panel.run(() => this.panel.call("POST", "release/releases", { keep: this.keep, ...given }));
    if (!release) {
      this.release = null;
      return this.again();
    }
    this.chosen.clear();
    this.hear(release);
    return this.followRelease();
  }

  /** Hear how it goes on until it has ended. */
  followRelease() {
    const { id } = this.release;
    if (this.release.ended) return;
    this.panel.follow("release", `release/releases/${id}`, (news) => {
      if (news.id !== id) return false;
      this.hear(news);
      return Boolean(news.ended) || this.release?.id !== id;
    });
  }

  hear(release) {
    if (this.release && (this.release.id === release.id || !this.release.id)) {
      this.release = release;
      redraw(this.root, () => (this.release === release ? this.showRelease() : null));
    }
  }

  showRelease() {
    const { release } = this;
    const isOver = Boolean(release.ended);
    const printed = release.jobs.reduce((sum, job) => sum + job.impressions, 0);
    const noColor = release.jobs.filter((job) => job.error?.code === COLOR_QUOTA).map((job) => job.job_id);
    const button = (kind, label, press) => h("button", { class: kind, onclick: press }, label);
    clearInterval(this.clock);
    const head = h("h2", {}, this.words(release));
    if (release.grace_until) this.clock = setInterval(() => head.isConnected ? (head.textContent = this.words(this.release)) : clearInterval(this.clock), 250);
    fill(this.root,
      h("div", { class: "release" },
        h("div", { class: "progress", role: "status" }, isOver ? icon(release.state === "completed" ? "check" : "warning", "large") : h("span", { class: "spinner" }),
          h("div", {}, head, h("p", { class: "quiet" }, printed === 1 ? t("1 side") : t("{count} sides", { count: number(printed) })))),
        h("ul", { class: "jobs", "aria-label": t("Jobs") }, release.jobs.map((job) => this.printedRow(job))),
        h("footer", { class: "foot" },
          isOver && noColor.length ? button("plain", t("Print in black and white"), () => this.print({ job_ids: noColor, changes: { color_mode: "monochrome" } })) : null,
          h("span", { class: "spring" }),
          isOver
            ? [this.isSmall ? null : button("plain", t("My jobs"), () => this.again()), button("primary", t("Sign out"), () => this.panel.signOut())]
            : button(release.grace_until ? "danger" : "plain", t("Cancel"), () => this.cancel()))));
  }

  words(release) {
    if (release.is_being_cancelled && !release.ended) return t("Cancelling …");
    if (release.grace_until) {
      const left = Math.max(0, Math.ceil((new Date(release.grace_until) - Date.now()) / 1000));
      return t("Your jobs are printed in {seconds} s", { seconds: left });
    }
    return {
      completed: t("Everything was printed."),
      completed_with_errors: t("Not everything was printed."),
      cancelled: t("Cancelled."),
    }[release.state] ?? t("Printing …");
  }

  printedRow(job) {
    const wrong = job.trouble ?? job.error;
    const symbol = wrong ? "warning" : job.state === "printed" ? "check" : "document";
    const forced = job.forced.map((one) => one.reason);
    return h("li", {}, h("div", { class: wrong ? "job wrong" : job.state === "printed" ? "job done" : "job" }, icon(symbol),
      h("span", { class: "words" }, h("strong", {}, job.name),
        wrong ? h("span", {}, `${wrong.message} ${wrong.remedy}`) : h("span", { class: "quiet" }, [this.stateWords(job), ...forced].join(" · ")))));
  }

  stateWords(job) {
    const sides = job.impressions === 1 ? t("1 side") : t("{count} sides", { count: number(job.impressions) });
    if (job.state === "printed") return `${t("Printed")} · ${sides}`;
    return job.impressions ? `${t("Printing …")} ${sides}` : t("Waiting");
  }

  async cancel() {
    if (!this.release.id) return;
    this.release = { ...this.release, is_being_cancelled: true };
    this.showRelease();
    const release = await this.panel.run(() => this.panel.call("POST", `release/releases/${this.release.id}/cancel`));
    if (release) this.hear(release);
  }

  async again() {
    this.release = null;
    this.owner = "";
    const jobs = await this.panel.run(() => this.panel.call("GET", "release/jobs"));
    if (jobs) this.jobs = jobs;
    this.chosen = new Set();
    this.show();
  }

  // --- 2.8 inches: everything or nothing (PR-207)

  showSmall() {
    const waiting = this.jobs.filter((job) => job.state === "held" && job.kind === "cloud").length;
    if (!waiting) {
      fill(this.root, h("div", { class: "ended" }, icon("document", "huge"), h("h2", {}, t("Nothing waits to be printed."))));
      return;
    }
    const words = waiting === 1 ? t("1 job waits") : t("{count} jobs wait", { count: number(waiting) });
    fill(this.root, h("div", { class: "ended" }, icon("document", "huge"), h("h2", {}, words),
      h("button", { class: "primary", onclick: () => this.print({ everything: true }) }, icon("print"), h("span", {}, t("Print all")))));
  }
}

function setting(label, control) {
  return h("div", { class: "setting" }, h("span", {}, label), control);
}

function choice(options, present, choose) {
  const group = h("div", { class: "choice-row", role: "radiogroup" });
  for (const [value, label] of options) {
    group.append(h("button", { class: value === present ? "choice on" : "choice", role: "radio", "aria-checked": String(value === present),
      onclick: (event) => {
        for (const one of group.children) {
          one.classList.toggle("on", one === event.currentTarget);
          one.setAttribute("aria-checked", String(one === event.currentTarget));
        }
        choose(value);
      } }, label));
  }
  return group;
}

function stepper(present, choose) {
  let value = present;
  const shown = h("output", { "aria-live": "polite" }, number(value));
  const step = (by) => {
    value = Math.min(MOST_COPIES, Math.max(1, value + by));
    shown.textContent = number(value);
    choose(value);
  };
  return h("div", { class: "stepper" },
    h("button", { class: "key", "aria-label": t("Fewer"), onclick: () => step(-1) }, icon("minus")), shown,
    h("button", { class: "key", "aria-label": t("More"), onclick: () => step(1) }, icon("plus")));
}
