// The signature dialog. A form or button asks for a signature by
//   <form data-sign data-meaning="investigator_approval" data-records='["form:STUDY/…"]'>  (an input named "reason" is taken along)
// This module begins the ceremony, shows who signs what with which meaning, takes a passkey or user name and password, and
// completes it. Afterwards the document hears "helmont:signed" (detail: the outcome); unless a listener prevents it, the page reloads.
// The words come from <template id="sign-dialog"> (web/parts/sign_dialog.html). Nothing inline.

const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

class Refusal extends Error {}

async function post(dialog, address, body) {
  const token = dialog.querySelector("[name=csrfmiddlewaretoken]").value;
  const answer = await fetch(address, {
    method: "POST",
    credentials: "same-origin",
    headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": token },
    body: JSON.stringify(body),
  });
  const json = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Refusal(json.message ?? json.error?.message ?? dialog.dataset.failed);
  return json;
}

async function askPasskey(options) {
  const { publicKey } = options;
  const credential = await navigator.credentials.get({
    publicKey: {
      ...publicKey,
      challenge: bytes(publicKey.challenge),
      allowCredentials: (publicKey.allowCredentials ?? []).map((key) => ({ ...key, id: bytes(key.id) })),
    },
  });
  const { response } = credential;
  return {
    id: credential.id,
    rawId: text(credential.rawId),
    type: credential.type,
    authenticatorAttachment: credential.authenticatorAttachment,
    clientExtensionResults: credential.getClientExtensionResults(),
    response: {
      clientDataJSON: text(response.clientDataJSON),
      authenticatorData: text(response.authenticatorData),
      signature: text(response.signature),
      userHandle: response.userHandle ? text(response.userHandle) : null,
    },
  };
}

function show(dialog, shown) {
  const slot = (name) => dialog.querySelector(`[data-slot="${name}"]`);
  slot("title").textContent = shown.title;
  slot("statement").textContent = shown.statement;
  slot("name").textContent = shown.name;
  slot("records").replaceChildren(
    ...shown.records.map(({ label, record, sha256 }) => {
      const item = document.createElement("li");
      const hash = Object.assign(document.createElement("span"), { className: "hash", textContent: sha256.slice(0, 16) });
      hash.title = `${record} SHA-256 ${sha256}`;
      item.append(`${label} `, hash);
      return item;
    }),
  );
  slot("passkey").hidden = !shown.methods.includes("passkey");
  slot("password").hidden = !shown.methods.some((method) => method.startsWith("password"));
  slot("code").hidden = !shown.methods.includes("password+totp");
}

function say(dialog, message) {
  const place = dialog.querySelector('[data-slot="message"]');
  place.textContent = message;
  place.hidden = !message;
}

export async function sign(meaning, records, reason = "") {
  const template = document.getElementById("sign-dialog");
  const dialog = template.content.firstElementChild.cloneNode(true);
  document.body.append(dialog);
  dialog.addEventListener("close", () => dialog.remove());
  const { begin, complete } = dialog.dataset;

  // One ceremony is one attempt, so each attempt after a refusal begins anew and shows what is there by then.
  const open = async () => {
    const shown = await post(dialog, begin, { meaning, records, reason });
    show(dialog, shown);
    return shown;
  };
  let shown;
  const attempt = async (credential) => {
    for (const button of dialog.querySelectorAll("button")) button.disabled = true;
    say(dialog, "");
    try {
      const outcome = await post(dialog, complete, await credential());
      dialog.close();
      const signed = new CustomEvent("helmont:signed", { bubbles: true, cancelable: true, detail: outcome });
      if (document.dispatchEvent(signed)) window.location.reload();
    } catch (error) {
      say(dialog, error instanceof Refusal ? error.message : dialog.dataset.failed);
      shown = await open().catch((refusal) => say(dialog, refusal.message));
    } finally {
      for (const button of dialog.querySelectorAll("button")) button.disabled = false;
    }
  };
  dialog.querySelector('[data-slot="passkey"] button').addEventListener("click", () =>
    attempt(async () => ({ passkey: await askPasskey(shown.passkey) })),
  );
  dialog.querySelector("form").addEventListener("submit", (event) => {
    event.preventDefault();
    const fields = new FormData(event.target);
    event.target.elements.password.value = "";
    attempt(async () => ({
      username: fields.get("username"),
      password: fields.get("password"),
      code: fields.get("code") ?? "",
    }));
  });
  dialog.showModal();
  try {
    shown = await open();
  } catch (refusal) {
    say(dialog, refusal instanceof Refusal ? refusal.message : dialog.dataset.failed);
  }
}

document.addEventListener("submit", (event) => {
  const form = event.target.closest?.("form[data-sign]");
  if (!form) return;
  event.preventDefault();
  const chosen = form.dataset.records ? JSON.parse(form.dataset.records) : new FormData(form).getAll("record");
  sign(form.dataset.meaning, chosen, form.elements.reason?.value ?? "");
});
