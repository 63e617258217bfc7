// What was typed and not saved, kept on this device per person and form until the server has it: it survives a reload, a crash and a
// lost connection. Each entry carries a counter that only grows, since stored keys come back in no order of their own; a request that
// is under way is kept whole with its Idempotency-Key, so that repeating it after a lost answer saves nothing twice.

const prefix = (person) => `helmont.outbox:${person}:`;

export class Outbox {
  constructor(person, form) {
    this.place = prefix(person) + form;
    const kept = read(this.place);
    this.counter = kept?.counter ?? 0;
    this.entries = new Map(Object.entries(kept?.entries ?? {}));
    this.pending = kept?.pending ?? null;
  }

  /** Keep what was typed for an item, and the value that was seen before. */
  put(key, raw, seen) {
    this.counter += 1;
    this.entries.set(key, { raw, seen, count: this.counter, at: new Date().toISOString() });
    this.write();
  }

  drop(key) {
    if (this.entries.delete(key)) this.write();
  }

  /** A request about to be sent: `{token, body}`; null when it has been answered. */
  sending(pending) {
    this.pending = pending;
    this.write();
  }

  clear() {
    this.entries.clear();
    this.pending = null;
    this.write();
  }

  /** Keys in the order of typing. */
  keys() {
    return [...this.entries].sort(([, left], [, right]) => left.count - right.count).map(([key]) => key);
  }

  write() {
    try {
      if (this.entries.size === 0 && !this.pending) localStorage.removeItem(this.place);
      else localStorage.setItem(this.place, JSON.stringify({ counter: this.counter, entries: Object.fromEntries(this.entries), pending: this.pending }));
    } catch (error) {
      // A full or forbidden store: the page still holds everything, and warns before it is left.
      console.warn("the device keeps no copy of what is typed", error);
    }
  }
}

function read(place) {
  try {
    return JSON.parse(localStorage.getItem(place));
  } catch (error) {
    console.warn("what was kept on this device cannot be read", error);
    return null;
  }
}

/** A key that no other request has; also where the page is not served over https. */
export function newToken() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
