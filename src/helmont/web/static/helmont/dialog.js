// Dialogs are native <dialog>. A dialog opens
//   by a button  <button data-open-dialog="ID">, or
//   when htmx has put a fragment into #dialog-content (web/parts/dialog.html);
// it closes by <button data-close>, <form method="dialog">, Escape, or the response header HX-Trigger: helmont:close.
// The browser keeps focus inside and gives it back to the opener.

document.addEventListener("click", (event) => {
  const opener = event.target.closest?.("[data-open-dialog]");
  if (opener) document.getElementById(opener.dataset.openDialog)?.showModal();
  event.target.closest?.("[data-close]")?.closest("dialog")?.close();
});

document.addEventListener("htmx:afterSwap", (event) => {
  const dialog = event.detail.target.closest?.("dialog.dialog");
  if (dialog && !dialog.open) dialog.showModal();
});

document.addEventListener("helmont:close", () => {
  for (const dialog of document.querySelectorAll("dialog[open]")) dialog.close();
});
