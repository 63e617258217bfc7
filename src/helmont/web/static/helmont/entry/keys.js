// The keyboard: Enter to the next answer, digits choose a button, Alt with a letter moves about; "?" shows the list of them.

import { firstControl, holders, keyOf } from "./fields.js";

const TYPES_TEXT = "textarea, select, input:not([type=radio], [type=checkbox], [type=file], [type=button])";

/** Items that can be answered now, in order. */
const answerable = () => [...holders.values()].filter((holder) => !holder.hasAttribute("data-skipped") && firstControl(holder));

function reach(holder) {
  if (!holder) return;
  const control = firstControl(holder) ?? holder.querySelector("a, button");
  holder.scrollIntoView({ block: "nearest" });
  control?.focus();
  control?.select?.();
}

function after(current, list) {
  const place = list.findIndex((each) => current && (each === current || current.compareDocumentPosition(each) & Node.DOCUMENT_POSITION_FOLLOWING) && each !== current);
  return list[place === -1 ? 0 : place];
}

function nextAnswer(control) {
  const list = answerable();
  const next = list[list.indexOf(control.closest("[data-item]")) + 1];
  if (next) reach(next);
  else document.querySelector("[data-save]")?.focus();
}

function chooseByDigit(event) {
  const radios = [...event.target.closest("[data-item]").querySelectorAll("input[type=radio]")];
  const chosen = radios[Number(event.key) - 1];
  if (!chosen) return;
  event.preventDefault();
  chosen.click();
  chosen.focus();
}

const follow = (id) => document.getElementById(id)?.click();
const current = () => document.activeElement?.closest("[data-item]");

const SHORTCUTS = {
  KeyN: () => follow("next-form"),
  KeyP: () => follow("previous-form"),
  KeyU: () => reach(after(current(), answerable().filter((holder) => holder.hasAttribute("data-missing")))),
  KeyQ: () => {
    const queries = [...document.querySelectorAll(".threads > .query")];
    const next = after(document.activeElement.closest(".query") ?? current(), queries);
    next?.scrollIntoView({ block: "center" });
    (next?.querySelector("summary, button") ?? next)?.focus();
  },
  KeyX: () => current()?.querySelector("[data-not-done]")?.click(),
  KeyH: () => current()?.querySelector("[data-history]")?.click(),
};

export function listenToKeys({ save, complete }) {
  document.addEventListener("keydown", (event) => {
    if (document.querySelector("dialog.dialog[open]")) return;
    const command = event.ctrlKey || event.metaKey;
    if (command && event.key.toLowerCase() === "s") {
      event.preventDefault();
      save();
    } else if (command && event.key === "Enter") {
      event.preventDefault();
      complete();
    } else if (event.altKey && !command && !event.shiftKey && SHORTCUTS[event.code]) {
      event.preventDefault();
      SHORTCUTS[event.code]();
    } else if (!command && !event.altKey) {
      plainKey(event);
    }
  });
}

function plainKey(event) {
  const inItem = keyOf(event.target) && event.target.closest(".item-answer");
  if (event.key === "?" && !event.target.matches(TYPES_TEXT)) {
    document.getElementById("help-dialog").showModal();
  } else if (inItem && event.key === "Enter" && event.target.matches("input, select")) {
    event.preventDefault();
    nextAnswer(event.target);
  } else if (inItem && /^[1-9]$/.test(event.key) && event.target.matches("input[type=radio]")) {
    chooseByDigit(event);
  }
}
