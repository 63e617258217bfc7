// Pages that stay current: [data-live="/studies/…/events"] is fetched anew, at most once a second, when the study's log grows.
// The element needs an id; its address is the page's own. [data-live-state] beside the heading says whether the line is open.
import { connect } from "./live.js";

const PAUSE = 1000;
const region = document.querySelector("[data-live]");
const state = document.querySelector("[data-live-state]");
let timer = 0;

async function refresh() {
  timer = 0;
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
  if (!answer.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById(region.id);
  const busy = region.contains(document.activeElement) || document.querySelector("dialog[open]");
  // Whoever moves in the region with the keyboard keeps their place; the next entry brings it up to date.
  if (fresh && !busy) region.replaceChildren(...fresh.childNodes);
}

if (region) {
  connect(region.dataset.live, {
    types: ["entry", "resync"],
    onEvent: () => { timer ||= setTimeout(refresh, PAUSE); },
    onState: (now) => {
      state.dataset.state = now;
      for (const word of state.querySelectorAll("[data-live-word]")) word.hidden = now !== "open";
    },
  });
}
