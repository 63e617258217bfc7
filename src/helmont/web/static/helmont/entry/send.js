// Requests to the API: JSON, with the CSRF token of the session there is now (it changes at a sign-in in another tab).

/** The server could not be reached, or did not answer as itself. */
export class Unreachable extends Error {}

const csrf = () => /(?:^|; )csrftoken=([^;]+)/.exec(document.cookie)?.[1] ?? "";

/** Send and return `{status, body}`; throws Unreachable. */
export async function send(method, url, content, token = "") {
  const headers = { "X-CSRFToken": csrf(), Accept: "application/json" };
  if (token) headers["Idempotency-Key"] = token;
  let body = content;
  if (!(content instanceof FormData)) {
    headers["Content-Type"] = "application/json";
    body = typeof content === "string" ? content : JSON.stringify(content ?? {});
  }
  let response;
  try {
    response = await fetch(url, { method, headers, body, credentials: "same-origin" });
  } catch (error) {
    throw new Unreachable(String(error));
  }
  if (response.redirected) return { status: 401, body: {} };
  const text = await response.text();
  if (response.status >= 502) throw new Unreachable(`status ${response.status}`);
  try {
    return { status: response.status, body: text ? JSON.parse(text) : {} };
  } catch (error) {
    throw new Unreachable(String(error));
  }
}

/** What a refusal says, in one sentence. */
export function reasonOf({ status, body }) {
  const error = body.error ?? body;
  const faults = (error.faults ?? []).map((fault) => [fault.message, fault.accepted].filter(Boolean).join(": "));
  return faults.join(" ") || error.message || `HTTP ${status}`;
}
