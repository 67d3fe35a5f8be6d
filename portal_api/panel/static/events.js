// What happens at the panel, heard as server-sent events: badges, progress, the end of the session.

const heard = new Map();
let source = null;

/** Call `listener` with the news of every event of that name; returns what stops it. */
export function on(name, listener) {
  if (!heard.has(name)) {
    heard.set(name, new Set());
    source?.addEventListener(name, spread);
  }
  heard.get(name).add(listener);
  return () => heard.get(name).delete(listener);
}

/** Begin to listen. The browser connects again by itself; a refusal ends it, and `lost` is told. */
export function listen(lost) {
  source = new EventSource("/panel/api/events");
  for (const name of heard.keys()) source.addEventListener(name, spread);
  source.addEventListener("error", () => {
    if (source.readyState !== EventSource.CLOSED) return;
    source = null;
    lost();
  });
}

/** Hear nothing any more. */
export function silence() {
  source?.close();
  source = null;
}

function spread(event) {
  const news = JSON.parse(event.data);
  for (const listener of [...heard.get(event.type)]) listener(news);
}
