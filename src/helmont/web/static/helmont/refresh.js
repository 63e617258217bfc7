// Pages that stay current: [data-live="/studies/…/events"] is fetched anew when the study's log grows.
// The element needs an id; its address is the page's own, or data-live-from. With data-live-about only entries about that participant count, and
// data-live-pause is another least time between two fetches, data-live-every the longest (what is late shows only as time goes by). Whoever draws with what came listens for "helmont:refreshed".
// With data-behind it was made before everything was followed: once more. [data-live-state] beside the heading says whether the line is open.
import { connect } from "./live.js";

const region = document.querySelector("[data-live]");
// Milliseconds from one fetch to the next at least; there is never more than one under way.
const PAUSE = Number(region?.dataset.livePause ?? 400);
const state = document.querySelector("[data-live-state]");
let timer = 0;
let next = 0;
let fetching = false;
let missed = false;

// The first entry is shown at once; what follows within the pause, or while the page is being fetched, is shown together.
function soon() {
  if (fetching) missed = true;
  else timer ||= setTimeout(refresh, Math.max(0, next - Date.now()));
}

// Whoever moves in the region with the keyboard, or has a dialog open, keeps their place: the page waits for them.
const isBusy = () => region.contains(document.activeElement) || document.querySelector("dialog[open]");

async function refresh() {
  timer = 0;
  next = Date.now() + PAUSE;
  if (isBusy()) return soon();
  fetching = true;
  missed = false;
  const fresh = await fetched();
  fetching = false;
  if (isBusy()) return soon();
  if (fresh) {
    region.replaceChildren(...fresh.childNodes);
    document.dispatchEvent(new CustomEvent("helmont:refreshed"));
  }
  if (missed || fresh?.hasAttribute("data-behind")) soon();
  return undefined;
}

// The region as it is now. Without a connection nothing: the stream says so, and reports what was missed once it is back.
async function fetched() {
  const answer = await fetch(region.dataset.liveFrom ?? location.href, { headers: { Accept: "text/html" } }).catch(() => null);
  if (!answer?.ok || answer.redirected) return null;
  return new DOMParser().parseFromString(await answer.text(), "text/html").getElementById(region.id);
}

if (region) {
  if (region.dataset.liveEvery) setInterval(soon, Number(region.dataset.liveEvery));
  connect(region.dataset.live, {
    types: ["entry", "resync"],
    onEvent: (event) => {
      const about = region.dataset.liveAbout;
      if (!about || event.type !== "entry" || JSON.parse(event.data).participant === about) soon();
    },
    onState: (now) => {
      state.dataset.state = now;
      for (const word of state.querySelectorAll("[data-live-word]")) word.hidden = now !== "open";
    },
  });
}
