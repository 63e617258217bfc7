// A fresh copy of this page. Elements with data-refresh and an id are put in place of the old ones; what somebody is writing
// (an answer to a query) stays.

/**
 * Read this page anew, without showing it.
 * @returns {Promise<{copy: Document, data: object, status: string, editable: boolean, savedBy: string, items: string[]}|null>}
 *   null when it could not be read
 */
export async function readPage() {
  let copy;
  try {
    const response = await fetch(location.href, { credentials: "same-origin", headers: { Accept: "text/html" } });
    if (!response.ok || response.redirected) return null;
    copy = new DOMParser().parseFromString(await response.text(), "text/html");
  } catch (error) {
    console.warn("the page could not be read anew", error);
    return null;
  }
  for (const button of copy.querySelectorAll("[data-save]")) button.disabled = false; // this page listens already
  const data = copy.getElementById("entry-data");
  if (!data) return null;
  const { data: values, status, editable, savedBy } = JSON.parse(data.textContent);
  const items = [...copy.querySelectorAll("[data-item]")].map((item) => item.dataset.item);
  return { copy, data: values, status, editable, savedBy, items };
}

/** Put what the copy says into the page, but for the answers. */
export function showPage({ copy }) {
  for (const old of document.querySelectorAll("[data-refresh]")) {
    const fresh = copy.getElementById(old.id);
    if (!fresh || isBeingWritten(old)) continue;
    keepOpen(old, fresh);
    if (old.innerHTML === fresh.innerHTML) continue;
    const focused = old.contains(document.activeElement) ? pathOf(document.activeElement) : null;
    old.replaceWith(fresh);
    window.htmx?.process(fresh);
    if (focused) fresh.querySelector(focused)?.focus();
  }
}

/** What somebody has opened (the answer to a query) is open in the copy too. */
function keepOpen(old, fresh) {
  for (const opened of old.querySelectorAll("details[open]")) {
    const place = opened.closest("[id]");
    const twin = place === old ? fresh : fresh.querySelector(`#${CSS.escape(place.id)}`);
    twin?.querySelector("details")?.setAttribute("open", "");
  }
}

const isBeingWritten = (place) => [...place.querySelectorAll("textarea")].some((text) => text.value.trim());

/** A selector that finds the same control in the fresh copy. */
function pathOf(control) {
  if (control.id) return `#${CSS.escape(control.id)}`;
  const named = ["data-history", "data-not-done", "data-verify", "data-verb"].find((name) => control.hasAttribute(name));
  return named ? `[${named}="${CSS.escape(control.getAttribute(named))}"]` : "summary, button, a";
}
