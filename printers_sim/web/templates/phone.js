// The code for phones changes every minute: the next picture is fetched as soon as this one has run its time.
"use strict";
const picture = document.getElementById("code"), problem = document.getElementById("problem");

async function change() {
  let seconds = 5;
  try {
    const answer = await fetch("/panel/v1/phone-code"), content = await answer.json();
    if (!answer.ok) throw new Error(content.reason);
    picture.src = "/phone-code.png?" + Date.now();
    seconds = content.seconds;
    problem.hidden = true;
  } catch (error) {
    problem.textContent = error.message;
    problem.hidden = false;
  }
  setTimeout(change, seconds * 1000);
}

change();
