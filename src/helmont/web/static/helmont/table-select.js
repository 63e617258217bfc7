// Ticking rows: [data-select-all] ticks every .row-select of its table, and [data-selected-count] in the same form says how many.
// The bar of actions itself appears by CSS alone; without scripts rows are ticked one by one.

document.addEventListener("change", (event) => {
  const box = event.target;
  if (!box.matches?.(".row-select")) return;
  const rows = [...box.closest("table").querySelectorAll("tbody .row-select:not(:disabled)")];
  const all = box.closest("table").querySelector("[data-select-all]");
  if (box === all) for (const row of rows) row.checked = box.checked;
  const ticked = rows.filter((row) => row.checked).length;
  if (all) {
    all.checked = ticked > 0 && ticked === rows.length;
    all.indeterminate = ticked > 0 && ticked < rows.length;
  }
  for (const count of box.form?.querySelectorAll("[data-selected-count]") ?? []) count.textContent = String(ticked);
});
