// The shell: begins, signs people in and out, opens apps, leads back. What an app gets as `panel`:
//
//   start, home            what the portal said at the beginning, and of who is signed in
//   call(method, path, content)   JSON below /panel/api/; a problem is shown by `panel.run`, or thrown
//   run(work)              awaits `work()` with the panel marked busy; shows a problem and returns undefined after one
//   on(event, listener)    server-sent events, until the app is left
//   follow(event, path, hear)     the same for one subject, and a look at `path` after some silence; `hear` says when it is over
//   go(path), back(), instead(path), homeScreen()   "/release", "/release/ID": the app gets what stands behind its own path;
//                          `instead` puts a page in place of the one that is shown
//   stay()                 something is being done for the person: it counts as a touch, they stay signed in
//   title(text), actions(...elements)   what the bar at the top shows
//   message, problem, ask, sheet    see messages.js
//
// Every screen has a content area of its own. What a screen does that was left meanwhile changes nothing any more.

import { call, onProblem } from "./api.js";
import { file, fill, h, icon } from "./dom.js";
import { listen, on, silence } from "./events.js";
import { showHome } from "./home.js";
import { noteTouch, stopIdle, watchIdle } from "./idle.js";
import { ask, closeAll, forgetNotice, message, notice, problem, sheet } from "./messages.js";
import { badgeProblem, newPin, pinAfterBadge, register, showSignIn } from "./sign_in.js";
import { speak, t } from "./texts.js";

let content = document.getElementById("content");
const bar = document.getElementById("bar");
const SILENCE_MS = 4000;
const OF_A_SCREEN = ["title", "actions", "on", "follow", "go", "back", "instead", "homeScreen", "ask", "sheet"];
const OVER = new Set(["printer_session.ended", "printer_login.person_refused"]);
let trail = [];
let leave = null;
let heard = [];
let visits = 0; // how often somebody came or went: what was asked before says nothing of now
let leaving = Promise.resolve();

const panel = {
  start: JSON.parse(document.getElementById("start").textContent),
  home: null,
  call,
  message,
  problem,
  ask,
  sheet,
  on: (event, listener) => heard.push(on(event, listener)),
  follow,
  run,
  stay: noteTouch,
  go: (path) => {
    trail.push(path);
    show();
  },
  back: () => {
    trail.pop();
    show();
  },
  instead: (path) => {
    trail.pop();
    panel.go(path);
  },
  homeScreen: () => {
    trail = [];
    show();
  },
  title: (text) => drawBar(text),
  actions: (...elements) => fill(bar.querySelector(".actions"), elements),
  signedIn,
  signOut,
  beginAgain,
  chooseLanguage,
  setContrast,
};

/** Events are a hint: where they do not come, a look now and then does. */
function follow(event, path, hear) {
  let timer = null;
  const note = (news) => {
    clearTimeout(timer);
    if (hear(news)) stop();
    else timer = setTimeout(look, SILENCE_MS);
  };
  const look = async () => {
    const news = await call("GET", path).catch(() => null); // heard by `onProblem`; tried again
    if (timer === null) return;
    if (news) note(news);
    else timer = setTimeout(look, SILENCE_MS);
  };
  const off = on(event, note);
  const stop = () => {
    off();
    clearTimeout(timer);
    timer = null;
  };
  timer = setTimeout(look, SILENCE_MS);
  heard.push(stop);
}

async function run(work) {
  document.body.classList.add("busy");
  let refused;
  try {
    return await work();
  } catch (error) {
    if (error.code === undefined) throw error;
    refused = error;
  } finally {
    document.body.classList.remove("busy");
  }
  if (!OVER.has(refused.code) && refused.code !== "panel.ended") await problem(refused);
  return undefined;
}

function drawBar(title) {
  const isHome = trail.length === 0;
  const small = panel.start.screen === "small";
  fill(
    bar,
    isHome || !panel.home ? h("span", { class: "mark" }) : h("button", { class: "bar-button", onclick: panel.back, "aria-label": t("Back") }, icon("back")),
    h("h1", {}, title),
    h("div", { class: "actions" }),
    h("span", { class: "countdown", hidden: true, role: "timer" }),
    panel.home && !isHome && !small
      ? h("button", { class: "bar-button", onclick: panel.homeScreen, "aria-label": t("Home") }, icon("home"))
      : null,
    panel.home
      ? h("button", { class: "bar-button out", onclick: () => signOut(), "aria-label": t("Sign out") }, icon("out"), small ? null : h("span", {}, t("Sign out")))
      : null,
  );
}

/** An empty content area in place of the one before: an answer that comes late is drawn where nobody looks. */
function emptyContent() {
  const fresh = content.cloneNode(false);
  content.replaceWith(fresh);
  content = fresh;
  return fresh;
}

/** The panel as one screen has it: nothing more, once the person has gone elsewhere. */
function panelOf(root) {
  const here = Object.create(panel);
  for (const name of OF_A_SCREEN) here[name] = (...given) => (root.isConnected ? panel[name](...given) : undefined);
  return here;
}

/** Show what the trail leads to. */
async function show() {
  leave?.();
  leave = null;
  for (const stop of heard.splice(0)) stop();
  const root = emptyContent();
  if (!panel.home) return showSignIn(panel, root);
  const path = trail.at(-1);
  const tile = path && panel.home.tiles.find((one) => path === one.path || path.startsWith(`${one.path}/`));
  if (!tile) {
    trail = [];
    return showHome(panel, root);
  }
  drawBar(tile.title);
  const app = await import(file(tile.module));
  if (!root.isConnected) return undefined;
  const left = (await app.open(panelOf(root), root, path.slice(tile.path.length + 1))) ?? null;
  if (root.isConnected) leave = left;
  else left?.();
  return undefined;
}

/** Somebody has signed in: `signed` is the portal's answer. */
async function signedIn(signed) {
  closeAll();
  forgetNotice();
  visits += 1;
  panel.home = signed.home;
  await speak(panel.home.locale);
  if (panel.home !== signed.home) return; // they left meanwhile
  setLook(panel.home.contrast);
  watch();
  const only = panel.start.screen === "small" && panel.home.tiles.length === 1 ? panel.home.tiles[0].path : "";
  trail = [signed.open || only].filter(Boolean);
  await show();
  if (signed.pin_must_be_reset) await newPin(panel, signed.pin_way);
}

function watch() {
  watchIdle(panel.home.idle_seconds, {
    show: (left) => {
      const countdown = bar.querySelector(".countdown");
      if (!countdown) return;
      countdown.hidden = left === null;
      countdown.textContent = left === null ? "" : t("{seconds} s", { seconds: left });
      countdown.title = t("Touch the screen to stay signed in.");
    },
    touch: () => call("POST", "touch").catch(() => null), // heard by `onProblem`
    end: async () => {
      const leave = signOut();
      const told = visits;
      await speak(panel.start.locale);
      if (told === visits) notice(t("You were signed out: nobody touched the screen."));
      await leave;
    },
  });
}

/** Sign out: the screen is empty at once, whatever the network does. */
async function signOut(why = "") {
  const was = panel.home;
  beginAgain(why);
  if (was) leaving = call("DELETE", "session").catch(() => null); // a session that is left alone ends by time
  await leaving;
}

/** Back to the beginning, as nobody is signed in. */
async function beginAgain(why = "") {
  stopIdle();
  closeAll();
  visits += 1;
  panel.home = null;
  trail = [];
  setLook(false);
  await speak(panel.start.locale);
  if (panel.home) return; // the next person was faster
  await show();
  if (why) message(why, "info");
}

/** What another process of the portal did at this panel. Somebody who comes or goes meanwhile is asked for anew. */
async function lookAtState() {
  await leaving;
  const asked = visits;
  const state = await call("GET", "state").catch(() => null); // heard by `onProblem`
  if (!state) return;
  if (asked !== visits) await lookAtState();
  else if (state.home && panel.home?.email !== state.home.email) await signedIn({ home: state.home, open: "", pin_must_be_reset: false });
  else if (!state.home && panel.home) await beginAgain();
  else if (!state.home && state.asked) (state.asked === "pin" ? pinAfterBadge : register)(panel);
}

/** The stream is open, perhaps again: whoever came or went before it was has been told to nobody. */
async function catchUp() {
  await leaving;
  const before = visits;
  const state = await call("GET", "state").catch(() => null); // heard by `onProblem`
  if (!state || before !== visits) return;
  const isOther = state.home?.email !== panel.home?.email;
  if (isOther || (state.asked && content.querySelector(".reader"))) await lookAtState();
}

async function chooseLanguage(code) {
  await speak(code);
  if (!panel.home) panel.start.locale = code;
  await run(() => call("PUT", "choices", { locale: code }));
  if (panel.home) panel.home = (await run(() => call("GET", "home"))) ?? panel.home;
  await show();
}

async function setContrast(isOn) {
  setLook(isOn);
  if (panel.home) panel.home.contrast = isOn;
  await run(() => call("PUT", "choices", { contrast: isOn }));
}

function setLook(isContrast) {
  document.documentElement.classList.toggle("contrast", isContrast);
}

/** The portal knows this panel no more: only the printer can open it again. */
function ended() {
  stopIdle();
  silence();
  closeAll();
  panel.home = null;
  visits += 1;
  fill(bar);
  fill(
    emptyContent(),
    h("div", { class: "ended" }, icon("warning"), h("h2", {}, t("The panel is not connected.")), h("p", {}, t("The printer opens it again in a moment. If it does not, ask your administrator."))),
  );
  if (window.parent !== window) window.parent.postMessage({ pressroom: "panel-ended" }, "*"); // says nothing but that
}

onProblem((error) => {
  if (error.code === "panel.ended") ended();
  else if (OVER.has(error.code) && panel.home) beginAgain(error.detail);
});

on("signed_in", (signed) => signedIn(signed));
on("signed_out", () => beginAgain(t("You are signed out.")));
on("pin_needed", () => pinAfterBadge(panel));
on("registration_needed", () => register(panel));
on("problem", (news) => badgeProblem(panel, news));
on("gone", (news) => news.reason !== "opened again" && ended());
on("changed", lookAtState);
on("hello", catchUp);

document.addEventListener("contextmenu", (event) => event.preventDefault());

async function begin() {
  await speak(panel.start.locale);
  listen(ended);
  if (panel.start.home) await signedIn({ home: panel.start.home, open: "", pin_must_be_reset: false });
  else await show();
  noteTouch();
}

begin();
