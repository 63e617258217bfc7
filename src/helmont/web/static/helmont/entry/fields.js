// The controls of one item: what is in them, and putting a value into them. An item's holder is the element with data-item.

import { writeDate } from "./dates.js";
import { itemOf } from "./rules.js";

export const holders = new Map([...document.querySelectorAll("[data-item]")].map((holder) => [holder.dataset.item, holder]));

const part = (holder, selector) => holder.querySelector(`.item-answer ${selector}`);
const isNotDone = (holder) => part(holder, ".item-notdone")?.hidden === false;

/** The key of the item whose control this is. */
export const keyOf = (control) => control.closest("[data-item]")?.dataset.item;

/** What the first control of an item is, to put the focus on. */
export function firstControl(holder) {
  const within = part(holder, isNotDone(holder) ? ".item-notdone" : ".item-control");
  return within?.querySelector("input:checked, input:not([type=hidden]), select, textarea") ?? null;
}

/** A control in which something else stands than the page came with; nothing where there is none. */
export function changedControl(holder) {
  const changed = (control) => {
    if (control.type === "radio" || control.type === "checkbox") return control.checked !== control.defaultChecked;
    if (control.matches("select")) return !control.selectedOptions[0]?.defaultSelected && control.selectedIndex > 0;
    return control.value !== control.defaultValue;
  };
  return [...holder.querySelectorAll(".item-control :is(input, select, textarea)")].find(changed);
}

/** What is entered: text, list of codes, `{value, unit}`, `{not_done}`, a file; "" for nothing. */
export function read(holder) {
  const key = holder.dataset.item;
  const item = itemOf(key);
  if (isNotDone(holder)) return { not_done: part(holder, "[data-reason]").value };
  switch (item.type) {
    case "codelist":
      return (part(holder, "input[type=radio]") ? part(holder, "input:checked") : part(holder, "select")).value ?? "";
    case "multiselect":
      return [...holder.querySelectorAll(".item-control input:checked")].map((box) => box.value);
    case "file":
      return holder.uploaded ?? "";
    default: {
      const value = part(holder, ".item-control :is(input, textarea)").value;
      return item.units ? { value, unit: part(holder, "select").value } : value;
    }
  }
}

/** Put a stored value, or something typed, into the controls. */
export function write(holder, value) {
  const item = itemOf(holder.dataset.item);
  const notDone = typeof value === "object" && value !== null && "not_done" in value;
  setNotDone(holder, notDone, notDone ? value.not_done : "");
  const answer = notDone ? null : value;
  switch (item.type) {
    case "codelist":
    case "multiselect": {
      const codes = Array.isArray(answer) ? answer : [answer ?? ""];
      const select = part(holder, "select");
      if (select) select.value = codes[0];
      for (const input of holder.querySelectorAll(".item-control input")) input.checked = codes.includes(input.value);
      showClear(holder);
      break;
    }
    case "file":
      showFile(holder, answer || null);
      break;
    default: {
      const field = part(holder, ".item-control :is(input, textarea)");
      const text = item.units ? (answer?.value ?? "") : (answer ?? "");
      field.value = typed(item, text);
      if (item.units && answer?.unit !== undefined) part(holder, "select").value = answer.unit;
    }
  }
}

function typed(item, text) {
  if (item.type !== "date" && item.type !== "datetime") return text;
  try {
    return text ? writeDate(text) : "";
  } catch (error) {
    if (error instanceof RangeError) return text;
    throw error;
  }
}

/** Show or hide the button that takes a choice back. */
export function showClear(holder) {
  const clear = part(holder, ".clear");
  if (clear) clear.hidden = !part(holder, "input:checked");
}

/** Show the file that was uploaded, or that there is none. */
export function showFile(holder, value) {
  holder.uploaded = value;
  const shown = part(holder, ".file-shown");
  shown.hidden = !value;
  shown.querySelector(".file-name").textContent = value?.name ?? "";
  part(holder, "input[type=file]").value = "";
}

/** Turn "not done" on or off; with it the answer's own controls go and the reason's comes. */
export function setNotDone(holder, on, reason = "") {
  const box = part(holder, ".item-notdone");
  if (!box) return;
  box.hidden = !on;
  box.querySelector("[data-reason]").value = reason;
  part(holder, ".item-control").hidden = on;
}

export const notDone = isNotDone;

/** Whether the item is asked: its controls give way to "Not asked". A value that should not be there stays visible. */
export function setSkipped(holder, skipped) {
  const control = part(holder, ".item-control");
  const word = part(holder, ".item-skipped");
  holder.toggleAttribute("data-skipped", skipped);
  if (!control) return;
  word.hidden = !skipped;
  control.hidden = skipped || isNotDone(holder);
}
