// The form page: what is typed is kept on this device at once, checked as one goes, and saved when one says so.
//
//   saved   values the server is known to have, by item key      seen    the value that stood there when one began to change it
//   typed   what is in the controls and differs from `saved`     faults  why something typed cannot be saved

import { connect } from "../live.js";
import "./actions.js";
import { describeDate } from "./dates.js";
import { changedControl, firstControl, holders, keyOf, notDone, read, setNotDone, setSkipped, showClear, showFile, write } from "./fields.js";
import { listenToKeys } from "./keys.js";
import { newToken, Outbox } from "./outbox.js";
import { askConflict, askReason } from "./reason.js";
import { readPage, showPage } from "./renew.js";
import { itemOf, REQUIRED, run } from "./rules.js";
import { reasonOf, send, Unreachable } from "./send.js";
import { element, icon, page, same, say } from "./text.js";
import { Fault, parse, show } from "./values.js";

const saved = new Map(Object.entries(page.data));
const outbox = new Outbox(page.person, page.isNew ? page.key.replace(/\d+$/, "new") : page.key);
const typed = new Map();
const faults = new Map();
const refusals = new Map();
let { status } = page;
let outcome = null;
let asksForAll = status === "complete";
let typing = "";
let busy = false;
let retry = { timer: 0, wait: 0, how: null };

const state = document.getElementById("save-state");
const labelOf = (key) => {
  const holder = holders.get(key);
  const label = holder?.querySelector(".item-question label, legend, .item-question .label")?.firstChild?.textContent.trim();
  return label || holder?.closest("tr")?.querySelector("th").textContent.trim().concat(`: ${itemOf(key).label}`) || itemOf(key).label;
};

// What is typed

/** Take in what is in an item's controls now. */
function take(key) {
  const holder = holders.get(key);
  const raw = read(holder);
  refusals.delete(key);
  let value = null;
  try {
    value = parse(itemOf(key), raw, page.today);
    faults.delete(key);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    faults.set(key, error.message);
  }
  if (faults.has(key) || !same(value, saved.get(key))) {
    const seen = outbox.entries.has(key) ? outbox.entries.get(key).seen : (saved.get(key) ?? null);
    typed.set(key, value);
    outbox.put(key, raw, seen);
  } else {
    typed.delete(key);
    outbox.drop(key);
  }
  holder.toggleAttribute("data-unsaved", typed.has(key));
}

/** The values the rules see: what is saved, and over it what is typed and can be read. */
function values() {
  const all = new Map(saved);
  for (const [key, value] of typed) all.set(key, faults.has(key) ? null : value);
  return all;
}

function review() {
  if (!page.editable) return;
  const data = values();
  outcome = run(data);
  const said = new Map();
  const add = (key, kind, text) => said.set(key, [...(said.get(key) ?? []), { kind, text }]);
  for (const [key, message] of faults) if (key !== typing) add(key, "error", message);
  for (const [key, message] of refusals) add(key, "error", message);
  for (const finding of outcome.findings) {
    if (finding.check === REQUIRED && !asksForAll) continue;
    if (finding.key !== typing && !faults.has(finding.key) && !isAsked(finding)) add(finding.key, finding.severity === "refuse" ? "error" : "warning", finding.message);
  }
  for (const [key, holder] of holders) {
    setSkipped(holder, outcome.skipped.has(key) && (data.get(key) ?? null) === null && !faults.has(key));
    holder.toggleAttribute("data-missing", outcome.missing.has(key));
    showCalculated(holder, key);
    tell(key, said.get(key) ?? []);
  }
}

/** Whether a query already asks this, so that it is not said twice. */
function isAsked({ check, key }) {
  const queries = holders.get(key)?.ownerDocument.querySelectorAll(`[data-query-item="${CSS.escape(key)}"][data-rule="${CSS.escape(check)}"]`) ?? [];
  return queries.length > 0 && (!typed.has(key) || [...queries].some((query) => !query.closest(".settled")));
}

function showCalculated(holder, key) {
  const place = holder.querySelector("[data-calculated] .calculated-value");
  if (!place || !outcome.calculated.has(key)) return;
  const value = outcome.calculated.get(key) ?? "";
  if (place.textContent !== value) place.textContent = value;
}

function tell(key, messages) {
  const holder = holders.get(key);
  const place = document.getElementById(`found-${holder.id.slice("item-".length)}`);
  const named = holder.matches("td") ? `${labelOf(key)}: ` : "";
  const signature = JSON.stringify(messages);
  if (place.dataset.said !== signature) {
    place.dataset.said = signature;
    place.replaceChildren(
      ...messages.map(({ kind, text }) => element("p", kind === "error" ? "error" : "finding", "", icon(kind === "error" ? "error" : "warning"), element("span", "", named + text))),
    );
  }
  const wrong = messages.some(({ kind }) => kind === "error");
  for (const control of holder.querySelectorAll(".item-answer :is(input, select, textarea)")) {
    if (wrong) control.setAttribute("aria-invalid", "true");
    else control.removeAttribute("aria-invalid");
  }
}

function tidy(key) {
  const item = itemOf(key);
  const holder = holders.get(key);
  const field = holder.querySelector(".item-control input.input:not([type=file])");
  const reading = holder.querySelector(".reading");
  if (!field || !reading || notDone(holder)) return;
  const value = faults.has(key) ? null : values().get(key);
  const isDate = typeof value === "string" && (item.type === "date" || item.type === "datetime");
  if (isDate && typing !== key) write(holder, value);
  const described = isDate ? describeDate(value) : "";
  reading.textContent = described === field.value.trim() ? "" : described;
}

function stateNow() {
  if (busy || retry.how) return;
  const count = typed.size;
  if (count) speak(count === 1 ? say("unsavedOne") : say("unsaved", count), "notice");
  else if (state.dataset.tone === "notice") speak(say("allSaved"));
}

function speak(text, tone = "") {
  state.textContent = text;
  if (tone) state.dataset.tone = tone;
  else delete state.dataset.tone;
}

function heard(event) {
  const key = keyOf(event.target);
  if (!key || !event.target.matches(".item-answer *") || !page.editable) return;
  if (event.target.matches("[type=file]")) {
    if (event.type === "change") upload(key, event.target.files[0]);
    return;
  }
  const textual = event.target.matches("input.input, textarea");
  typing = event.type === "input" && textual ? key : "";
  take(key);
  showClear(holders.get(key));
  tidy(key);
  review();
  stateNow();
}
document.addEventListener("input", heard);
document.addEventListener("change", heard);
document.addEventListener("focusout", (event) => {
  if (typing && keyOf(event.target) === typing) {
    const key = typing;
    typing = "";
    tidy(key);
    review();
  }
});

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-not-done], [data-clear], [data-save]");
  if (!button) return;
  if (button.dataset.save) {
    save(button.dataset.save === "complete");
    return;
  }
  const key = button.dataset.notDone ?? button.dataset.clear;
  const holder = holders.get(key);
  if (!holder || !page.editable) return;
  if (button.dataset.notDone) {
    setNotDone(holder, !notDone(holder));
    if ("leavesDrawer" in button.dataset) document.dispatchEvent(new CustomEvent("helmont:close"));
  } else if (itemOf(key).type === "file") showFile(holder, null);
  else write(holder, null);
  typing = notDone(holder) ? key : "";
  take(key);
  review();
  stateNow();
  firstControl(holder)?.focus();
});

async function upload(key, file) {
  if (!file) return;
  const form = new FormData();
  for (const [name, value] of Object.entries({ form: page.key, item: key, file })) form.append(name, value);
  speak(say("uploading", file.name));
  try {
    const answer = await send("POST", page.urls.upload, form);
    if (answer.status >= 300) refusals.set(key, reasonOf(answer));
    else {
      showFile(holders.get(key), answer.body);
      take(key);
    }
  } catch (error) {
    if (!(error instanceof Unreachable)) throw error;
    refusals.set(key, say("failed"));
  }
  review();
  speak("");
  stateNow();
}

// Saving

/** The body of a save: only what changed, with what was seen there before. A new line says of every item that it was empty. */
function request(complete, reason) {
  const sent = [...typed].filter(([key]) => !faults.has(key));
  const content = { values: Object.fromEntries(sent), seen: {}, complete, reason };
  for (const [key] of sent) content.seen[key] = outbox.entries.get(key)?.seen ?? null;
  if (page.isNew) {
    for (const [key] of holders) {
      if (itemOf(key).calculation || key in content.values) continue;
      content.values[key] = null;
      content.seen[key] = null;
    }
  }
  return content;
}

async function save(complete, reason = "") {
  if (busy || !page.editable) return;
  typing = "";
  if (complete) asksForAll = true;
  review();
  if (complete && faults.size) {
    summarise([...faults.keys()]);
    return;
  }
  const content = request(complete, reason);
  if (!typed.size && (!complete || status === "complete")) {
    speak(say("nothing"));
    return;
  }
  if (status === "complete" && Object.keys(content.values).length && !reason) {
    const given = await askReason();
    if (given) await save(complete, given);
    return;
  }
  if (!outbox.pending) outbox.sending({ token: newToken(), body: JSON.stringify(content) });
  const { token, body } = outbox.pending;
  const own = body === JSON.stringify(content);
  busy = true;
  speak(say("saving"));
  try {
    const answer = await send("PUT", page.urls.save, body, token);
    busy = false;
    stopRetry();
    await settle(answer, JSON.parse(body));
    // What was under way when the line broke is done; what was typed since goes now.
    if (!own && answer.status === 200 && typed.size > faults.size) await save(complete, reason);
  } catch (error) {
    busy = false;
    if (!(error instanceof Unreachable)) throw error;
    tryAgain(() => save(complete, reason));
  }
}

async function settle(answer, content) {
  if (answer.status === 401 || answer.body.error?.code === "csrf") {
    outbox.sending(null);
    tryAgain(() => save(content.complete, content.reason), true);
    return;
  }
  outbox.sending(null);
  if (answer.status === 200) {
    await accepted(answer.body, content);
    return;
  }
  const error = answer.body.error ?? {};
  if (error.code === "conflict" && page.isNew) await takeNextLine(content);
  else if (error.code === "conflict") await conflict(error.items, content);
  else if (error.code === "reason_required") {
    const reason = await askReason();
    if (reason) await save(content.complete, reason);
    else stateNow();
  } else if (error.faults?.some((fault) => holders.has(fault.place))) {
    for (const fault of error.faults) if (holders.has(fault.place)) refusals.set(fault.place, [fault.message, fault.accepted].filter(Boolean).join(": "));
    review();
    summarise([...refusals.keys()]);
  } else {
    speak(say("refused", reasonOf(answer)), "bad");
    await renew();
  }
}

async function accepted(body, content) {
  for (const [key, value] of Object.entries(content.values)) {
    if (value === null) saved.delete(key);
    else saved.set(key, value);
    if (same(typed.get(key) ?? null, value) && !faults.has(key)) forget(key);
    else if (outbox.entries.has(key)) outbox.put(key, outbox.entries.get(key).raw, value);
  }
  for (const [key, value] of Object.entries(body.calculated ?? {})) {
    if (value === null) saved.delete(key);
    else saved.set(key, value);
  }
  status = body.status;
  if (page.isNew && body.status !== "blank") {
    location.replace(page.urls.line.replace(/0$/, body.key.split("/").pop()));
    return;
  }
  if (page.twice && content.complete && body.status !== "blank") {
    location.reload(); // what comes next depends on the other entry
    return;
  }
  await renew();
  const open = body.queries?.length ?? 0;
  if (faults.size) speak(say("savedPartly", faults.size), "attention");
  else speak(open ? say("savedWithQueries", open) : status === "complete" ? say("completed") : say("saved"));
}

function forget(key) {
  typed.delete(key);
  outbox.drop(key);
  holders.get(key)?.removeAttribute("data-unsaved");
}

/** Somebody took this line's number while it was being typed: go on with the next one. */
async function takeNextLine(content) {
  const [start, number] = /^(.*\/)(\d+)$/.exec(page.key).slice(1);
  page.key = `${start}${Number(number) + 1}`;
  page.urls.save = page.urls.save.replace(/\d+$/, String(Number(number) + 1));
  await save(content.complete, content.reason);
}

async function conflict(items, content) {
  speak("");
  const chosen = await askConflict(items, labelOf);
  if (!chosen) {
    stateNow();
    return;
  }
  for (const [key, side] of chosen) {
    const { theirs } = items[key];
    if (theirs === null) saved.delete(key);
    else saved.set(key, theirs);
    if (side === "yours") outbox.put(key, read(holders.get(key)), theirs);
    else {
      write(holders.get(key), theirs);
      forget(key);
    }
  }
  review();
  if (typed.size) await save(content.complete, content.reason);
  else {
    await renew();
    speak(say("allSaved"));
  }
}

/** The error summary at the head of the form; it takes the focus. */
function summarise(keys) {
  const list = element("ul");
  for (const key of keys) {
    const link = Object.assign(element("a", "", `${labelOf(key)}: ${faults.get(key) ?? refusals.get(key)}`), { href: `#${holders.get(key).id}` });
    link.addEventListener("click", (event) => {
      event.preventDefault();
      firstControl(holders.get(key))?.focus();
    });
    list.append(element("li", "", "", link));
  }
  const banner = notice("errors", "bad", "error", "", element("h2", "", keys.length === 1 ? say("problemsOne") : say("problems", keys.length)), element("p", "", say("kept")), list);
  banner.setAttribute("role", "alert");
  banner.tabIndex = -1;
  banner.focus();
  banner.scrollIntoView({ block: "center" });
  stateNow();
}

/** A banner of this page, one of each id at a time. */
function notice(id, tone, glyph, text, ...parts) {
  const banner = element("div", "banner", "", icon(glyph), ...(text ? [element("p", "", text)] : []), ...parts);
  banner.id = `notice-${id}`;
  banner.dataset.tone = tone;
  document.getElementById(banner.id)?.remove();
  document.getElementById("entry-notices").append(banner);
  return banner;
}

const dismiss = (id) => document.getElementById(`notice-${id}`)?.remove();

function button(text, action) {
  const made = Object.assign(element("button", "button button-small", text), { type: "button" });
  made.addEventListener("click", action);
  return made;
}

// Connection lost, session ended

const LONGEST_WAIT = 60;

function tryAgain(how, signedOut = false) {
  retry.how = how;
  clearTimeout(retry.timer);
  retry.wait = Math.min(Math.max(2, retry.wait * 2), LONGEST_WAIT);
  if (signedOut) {
    const link = Object.assign(element("a", "button button-small", say("signIn")), { href: "/accounts/login/?next=/", target: "_blank", rel: "noopener" });
    notice("session", "attention", "key", say("signedOut"), link).setAttribute("role", "alert");
    speak(say("signedOut"), "attention");
    return;
  }
  speak(say("offline", retry.wait), "attention");
  retry.timer = setTimeout(again, retry.wait * 1000);
}

function again() {
  const { how } = retry;
  if (!how) return;
  clearTimeout(retry.timer);
  retry.how = null;
  speak(say("offlineNow"), "attention");
  how();
}

function stopRetry() {
  clearTimeout(retry.timer);
  retry = { timer: 0, wait: 0, how: null };
  dismiss("session");
  dismiss("errors");
  dismiss("restored");
}

window.addEventListener("online", again);
window.addEventListener("focus", () => {
  if (document.getElementById("notice-session")) again();
});
window.addEventListener("beforeunload", (event) => {
  if (typed.size) event.preventDefault();
});

// Bringing the page up to date: after a save or an action, and when somebody else has changed the form

/** Read the page anew and put in what is new, without touching what is being typed. */
async function renew() {
  const fresh = await readPage();
  if (!fresh) return;
  showPage(fresh);
  // Whoever only reads has answers in words, which come whole from the server.
  const reads = !page.editable && [...holders.keys()].some((key) => !same(fresh.data[key] ?? null, saved.get(key) ?? null));
  if (!typed.size && (reads || fresh.editable !== page.editable || fresh.status !== status || fresh.items.some((key) => key !== "" && !holders.has(key)))) {
    location.reload();
    return;
  }
  status = fresh.status;
  const changed = [];
  for (const [key, holder] of holders) {
    const now = fresh.data[key] ?? null;
    if (same(now, saved.get(key) ?? null)) continue;
    if (now === null) saved.delete(key);
    else saved.set(key, now);
    if (typed.has(key)) refusals.set(key, say("theirChange", show(itemOf(key), now)));
    else if (page.editable && !itemOf(key).calculation) {
      write(holder, now);
      changed.push(holder);
    }
  }
  for (const holder of changed) holder.setAttribute("data-flash", "");
  dismiss("elsewhere");
  review();
}

// What comes next to a form that two people copy depends on the other one.
document.addEventListener("helmont:changed", () => (page.twice ? location.reload() : renew()));
document.addEventListener("helmont:signed", (event) => {
  if (typed.size) event.preventDefault();
});

if (!page.isNew) {
  connect(page.urls.events, {
    types: ["entry", "resync"],
    onEvent({ data }) {
      const { participant } = JSON.parse(data);
      if (!participant || page.key.startsWith(`${participant}/`)) look.timer ||= setTimeout(look, 300);
    },
  });
}

/** Something happened to this participant: see whether it is about this form. Other people's values wait until they are asked for. */
async function look() {
  look.timer = 0;
  if (busy) return;
  const fresh = await readPage();
  if (!fresh || busy) return;
  const keys = new Set([...saved.keys(), ...Object.keys(fresh.data)]);
  const unchanged = [...keys].every((key) => same(saved.get(key) ?? null, fresh.data[key] ?? null)) && fresh.status === status;
  if (unchanged) showPage(fresh);
  else notice("elsewhere", "notice", "info", say("elsewhere", fresh.savedBy), button(say("show"), renew)).setAttribute("role", "status");
}

// What was typed here before and never saved

function restore() {
  const keys = outbox.keys().filter((key) => holders.has(key) && firstControl(holders.get(key)));
  for (const key of keys) {
    const { raw } = outbox.entries.get(key);
    if (itemOf(key).type === "file" && raw && !("not_done" in raw)) showFile(holders.get(key), raw);
    else write(holders.get(key), raw);
    take(key);
    tidy(key);
  }
  if (!typed.size) {
    if (!outbox.pending) outbox.clear();
    return;
  }
  const discard = button(say("discard"), () => {
    if (!window.confirm(say("discardQuestion"))) return;
    for (const key of [...typed.keys()]) {
      write(holders.get(key), saved.get(key) ?? null);
      faults.delete(key);
      forget(key);
    }
    outbox.clear();
    dismiss("restored");
    review();
    stateNow();
  });
  const list = [...typed.keys()].slice(0, 6).map(labelOf).join(", ") + (typed.size > 6 ? ", …" : "");
  const actions = element("p", "actions", "", button(say("saveNow"), () => save(status === "complete")), discard);
  notice("restored", "attention", "warning", say("restored", list), actions).setAttribute("role", "status");
}

for (const [key, holder] of holders) {
  const value = saved.get(key);
  if (page.editable && value && typeof value === "object" && "file" in value) holder.uploaded = value;
}
if (page.editable) {
  const early = [...holders].map(([key, holder]) => [key, changedControl(holder)]).filter(([, control]) => control);
  restore();
  // What was typed while this page was still loading; what waited here from before has the say over it, and shows.
  for (const [key, control] of early.filter(([key]) => !outbox.entries.has(key))) {
    if (control.type === "file") upload(key, control.files[0]);
    else take(key);
  }
}
review();
stateNow();
for (const each of document.querySelectorAll("[data-save]")) each.disabled = false;
listenToKeys({ save: () => save(status === "complete"), complete: () => save(true) });
if (/^#item-[\w-]+$/.test(location.hash)) {
  const holder = document.querySelector(location.hash);
  if (holder) firstControl(holder)?.focus();
}
