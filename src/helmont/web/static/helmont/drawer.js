// The drawer stands beside the page (audit trail, query, signature details) and leaves the page usable.
// It opens when htmx has put a fragment into #drawer-content (web/parts/drawer.html). Without scripts the same link is a page.

let opener = null;

document.addEventListener("htmx:beforeRequest", (event) => {
  if (event.detail.target?.closest("dialog.drawer") && !event.detail.elt.closest("dialog")) opener = event.detail.elt;
});

document.addEventListener("htmx:afterSwap", (event) => {
  const drawer = event.detail.target.closest?.("dialog.drawer");
  if (!drawer) return;
  if (!drawer.open) drawer.show();
  drawer.scrollTop = 0;
  drawer.querySelector("#drawer-title")?.focus();
});

// A non-modal dialog neither closes on Escape nor gives focus back by itself.
document.addEventListener("keydown", (event) => {
  const drawer = document.querySelector("dialog.drawer[open]");
  if (event.key === "Escape" && drawer && !document.querySelector("dialog.dialog[open]")) drawer.close();
});

document.addEventListener(
  "close",
  (event) => {
    if (event.target.matches?.("dialog.drawer") && opener?.isConnected) opener.focus();
  },
  true, // "close" does not bubble
);
