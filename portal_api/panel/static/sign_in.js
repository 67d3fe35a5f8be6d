// Signing in: by badge at the reader, by PIN, by login code; registering a badge; a PIN that has to be changed.

import { fill, h, icon } from "./dom.js";
import { keyboard, keypad } from "./keyboard.js";
import { t } from "./texts.js";

const CODE_LENGTH = 8;
const LONGEST_PIN = 12;

/** The first screen: what the organization lets people sign in with. */
export function showSignIn(panel, root) {
  const { methods, printer, screen } = panel.start;
  panel.title(printer);
  panel.actions(...lookButtons(panel));
  const takesBadge = methods.includes("badge");
  const ways = [
    methods.includes("pin") ? way("keypad", t("PIN"), () => askPin(panel, root)) : null,
    methods.includes("secure_login") ? way("code", t("Login code"), () => askCode(panel, root)) : null,
  ].filter(Boolean);
  if (!methods.length) {
    fill(root, h("div", { class: "ended" }, icon("info"), h("h2", {}, t("Nobody can sign in at this panel.")), h("p", {}, t("Your organization lets people sign in only in ways that this printer cannot do."))));
    return;
  }
  const invitation = takesBadge ? t("Hold your badge to the reader") : t("Sign in");
  fill(
    root,
    h(
      "div",
      { class: `welcome ${screen}` },
      takesBadge ? h("div", { class: "reader" }, icon("badge", "huge"), h("span", { class: "wave" })) : null,
      h("h2", {}, invitation),
      ways.length ? h("p", { class: "quiet" }, takesBadge ? t("or sign in with") : t("with")) : null,
      h("div", { class: "ways" }, ways),
    ),
  );
}

/** Language and contrast, for before signing in and for the home screen. */
export function lookButtons(panel) {
  return [
    h("button", { class: "bar-button", "aria-label": t("Language"), onclick: () => chooseLanguage(panel) }, icon("language")),
    h("button", {
      class: "bar-button",
      "aria-label": t("High contrast"),
      onclick: () => panel.setContrast(!document.documentElement.classList.contains("contrast")),
    }, icon("contrast")),
  ];
}

/** The languages of the panel by their own names. */
export async function chooseLanguage(panel) {
  const chosen = await panel.sheet(
    t("Language"),
    (close) => [
      h("div", { class: "choices" }, panel.start.languages.map(({ code, name }) =>
        h("button", { class: code === document.documentElement.lang ? "choice on" : "choice", lang: code, onclick: () => close(code) }, name))),
      h("div", { class: "buttons" }, h("button", { class: "plain", onclick: () => close(null) }, t("Cancel"))),
    ],
    "language",
  );
  if (chosen) await panel.chooseLanguage(chosen);
}

function way(symbol, label, press) {
  return h("button", { class: "way", onclick: press }, icon(symbol), h("span", {}, label));
}

function backButton(panel, press) {
  return h("button", { class: "plain back", onclick: press ?? (() => panel.beginAgain()) }, icon("back"), t("Back"));
}

function asked(panel, root, title, hint, pad, back) {
  const small = panel.start.screen === "small"; // no room for words: the way back is in the bar
  panel.title(small ? title : panel.start.printer);
  panel.actions(small ? h("button", { class: "bar-button", "aria-label": t("Back"), onclick: back ?? (() => panel.beginAgain()) }, icon("back")) : null);
  fill(
    root,
    h("div", { class: "asked" }, h("div", { class: "question" }, h("h2", {}, title), hint ? h("p", { class: "quiet" }, hint) : null, backButton(panel, back)), pad),
  );
  pad.querySelector("input").focus();
}

async function signIn(panel, pad, given) {
  const signed = await panel.run(() => panel.call("POST", "sign-ins", given));
  if (signed) await panel.signedIn(signed);
  else pad.clear();
}

function askPin(panel, root) {
  const pad = keypad({ label: t("PIN"), longest: LONGEST_PIN, done: (pin) => signIn(panel, pad, { method: "pin", pin }) });
  asked(panel, root, t("Type your PIN"), t("Then press ✓."), pad);
}

function askCode(panel, root) {
  const pad = keypad({
    label: t("Login code"), longest: CODE_LENGTH, length: CODE_LENGTH, isSecret: false,
    done: (code) => signIn(panel, pad, { method: "secure_login", code }),
  });
  asked(panel, root, t("Type your login code"), t("Get one on your phone or computer at {address}.", { address: `${location.host}/device` }), pad);
}

/** The badge is known; the organization wants its owner's PIN as well (AC-150). */
export function pinAfterBadge(panel) {
  const root = document.getElementById("content");
  const pad = keypad({ label: t("PIN"), longest: LONGEST_PIN, done: (pin) => signIn(panel, pad, { method: "badge", pin }) });
  panel.title(t("Badge and PIN"));
  asked(panel, root, t("Type your PIN"), t("Your badge was read."), pad, () => putAside(panel));
}

/** Nobody has this badge: whoever holds it shows who they are, once (AC-163). */
export function register(panel) {
  const root = document.getElementById("content");
  panel.title(t("Register your badge"));
  panel.actions();
  const takesCode = panel.start.methods.includes("secure_login");
  fill(
    root,
    h(
      "div",
      { class: "welcome" },
      h("h2", {}, t("This badge is new here")),
      h("p", { class: "quiet" }, t("Show once who you are. From then on the badge alone signs you in.")),
      h("div", { class: "ways" }, [
        way("mail", t("E-mail and password"), () => registerByPassword(panel, root)),
        takesCode ? way("code", t("Login code"), () => registerByCode(panel, root)) : null,
      ]),
      backButton(panel, () => putAside(panel)),
    ),
  );
}

async function putAside(panel) {
  await panel.run(() => panel.call("DELETE", "waiting-badge"));
  await panel.beginAgain();
}

function registerByCode(panel, root) {
  const pad = keypad({
    label: t("Login code"), longest: CODE_LENGTH, length: CODE_LENGTH, isSecret: false,
    done: async (code) => (await sendRegistration(panel, { code })) || pad.clear(),
  });
  const hint = t("Get one on your phone or computer at {address}.", { address: `${location.host}/device` });
  asked(panel, root, t("Type your login code"), hint, pad, () => register(panel));
}

function registerByPassword(panel, root) {
  const email = h("input", { type: "text", autocomplete: "off", autocapitalize: "off", maxlength: 255, required: true, id: "email" });
  const password = h("input", { type: "password", autocomplete: "off", maxlength: 1024, required: true, id: "password" });
  const appCode = h("input", { type: "text", autocomplete: "off", maxlength: 32, id: "app-code" });
  const third = h("div", { class: "field", hidden: true }, h("label", { for: "app-code" }, t("Code of your authenticator app")), appCode);
  const send = async () => {
    const given = { email: email.value.trim(), password: password.value, app_code: appCode.value };
    if (await sendRegistration(panel, given, () => (third.hidden = false))) return;
    password.value = third.hidden ? "" : password.value;
    (third.hidden ? password : appCode).focus();
  };
  panel.actions();
  fill(
    root,
    h(
      "form",
      { class: "typed", onsubmit: (event) => event.preventDefault() },
      h("div", { class: "fields" },
        h("div", { class: "field" }, h("label", { for: "email" }, t("E-mail address")), email),
        h("div", { class: "field" }, h("label", { for: "password" }, t("Password")), password),
        third,
        backButton(panel, () => register(panel))),
      keyboard([email, password, appCode], send, document.documentElement.lang),
    ),
  );
  email.focus();
}

async function sendRegistration(panel, given, wantsAppCode = () => null) {
  let signed;
  try {
    signed = await panel.call("POST", "badge-registrations", given);
  } catch (error) {
    if (error.code === "printer_login.app_code_needed") wantsAppCode();
    if (error.code !== "panel.ended") await panel.problem(error);
    return false;
  }
  await panel.signedIn(signed);
  panel.message(t("Your badge is registered."), "badge");
  return true;
}

/** What the reader's badge was refused for; a badge of somebody else changes nothing for who is signed in. */
export async function badgeProblem(panel, news) {
  await panel.problem(news);
}

/** The PIN no longer fits the organization's rules: a new one is set at once where people set their own (AC-154). */
export async function newPin(panel, how) {
  if (how === "typed") return typeNewPin(panel);
  if (how === "mailed") {
    if (await panel.ask(t("Your PIN has to be replaced"), t("A new one is made and sent to you by e-mail."), t("Send it")))
      if ((await panel.run(async () => (await panel.call("PUT", "pin", {}), true)))) panel.message(t("The new PIN is on its way."), "mail");
    return undefined;
  }
  return panel.problem({ detail: t("Your PIN has to be replaced"), remedy: t("Ask your administrator for a new one.") });
}

async function typeNewPin(panel) {
  const length = panel.start.pin_length;
  let first = "";
  const done = await panel.sheet(t("Choose a new PIN"), (close) => {
    const hint = h("p", {}, t("It has {digits} digits.", { digits: length }));
    const pad = keypad({
      label: t("New PIN"), length, longest: length,
      done: async (pin) => {
        pad.clear();
        if (!first) {
          first = pin;
          hint.textContent = t("Type it once more.");
        } else if (first !== pin) {
          first = "";
          hint.textContent = t("These were two different PINs. Type a new one.");
        } else {
          first = "";
          if (await panel.run(async () => (await panel.call("PUT", "pin", { pin }), true))) close(true);
          else hint.textContent = t("It has {digits} digits.", { digits: length });
        }
      },
    });
    return [hint, pad, h("div", { class: "buttons" }, h("button", { class: "plain", onclick: () => close(false) }, t("Later")))];
  }, "keypad");
  if (done) panel.message(t("Your new PIN is set."));
}
