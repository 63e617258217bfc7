// Short news in a live region. A server sends one with the response header
//   HX-Trigger: {"helmont:toast": {"message": "Saved. 2 queries were opened."}}
// a module with toast("..."), a button with data-toast="...". What matters for longer than ten seconds belongs in a banner, not here.

const SECONDS = 10;

/** Show a message; it goes by itself unless the pointer or focus is on it. */
export function toast(message) {
  const region = document.getElementById("toasts");
  const element = document.createElement("div");
  element.className = "toast";
  const text = document.createElement("span");
  text.textContent = message;
  const close = document.createElement("button");
  close.type = "button";
  close.textContent = "\u00d7";
  close.setAttribute("aria-label", region.dataset.closeLabel);
  close.addEventListener("click", () => element.remove());
  element.append(text, close);
  region.append(element);

  const leave = () => (element.matches(":hover, :focus-within") ? setTimeout(leave, 1000) : element.remove());
  setTimeout(leave, SECONDS * 1000);
}

document.addEventListener("helmont:toast", (event) => toast(event.detail.message));

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-toast]");
  if (button) toast(button.dataset.toast);
});
