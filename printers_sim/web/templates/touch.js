// The touch screen: the printer asks the portal for its panel and shows it in the frame; badges are held to the reader.
"use strict";
const AGAIN_MS = 3000;
const screen_ = document.getElementById("screen"), effect = document.getElementById("effect"), problem = document.getElementById("problem");
const EFFECTS = { signed_in: "Signed in.", signed_out: "Signed out.", pin_needed: "The panel asks for the PIN.",
  registration_needed: "Nobody has this badge yet: the panel asks whose it is." };
let portal = "";

async function ask(path, content) {
  const answer = await fetch("/panel/v1/" + path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(content) });
  const told = await answer.json();
  if (!answer.ok) throw new Error(told.reason);
  return told;
}

function tell(error) {
  problem.textContent = error ? error.message : "";
  problem.hidden = !error;
}

async function openPanel() {
  try {
    const { url } = await ask("visits", {});
    portal = new URL(url).origin;
    screen_.src = url;
    tell(null);
  } catch (error) {
    tell(error);
    setTimeout(openPanel, AGAIN_MS);
  }
}

async function hold(badge) {
  effect.textContent = "…";
  try {
    effect.textContent = EFFECTS[(await ask("badges", { badge })).effect];
    tell(null);
  } catch (error) {
    effect.textContent = "";
    tell(error);
  }
}

for (const button of document.querySelectorAll("[data-badge]")) button.addEventListener("click", () => hold(button.dataset.badge));
document.getElementById("other").addEventListener("submit", (event) => {
  event.preventDefault();
  hold(event.target.badge.value);
});
window.addEventListener("message", (event) => {
  if (event.origin === portal && event.data?.pressroom === "panel-ended") setTimeout(openPanel, AGAIN_MS);
});
openPanel();
