// JSON to and from the portal. What goes wrong is a Problem with a sentence that says so and one that says what to do.

import { language, t } from "./texts.js";

/** What the portal refuses, or that it does not answer. */
export class Problem extends Error {
  constructor(code, detail, remedy, status = 0) {
    super(detail);
    Object.assign(this, { code, detail, remedy, status });
  }
}

const listeners = new Set();

/** Hear of every problem of any call: the shell goes back to the beginning when the person's session has ended. */
export function onProblem(listener) {
  listeners.add(listener);
}

/** call("POST", "sign-ins", {…}) asks /panel/api/sign-ins; the answer's JSON, null for an empty one. */
export async function call(method, path, content) {
  try {
    return await asked(method, path, content);
  } catch (problem) {
    for (const listener of listeners) listener(problem);
    throw problem;
  }
}

async function asked(method, path, content) {
  const headers = { "Pressroom-Panel": "1", "Accept-Language": language() };
  const options = { method, headers, cache: "no-store" };
  if (content !== undefined) {
    headers["Content-Type"] = "application/json";
    options.body = JSON.stringify(content);
  }
  let answer;
  try {
    answer = await fetch(`/panel/api/${path}`, options);
  } catch {
    throw new Problem("offline", t("The printer cannot reach the portal."), t("Wait a moment, then try again."));
  }
  const text = await answer.text();
  if (answer.ok) return text ? JSON.parse(text) : null;
  throw problemOf(answer.status, text);
}

function problemOf(status, text) {
  try {
    const told = JSON.parse(text);
    const problem = new Problem(told.code, told.detail, told.remedy, status);
    problem.errors = told.errors; // the values concerned, each with its field and message
    return problem;
  } catch {
    return new Problem("unknown", t("Something went wrong."), t("Wait a moment, then try again."), status);
  }
}
