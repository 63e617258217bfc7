// Buttons that do something at once: to the form (data-verb; data-room: to what else goes by its key), to a query (data-query-verb), about an item (data-say, data-verify).
// When the server has done it, "helmont:changed" tells the page, which brings itself up to date.

import { toast } from "../toast.js";
import { askReason } from "./reason.js";
import { reasonOf, send, Unreachable } from "./send.js";
import { page, say } from "./text.js";
import { newToken } from "./outbox.js";

const FORMS = "/api/v1/forms/";
const rooms = { transcriptions: "/api/v1/transcriptions/" };
const QUERIES = "/api/v1/queries/";
const path = (key) => key.split("/").map(encodeURIComponent).join("/");

/** Do it; `place` is an element to say a refusal in. True when it was done. */
async function carryOut(button, url, content, place = null) {
  button.disabled = true;
  try {
    const answer = await send("POST", url, content, newToken());
    if (answer.status < 300) {
      toast(say("done"));
      document.dispatchEvent(new CustomEvent("helmont:changed", { detail: answer.body }));
      return true;
    }
    refuse(answer.status === 401 ? say("signedOut") : reasonOf(answer), place);
  } catch (error) {
    if (!(error instanceof Unreachable)) throw error;
    refuse(say("failed"), place);
  } finally {
    button.disabled = false;
  }
  return false;
}

function refuse(text, place) {
  if (!place) return toast(say("refused", text));
  place.textContent = text;
  place.hidden = false;
  return undefined;
}

async function verb(button) {
  const content = button.dataset.body ? JSON.parse(button.dataset.body) : {};
  if (button.dataset.ask) {
    const reason = await askReason(button.dataset.ask);
    if (reason === null) return;
    content.reason = reason;
  }
  const room = rooms[button.dataset.room] ?? FORMS;
  await carryOut(button, `${room}${path(button.dataset.formKey ?? page.key)}/${button.dataset.verb}`, content);
}

async function answer(button) {
  const box = button.closest("[data-query]");
  const text = box.querySelector("textarea");
  const done = await carryOut(button, `${QUERIES}${path(box.dataset.query)}/${button.dataset.queryVerb}`, { text: text.value }, box.querySelector(".error"));
  if (done) text.value = "";
}

async function speak(button) {
  const box = button.closest("[data-say-item]");
  const text = box.querySelector("textarea");
  const content = { item: box.dataset.sayItem, text: text.value };
  const done = await carryOut(button, `${FORMS}${path(box.dataset.formKey)}/${button.dataset.say}`, content, box.querySelector(".error"));
  if (done) document.dispatchEvent(new CustomEvent("helmont:close"));
}

/** The ceremony of sign.js; it reloads the page when the signature stands. */
async function sign(button) {
  const ceremony = await import("../sign.js");
  await ceremony.sign(button.dataset.meaning, [button.dataset.sign]);
}

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("button");
  if (!button) return;
  if (button.dataset.verb) verb(button);
  else if (button.dataset.queryVerb) answer(button);
  else if (button.dataset.say) speak(button);
  else if (button.dataset.sign) sign(button);
});

document.addEventListener("change", async (event) => {
  const box = event.target.closest?.("[data-verify]");
  if (!box) return;
  const content = { items: [box.dataset.verify], verified: box.checked };
  if (!(await carryOut(box, `${FORMS}${path(page.key)}/verify`, content))) box.checked = !box.checked;
});
