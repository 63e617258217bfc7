// Arrow keys in <table data-keys>: from a link, button or control to its neighbour in the next row or column, and
// Home and End to the ends of the row. A control keeps the keys it needs itself.

const FOCUSABLE = "a[href], button:not(:disabled), input:not(:disabled, [type=hidden]), select:not(:disabled), textarea:not(:disabled)";
const STEPS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1], Home: [0, -Infinity], End: [0, Infinity] };

/** Whether the control itself has a use for this key: a caret moves sideways, a list or spin box up and down. */
function needs(element, key) {
  if (element.matches("select, textarea, [type=radio], [type=number], [type=date]")) return true;
  const caret = element.matches("input:not([type=checkbox], [type=button], [type=submit])");
  return caret && STEPS[key][0] === 0;
}

function neighbour(cell, [down, right]) {
  const rows = [...cell.closest("table").rows];
  let row = rows.indexOf(cell.parentElement);
  let column = cell.cellIndex;
  if (!Number.isFinite(right)) {
    const cells = [...cell.parentElement.cells];
    const found = (right < 0 ? cells : cells.reverse()).find((each) => each.querySelector(FOCUSABLE));
    return found?.querySelector(FOCUSABLE);
  }
  for (;;) {
    row += down;
    column += right;
    const next = rows[row]?.cells[column];
    if (!next) return null;
    const target = next.querySelector(FOCUSABLE);
    if (target) return target;
  }
}

document.addEventListener("keydown", (event) => {
  if (!(event.key in STEPS) || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const cell = event.target.closest?.("table[data-keys] :is(td, th)");
  if (!cell || needs(event.target, event.key)) return;
  const target = neighbour(cell, STEPS[event.key]);
  if (!target) return;
  event.preventDefault();
  target.focus();
  target.select?.();
});
