// A fresh copy of this page: elements with data-refresh and an id are put in place of the old ones, and the data are given back.
// What somebody is writing (an answer to a query) stays.

/** @returns {Promise<{data: object, status: string, editable: boolean, items: string[]}|null>} null when it could not be read */
export async function refreshPage() {
  let copy;
  try {
    const response = await fetch(location.href, { credentials: "same-origin", headers: { Accept: "text/html" } });
    if (!response.ok || response.redirected) return null;
    copy = new DOMParser().parseFromString(await response.text(), "text/html");
  } catch (error) {
    console.warn("the page could not be read anew", error);
    return null;
  }
  const data = copy.getElementById("entry-data");
  if (!data) return null;
  for (const old of document.querySelectorAll("[data-refresh]")) {
    const fresh = copy.getElementById(old.id);
    if (!fresh || isBeingWritten(old) || old.innerHTML === fresh.innerHTML) continue;
    const focused = old.contains(document.activeElement) ? pathOf(document.activeElement) : null;
    old.replaceWith(fresh);
    window.htmx?.process(fresh);
    if (focused) fresh.querySelector(focused)?.focus();
  }
  const { data: values, status, editable } = JSON.parse(data.textContent);
  return { data: values, status, editable, items: [...copy.querySelectorAll("[data-item]")].map((item) => item.dataset.item) };
}

const isBeingWritten = (place) => [...place.querySelectorAll("textarea")].some((text) => text.value.trim());

/** A selector that finds the same control in the fresh copy. */
function pathOf(control) {
  if (control.id) return `#${CSS.escape(control.id)}`;
  const named = ["data-history", "data-not-done", "data-verify", "data-verb"].find((name) => control.hasAttribute(name));
  return named ? `[${named}="${CSS.escape(control.getAttribute(named))}"]` : "summary, button, a";
}
