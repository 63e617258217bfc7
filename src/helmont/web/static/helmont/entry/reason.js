// The dialogs that ask: why something changes, and whose value holds. Each is a promise of the answer, null when it was called off.

import { itemOf } from "./rules.js";
import { element, say } from "./text.js";
import { show } from "./values.js";

/** Show a dialog of the page until it closes; the button's value. */
function asked(dialog) {
  dialog.returnValue = "cancel";
  dialog.showModal();
  return new Promise((resolve) => dialog.addEventListener("close", () => resolve(dialog.returnValue), { once: true }));
}

document.addEventListener("click", (event) => {
  const choice = event.target.closest?.("[data-reason-choice]");
  if (!choice) return;
  const text = document.getElementById("reason-text");
  text.value = choice.textContent.trim();
  text.focus();
});

/** Ask for a reason; `hint` says what for, and without one it is the change of a complete form. */
export async function askReason(hint = "") {
  const dialog = document.getElementById("reason-dialog");
  const [explained, text] = [document.getElementById("reason-hint"), document.getElementById("reason-text")];
  explained.textContent = hint || explained.dataset.default;
  document.getElementById("reason-choices").hidden = Boolean(hint);
  text.value = "";
  const waiting = asked(dialog);
  text.focus();
  return (await waiting) === "ok" ? text.value.trim() : null;
}

/**
 * Ask for each item whose value holds.
 * @param {Record<string, {yours: unknown, theirs: unknown}>} conflicts by item key
 * @param {(key: string) => string} labelOf
 * @returns {Promise<Map<string, "yours"|"theirs">|null>}
 */
export async function askConflict(conflicts, labelOf) {
  const list = document.getElementById("conflict-items");
  list.replaceChildren(
    ...Object.entries(conflicts).map(([key, values]) => {
      const set = element("fieldset", "conflict", "", element("legend", "", labelOf(key)));
      for (const side of ["theirs", "yours"]) {
        const radio = Object.assign(element("input"), { type: "radio", name: `conflict:${key}`, value: side, required: true });
        set.append(element("label", "choice", "", radio, element("span", "", "", element("span", "soft", `${say(side)}: `), element("strong", "", show(itemOf(key), values[side])))));
      }
      return set;
    }),
  );
  const answer = await asked(document.getElementById("conflict-dialog"));
  if (answer !== "ok") return null;
  return new Map(Object.keys(conflicts).map((key) => [key, list.querySelector(`[name="conflict:${CSS.escape(key)}"]:checked`).value]));
}
