// What the form's rules say of what is typed, exactly as helmont.study.compiled_forms.evaluate says it when it is saved.

import { environmentFromJson, evaluate, PartialDate, UNKNOWN } from "../cel.js";
import { page } from "./text.js";
import { compute, show } from "./values.js";

export const REQUIRED = "REQUIRED";
const [RANGE, SKIPPED] = ["RANGE", "SKIPPED"];

/** Every item of the form by id, with the repeating group it stands in (or null). */
export const items = new Map();
for (const group of page.form?.groups ?? []) {
  for (const item of group.items) items.set(item.id, { item, group: group.repeats ? group : null });
}

/** The item of a key: `ITEM`, or `GROUP[2].ITEM`. */
export const itemOf = (key) => items.get(key.replace(/^.*\./, "")).item;

const surroundings = environmentFromJson(page.environment ?? {});
const keyOf = (group, row, id) => (group ? `${group.id}[${row}].${id}` : id);

/** The form's values as expressions see them; repeating groups as lists of rows. */
function environmentOf(data) {
  const names = Object.fromEntries(surroundings);
  const rows = new Map();
  for (const { group } of items.values()) if (group) rows.set(group.id, { least: group.repeats.min, found: new Map() });
  for (const [key, value] of data) {
    const [, groupId, row, id] = /^(?:(\w+)\[(\d+)\]\.)?(\w+)$/.exec(key);
    const known = items.get(id);
    if (!known || known.item.calculation) continue;
    const computed = compute(known.item, value);
    if (computed === undefined) continue;
    if (!groupId) names[id] = computed;
    else {
      const { found } = rows.get(groupId);
      found.set(Number(row), { ...found.get(Number(row)), [id]: computed });
    }
  }
  for (const [id, { least, found }] of rows) {
    const count = Math.max(least, 0, ...found.keys());
    names[id] = Array.from({ length: count }, (_, place) => found.get(place + 1) ?? {});
  }
  return names;
}

const rowsOf = (group, names) => (group ? names[group.id].map((_, place) => place + 1) : [0]);
const seenFrom = (group, names, row) => (group ? { ...names, ...names[group.id][row - 1] } : names);

/** What is stored of a calculation: numbers with their decimals (halves away from zero), null for unknown. */
function calculated(result, decimals) {
  if (result === UNKNOWN) return null;
  if (typeof result !== "number") return result instanceof PartialDate || typeof result === "string" ? String(result) || null : String(result);
  if (decimals === undefined) return String(result);
  const scaled = `${Math.round(Number(`${Math.abs(result)}e${decimals}`))}e-${decimals}`;
  const text = Number(scaled).toFixed(decimals);
  return result < 0 && Number(text) ? `-${text}` : text;
}

/**
 * Evaluate the form.
 * @param {Map<string, unknown>} data stored values by item key
 * @returns {{calculated: Map<string, string|null>, skipped: Set<string>, missing: Set<string>,
 *   findings: {check: string, key: string, message: string, severity: string}[]}}
 */
export function run(data) {
  const names = environmentOf(data);
  const outcome = { calculated: new Map(), skipped: new Set(), missing: new Set(), findings: [] };
  for (const id of page.form.calculations) {
    const { item, group } = items.get(id);
    for (const row of rowsOf(group, names)) {
      const seen = seenFrom(group, names, row);
      const skipped = item.skip && evaluate(item.skip, seen) === true;
      const value = skipped ? null : calculated(evaluate(item.calculation, seen), item.decimals);
      outcome.calculated.set(keyOf(group, row, id), value);
      if (value !== null) (group ? names[group.id][row - 1] : names)[id] = compute(item, value);
    }
  }
  for (const [id, { item, group }] of items) {
    for (const row of rowsOf(group, names)) {
      const key = keyOf(group, row, id);
      const seen = seenFrom(group, names, row);
      const value = item.calculation ? outcome.calculated.get(key) : data.get(key);
      if (item.skip && evaluate(item.skip, seen) === true) {
        outcome.skipped.add(key);
        if (!item.calculation && value != null) outcome.findings.push({ check: SKIPPED, key, message: page.form.automatic[SKIPPED], severity: "query" });
        continue;
      }
      if (item.required && value == null) {
        outcome.missing.add(key);
        outcome.findings.push({ check: REQUIRED, key, message: page.form.automatic[REQUIRED], severity: "query" });
      }
      const number = compute(item, value);
      if (item.range && typeof number === "number" && (number < item.range.min || number > item.range.max)) {
        const shown = typeof value === "object" ? show(item, value) : value;
        outcome.findings.push({ check: RANGE, key, message: item.range_message.replace("{value}", shown), severity: "query" });
      }
    }
  }
  for (const check of page.form.checks) {
    const { group } = items.get(check.item);
    for (const row of rowsOf(group, names)) {
      if (evaluate(check.expression, seenFrom(group, names, row)) === false) {
        outcome.findings.push({ check: check.id, key: keyOf(group, row, check.item), message: check.message, severity: check.severity });
      }
    }
  }
  return outcome;
}
