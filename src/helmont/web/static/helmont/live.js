// Server-sent events that survive a broken line.

const FIRST_WAIT = 1000;
const LONGEST_WAIT = 30000;

/**
 * Follow a stream of server-sent events.
 *
 * The browser itself repeats a dropped connection and sends Last-Event-ID. It gives up for good when the server answers
 * with an error (a restart behind a proxy); then this module opens the stream anew, waiting longer each time, with the
 * last identifier in the query parameter "last_event_id".
 *
 * @param {string} url the stream, same origin
 * @param {{onEvent: (event: MessageEvent) => void, onState?: (state: "open" | "waiting") => void, types?: string[]}} options
 *   types: names of events to hear besides "message"
 * @returns {() => void} stops following
 */
export function connect(url, { onEvent, onState = () => {}, types = [] }) {
  let source = null;
  let timer = 0;
  let wait = FIRST_WAIT;
  let last = "";

  const receive = (event) => {
    if (event.lastEventId) last = event.lastEventId;
    onEvent(event);
  };

  const start = () => {
    const address = new URL(url, location.href);
    if (last) address.searchParams.set("last_event_id", last);
    source = new EventSource(address);
    for (const type of ["message", ...types]) source.addEventListener(type, receive);
    source.addEventListener("open", () => {
      wait = FIRST_WAIT;
      onState("open");
    });
    source.addEventListener("error", () => {
      onState("waiting");
      if (source.readyState !== EventSource.CLOSED) return;
      timer = setTimeout(start, wait);
      wait = Math.min(wait * 2, LONGEST_WAIT);
    });
  };

  start();
  return () => {
    clearTimeout(timer);
    source.close();
  };
}
