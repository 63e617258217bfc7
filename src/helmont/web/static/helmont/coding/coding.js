// Keys on the page of one text: [data-key] is pressed by its key. A suggestion and the search field get the focus instead,
// so that no term is chosen by one slip of a finger: Enter takes it. Nothing happens while somebody types.
document.addEventListener("keydown", (event) => {
  if (event.altKey || event.ctrlKey || event.metaKey || event.defaultPrevented) return;
  if (event.target.matches("input:not([type=checkbox]), textarea, select")) {
    if (event.key === "Escape") event.target.blur();
    return;
  }
  const target = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
  if (!target) return;
  event.preventDefault();
  if (target.matches("input, [name=code]")) target.focus();
  else target.click();
});
