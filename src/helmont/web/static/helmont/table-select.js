// Ticking rows: [data-select-all] ticks every .row-select of its table, [data-select-row] and [data-select-column] those of
// their row and column, and [data-selected-count] in the same form says how many.
// The bar of actions itself appears by CSS alone; without scripts rows are ticked one by one.

const BOXES = ".row-select:not(:disabled, [data-select-all])";

/** The boxes that this one stands for. */
function under(box, table) {
  if (box.matches("[data-select-row]")) return [...box.closest("tr").querySelectorAll(BOXES)];
  if (box.matches("[data-select-column]")) {
    const { cellIndex } = box.closest("th");
    return [...table.tBodies[0].rows].flatMap((row) => [...(row.cells[cellIndex]?.querySelectorAll(BOXES) ?? [])]);
  }
  return [...table.querySelectorAll(`tbody ${BOXES}`)];
}

document.addEventListener("change", (event) => {
  const box = event.target;
  const wide = "[data-select-all], [data-select-row], [data-select-column]";
  if (!box.matches?.(`.row-select, ${wide}`)) return;
  const table = box.closest("table");
  if (box.matches(wide)) for (const each of under(box, table)) each.checked = box.checked;
  for (const each of table.querySelectorAll(wide)) {
    const all = under(each, table);
    const ticked = all.filter((one) => one.checked).length;
    each.checked = ticked > 0 && ticked === all.length;
    each.indeterminate = ticked > 0 && ticked < all.length;
  }
  const ticked = table.querySelectorAll("tbody .row-select:checked").length;
  for (const count of box.form?.querySelectorAll("[data-selected-count]") ?? []) count.textContent = String(ticked);
});
