// The release panel in a browser: what people touch becomes requests to /panel/v1/ of the same printer.
"use strict";
const small = document.querySelector("[name=badge]") === null;
const byId = (id) => document.getElementById(id);
const WORDS = { waiting_cancel: "Printing begins in a moment", running: "Printing", cancelled: "Cancelled",
  completed: "Printed", completed_with_errors: "Not everything was printed" };

async function ask(method, path, content) {
  const answer = await fetch("/panel/v1/" + path, { method, body: content && JSON.stringify(content),
    headers: content ? { "Content-Type": "application/json" } : {} });
  const text = await answer.text();
  const json = text ? JSON.parse(text) : null;
  if (!answer.ok) throw new Error(json?.reason || text);
  return json;
}

function tell(error) {
  byId("problem").textContent = error ? error.message : "";
  byId("problem").hidden = !error;
}

function chosen() {
  return [...document.querySelectorAll("#jobs input:checked")].map((box) => box.value);
}

function changes() {
  const found = {};
  if (byId("copies").value) found.copies = Number(byId("copies").value);
  if (byId("sides").value) found.sides = byId("sides").value;
  if (byId("color").value) found.color_mode = byId("color").value;
  return found;
}

async function showJobs() {
  const jobs = await ask("GET", "jobs");
  byId("jobs").replaceChildren(...jobs.map((job) => {
    const line = document.createElement("li"), label = document.createElement("label"), box = document.createElement("input");
    box.type = "checkbox";
    box.value = job.id;
    label.append(box, " " + job.name + " (" + (job.pages ?? "?") + " pages)");
    line.append(label);
    return line;
  }));
}

function showRelease(release) {
  byId("progress").hidden = !release;
  if (!release) return;
  const printed = release.jobs.reduce((sum, job) => sum + job.impressions, 0);
  const wrong = release.jobs.map((job) => (job.trouble || job.error || {}).message).filter(Boolean);
  byId("release").textContent = [WORDS[release.state] + ". Sides: " + printed + ".", ...wrong].join(" ");
  byId("cancel").hidden = Boolean(release.ended);
  if (!release.ended) setTimeout(guarded(look), 300);
  else if (small) guarded(signOut)();
  else guarded(showJobs)();
}

async function look() {
  const state = await ask("GET", "state");
  if (state.person) showRelease(state.release);
  else leave();
}

function leave() {
  byId("queue").hidden = true;
  byId("sign-in").hidden = false;
}

async function signOut() {
  await ask("DELETE", "session");
  leave();
}

async function print(keep) {
  showRelease(await ask("POST", "release", { job_ids: chosen(), changes: changes(), keep }));
}

function guarded(action) {
  return async (event) => {
    if (event) event.preventDefault();
    tell(null);
    try { await action(event); } catch (error) { tell(error); }
  };
}

byId("sign-in-form").addEventListener("submit", guarded(async () => {
  const form = new FormData(byId("sign-in-form"));
  const answer = await ask("POST", "session", Object.fromEntries([...form].filter(([, value]) => value)));
  if (!answer.person) throw new Error(answer.outcome === "pin_needed" ? "Type your PIN too." : "This badge is not known yet.");
  byId("sign-in-form").reset();
  byId("sign-in").hidden = true;
  if (small) { await print(false); return; }
  byId("queue").hidden = false;
  byId("person").textContent = answer.person.name;
  byId("print-and-keep").hidden = !answer.offer.print_and_keep;
  byId("copies").disabled = !answer.offer.change_copies;
  await showJobs();
  showRelease(answer.release);
}));
byId("print").addEventListener("click", guarded(() => print(false)));
byId("print-and-keep").addEventListener("click", guarded(() => print(true)));
byId("delete").addEventListener("click", guarded(async () => {
  for (const id of chosen()) await ask("DELETE", "jobs/" + id);
  await showJobs();
}));
byId("cancel").addEventListener("click", guarded(async () => showRelease(await ask("DELETE", "release"))));
byId("sign-out").addEventListener("click", guarded(signOut));
