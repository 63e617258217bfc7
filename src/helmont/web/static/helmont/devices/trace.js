// The trace of a participant's channels: one time for all pictures, fetched anew at the level of detail that fits.
import { chart, columns } from "./chart.js";
import { times } from "./times.js";

const SHORTEST = 0.2;
const LONGEST = 400 * 86400;
const WAIT = 80; // milliseconds until it is fetched, once the time no longer changes
const SLOWLY = 5000; // milliseconds from one look at the endpoints to the next while batches come
const MILLION = 1e6;

const json = (id) => JSON.parse(document.getElementById(id).textContent);
const section = document.getElementById("trace");
const { url, zone, locale } = section.dataset;
const about = json("trace-charts");
const marks = json("trace-marks");
const words = json("trace-words");
const time = times(locale, zone);
const state = section.querySelector("[data-trace-state]");
const holder = section.querySelector("[data-charts]");
const extent = { first: section.dataset.first / MILLION, last: section.dataset.last / MILLION };
let [from, to] = [section.dataset.from / MILLION, section.dataset.to / MILLION];
let timer = 0;
let asked = new AbortController();
let shown = "";
let looked = 0;

const charts = about.map((each) => {
  const figure = section.querySelector(`[data-chart="${each.id}"]`);
  const plot = figure.querySelector("[data-plot]");
  const one = { ...each, figure, plot, level: figure.querySelector("[data-level]"), values: figure.querySelector("[data-values]"), trace: null, at: null };
  one.drawn = chart(plot, each, { time, zone, marks, words, onSelect: show, onAll: showAll, onCursor: (u) => read(one, u.cursor.idx, u) });
  plot.addEventListener("keydown", (event) => keyed(event, one));
  plot.addEventListener("wheel", (event) => wheeled(event, one), { passive: false });
  plot.addEventListener("pointerdown", () => plot.focus({ preventScroll: true }));
  return one;
});

/** Show the time between two moments, in seconds, as far as that is possible. */
function show(start, end, wait = WAIT) {
  const middle = (start + end) / 2;
  const half = Math.min(Math.max(end - start, SHORTEST), LONGEST) / 2;
  [from, to] = [Math.max(middle - half, 0), middle + half];
  for (const each of charts) each.drawn.move(from, to);
  describe();
  clearTimeout(timer);
  timer = setTimeout(load, wait);
}

function showAll() {
  const room = Math.max((extent.last - extent.first) * 0.01, 1);
  show(extent.first - room, extent.last + room);
}

/** The time in words, in the address, and in the links that keep it. */
function describe() {
  const span = to - from;
  section.querySelector("[data-time]").textContent = `${time.moment(from, span < 120)} ${words.to} ${time.moment(to, span < 120)}`;
  const exact = `from=${Math.round(from * MILLION)}&to=${Math.round(to * MILLION)}`;
  const address = new URL(location.href);
  address.search = address.searchParams.get("values") ? `?${exact}&values=${encodeURIComponent(address.searchParams.get("values"))}` : `?${exact}`;
  history.replaceState(history.state, "", address);
  for (const link of section.querySelectorAll("[data-keeps-time]")) {
    const target = new URL(link.href, location.href);
    link.href = `?${exact}&values=${encodeURIComponent(target.searchParams.get("values"))}#values`;
  }
  for (const link of section.querySelectorAll("[data-span]")) {
    const seconds = Number(link.dataset.span);
    if (Math.max(seconds / span, span / seconds) < 1.2) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
}

/** Fetch every channel at the level of detail that fits the pictures. */
async function load() {
  asked.abort();
  asked = new AbortController();
  const [start, end] = [from, to];
  holder.setAttribute("aria-busy", "true");
  state.textContent = words.loading;
  const points = String(Math.min(Math.max(Math.round(holder.clientWidth), 200), 2400));
  const ask = new URLSearchParams({ from: Math.round(start * MILLION), to: Math.round(end * MILLION), points });
  try {
    const names = [...new Set(charts.map((each) => each.channel))];
    const found = await Promise.all(names.map((channel) => fetched(`${url}?${ask}&channel=${encodeURIComponent(channel)}`)));
    charts.forEach((each) => draw(each, found[names.indexOf(each.channel)], start, end));
    state.textContent = found.every((trace) => !trace.times.length) ? words.nothing : "";
    holder.dataset.level = found.map((trace) => trace.level).join(" ");
    holder.setAttribute("aria-busy", "false");
    await endpoints(start, end);
  } catch (error) {
    if (error.name === "AbortError") return;
    state.textContent = words.failed;
    holder.setAttribute("aria-busy", "false");
  }
}

async function fetched(address) {
  const answer = await fetch(address, { signal: asked.signal, headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(String(answer.status));
  return answer.json();
}

function draw(each, trace, start, end) {
  each.trace = trace;
  each.columns = columns(trace, each);
  const none = each.extra && !each.columns[0].length;
  each.figure.hidden = none && trace.times.length > 0; // samples themselves have no ENMO
  each.level.textContent = trace.level_text;
  each.drawn.show(trace, start, end);
  if (from !== start || to !== end) each.drawn.move(from, to);
  each.figure.dataset.nonwear = trace.nonwear.length;
  each.figure.dataset.gaps = trace.gaps.length;
  read(each, null, each.drawn.plot);
}

/** The endpoints of the days that are shown; fetched when these change, and now and then while batches come. */
async function endpoints(start, end) {
  const span = `${Math.floor(start / 3600)}-${Math.ceil(end / 3600)}`;
  if (span === shown && Date.now() < looked + SLOWLY) return;
  looked = Date.now();
  const ask = new URLSearchParams({ from: Math.round(start * MILLION), to: Math.round(end * MILLION) });
  const answer = await fetch(`${section.dataset.endpoints}?${ask}`, { signal: asked.signal, headers: { Accept: "text/html" } });
  if (!answer.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("endpoint-values");
  const old = document.getElementById("endpoint-values");
  if (old.contains(document.activeElement) && shown) return;
  old.replaceChildren(...fresh.childNodes);
  shown = span;
}

/** Write the values under the reading line beside the picture's name. */
function read(each, place, u) {
  each.at = place;
  const at = place === null || place === undefined ? null : each.columns?.[0][place];
  if (at === null || at === undefined) {
    each.values.textContent = "";
    return;
  }
  const number = (value) => value.toLocaleString(locale, { minimumFractionDigits: each.decimals, maximumFractionDigits: each.decimals });
  const parts = each.axes.map((name, axis) => {
    const [mean, low, high] = [1, 2, 3].map((column) => each.columns[column + 3 * axis][place]);
    if (mean === null || mean === undefined) return "";
    const range = low === null || low === undefined || number(low) === number(high) ? "" : ` (${number(low)} ${words.to} ${number(high)})`;
    return `${name === "value" || each.extra ? "" : `${name} `}${number(mean)}${range}`;
  });
  const within = (list) => list.some(([start, end]) => start <= at * MILLION && at * MILLION < end);
  const near = marks.filter((mark) => Math.abs(u.valToPos(mark.at / MILLION, "x") - u.valToPos(at, "x")) < 6).map((mark) => mark.text);
  const said = [time.moment(at, to - from < 120), ...parts.filter(Boolean), ...(within(each.trace.nonwear) ? [words.not_worn] : []), ...near];
  each.values.textContent = said.join(" · ");
}

const zoom = (share, about_ = (from + to) / 2) => show(about_ - (about_ - from) * share, about_ + (to - about_) * share);
const pan = (share) => show(from + (to - from) * share, to + (to - from) * share);
const acts = {
  earlier: () => pan(-0.5),
  later: () => pan(0.5),
  closer: () => zoom(0.5),
  wider: () => zoom(2),
  all: showAll,
  latest: () => show(extent.last - (to - from) * 0.98, extent.last + (to - from) * 0.02),
};

/** The reading line goes `steps` points on, of all pictures. */
function step(each, steps) {
  const u = each.drawn.plot;
  const at = u.data[0];
  if (!at.length) return;
  const [first, last] = [at.findIndex((one) => one >= from), at.findLastIndex((one) => one <= to)];
  if (first < 0 || last < first) return;
  const next = Math.min(Math.max((each.at ?? (steps > 0 ? first - 1 : last + 1)) + steps, first), last);
  u.setCursor({ left: u.valToPos(at[next], "x"), top: u.over.clientHeight / 2 });
  read(each, next, u);
}

function keyed(event, each) {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const cursor = each.at === null || each.at === undefined ? undefined : each.columns[0][each.at];
  const keys = {
    ArrowLeft: () => (event.shiftKey ? pan(-0.1) : step(each, -1)),
    ArrowRight: () => (event.shiftKey ? pan(0.1) : step(each, 1)),
    PageUp: acts.earlier,
    PageDown: acts.later,
    "+": () => zoom(0.5, cursor),
    "=": () => zoom(0.5, cursor),
    "-": () => zoom(2, cursor),
    Enter: () => zoom(0.25, cursor),
    Home: () => show(extent.first, extent.first + (to - from)),
    End: acts.latest,
  };
  if (!keys[event.key]) return;
  event.preventDefault();
  keys[event.key]();
}

function wheeled(event, each) {
  const ours = event.ctrlKey || event.metaKey || document.activeElement === each.plot;
  if (!ours && Math.abs(event.deltaX) <= Math.abs(event.deltaY)) return;
  event.preventDefault();
  if (Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
    pan(event.deltaX / 1000);
    return;
  }
  const box = each.drawn.plot.over.getBoundingClientRect();
  zoom(1.25 ** (event.deltaY / 100), each.drawn.plot.posToVal(event.clientX - box.left, "x"));
}

/** The length of time changes about the middle; what shows the latest goes on showing it. */
function choose(seconds) {
  const latest = to >= extent.last && from < extent.last;
  const middle = latest ? extent.last - seconds * 0.48 : (from + to) / 2;
  show(middle - seconds / 2, middle + seconds / 2);
}

document.addEventListener("click", (event) => {
  const control = event.target.closest("[data-do], [data-span], a[data-from]");
  if (!control || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  if (control.dataset.do) acts[control.dataset.do]();
  else if (control.dataset.span) choose(Number(control.dataset.span));
  else {
    show(control.dataset.from / MILLION, control.dataset.to / MILLION);
    section.scrollIntoView();
    charts[0].plot.focus({ preventScroll: true });
  }
});

// What came since: the pictures follow when they show the end.
document.addEventListener("helmont:refreshed", () => {
  const latest = Math.max(...[...document.querySelectorAll("#today [data-last-at]")].map((each) => each.dataset.lastAt / MILLION), extent.last);
  const [before, span] = [extent.last, to - from];
  extent.last = latest;
  if (to < before || from > latest) return; // an earlier time is shown
  if (latest > to) show(from + (latest - to) + span * 0.02, latest + span * 0.02, 0);
  else load();
});

// Colours follow the theme; paper is light.
const recolour = () => charts.forEach((each) => each.drawn.recolour());
new MutationObserver(recolour).observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", recolour);
const theme = document.documentElement.dataset.theme;
addEventListener("beforeprint", () => {
  document.documentElement.dataset.theme = "light";
  recolour();
});
addEventListener("afterprint", () => {
  if (theme) document.documentElement.dataset.theme = theme;
  else delete document.documentElement.dataset.theme;
});

for (const each of section.querySelectorAll("[data-needs-script]")) each.hidden = false;
shown = `${Math.floor(from / 3600)}-${Math.ceil(to / 3600)}`;
looked = Date.now();
for (const each of charts) each.drawn.move(from, to);
describe();
load();
