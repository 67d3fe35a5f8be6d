// Texts in the language of the person. What t() is called with is collected for the catalogues; English needs none.

const VERSION = document.documentElement.dataset.version;
const kept = { en: {} };
let current = "en";

/** Speak another language from now on. */
export async function speak(locale) {
  if (!kept[locale]) kept[locale] = await (await fetch(`/panel/texts/${VERSION}/${locale}.json`)).json();
  current = locale;
  document.documentElement.lang = locale;
}

/** The language in which the panel speaks. */
export function language() {
  return current;
}

/** A text with its {facts} filled in. */
export function t(template, facts = {}) {
  const text = kept[current][template] ?? template;
  return text.replace(/\{(\w+)\}/g, (whole, name) => facts[name] ?? whole);
}

/** A number as the person writes it. */
export function number(value) {
  return new Intl.NumberFormat(current).format(value);
}

/** A point in time, in few words: the time today, else the day. */
export function moment(iso) {
  const when = new Date(iso);
  const isToday = when.toDateString() === new Date().toDateString();
  const how = isToday ? { hour: "2-digit", minute: "2-digit" } : { day: "numeric", month: "short" };
  return new Intl.DateTimeFormat(current, how).format(when);
}
