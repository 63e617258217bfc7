// Pages that stay current: [data-live="/studies/…/events"] is fetched anew, at most once a second, when the study's log grows.
// The element needs an id; its address is the page's own. With data-behind it was made before everything was followed: once more. [data-live-state] beside the heading says whether the line is open.
import { connect } from "./live.js";

const PAUSE = 1000;
const region = document.querySelector("[data-live]");
const state = document.querySelector("[data-live-state]");
let timer = 0;
let last = 0;

// The first entry is shown at once; what follows within a second is shown together.
function soon() {
  timer ||= setTimeout(refresh, Math.max(0, last + PAUSE - Date.now()));
}

// Whoever moves in the region with the keyboard, or has a dialog open, keeps their place: the page waits for them.
const isBusy = () => region.contains(document.activeElement) || document.querySelector("dialog[open]");

async function refresh() {
  timer = 0;
  last = Date.now();
  if (isBusy()) return soon();
  // Without a connection the stream says so, and reports what was missed once it is back.
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } }).catch(() => null);
  if (!answer?.ok || answer.redirected) return undefined;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById(region.id);
  if (isBusy()) return soon();
  if (fresh) region.replaceChildren(...fresh.childNodes);
  if (fresh?.hasAttribute("data-behind")) soon();
  return undefined;
}

if (region) {
  connect(region.dataset.live, {
    types: ["entry", "resync"],
    onEvent: soon,
    onState: (now) => {
      state.dataset.state = now;
      for (const word of state.querySelectorAll("[data-live-word]")) word.hidden = now !== "open";
    },
  });
}
