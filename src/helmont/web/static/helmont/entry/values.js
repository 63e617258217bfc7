// From what was typed to the value that is stored, as helmont.study.values does it on the server, and from there to a value of an expression.

import { PartialDate } from "../cel.js";
import { describeDate, readDate } from "./dates.js";
import { say } from "./text.js";

/** What was typed is not accepted; the message says what would be. */
export class Fault extends Error {}

const MONTHS_NEED = { undefined: "needsDay", null: "needsDay", day: "needsMonth", month: "needsYear" };

function readNumber(item, typed) {
  const text = typed.trim().replace(",", ".").replace("\u2212", "-").replace(/^\+/, "");
  const found = /^(-)?(\d*)(?:\.(\d*))?$/.exec(text);
  if (!found || !(found[2] || found[3])) throw new Fault(say("number", typed));
  const [whole, fraction] = [found[2].replace(/^0+(?=.)/, "") || "0", found[3] || ""];
  const most = item.type === "integer" ? 0 : item.decimals;
  if (most === 0 && fraction) throw new Fault(say("whole", typed));
  if (most !== undefined && fraction.length > most) throw new Fault(say("decimals", typed, most));
  const zero = !Number(whole) && !Number(fraction || 0);
  return `${found[1] && !zero ? "-" : ""}${whole}${fraction ? `.${fraction}` : ""}`;
}

/** A number in the item's standard unit. */
function standard(item, number, unit) {
  const chosen = item.units?.find((one) => one.code === unit);
  return chosen ? Number((chosen.factor * number + chosen.offset).toPrecision(12)) : number;
}

function refuseOutside(item, shown, number) {
  const { min, max } = item.hard_range ?? {};
  if ((min === undefined || number >= min) && (max === undefined || number <= max)) return;
  const limits = [min, max].filter((limit) => limit !== undefined);
  throw new Fault(say(limits.length === 2 ? "between" : min === undefined ? "atMost" : "atLeast", shown, ...limits));
}

function readQuantity(item, { value, unit }) {
  const text = readNumber(item, value);
  if (!unit) throw new Fault(say("unit"));
  refuseOutside(item, text, standard(item, Number(text), unit));
  return { value: text, unit };
}

function readDay(item, typed, today) {
  const timed = item.type === "datetime";
  const text = readDate(typed, timed);
  if (text === null) throw new Fault(say("date", typed));
  const date = PartialDate.parse(text);
  const absent = date.year === null ? 3 : date.month === null ? 2 : date.day === null ? 1 : 0;
  if (absent > { day: 1, month: 2, year: 3 }[item.partial] || (absent && !item.partial)) {
    throw new Fault(say("dateIncomplete", describeDate(text), say(MONTHS_NEED[item.partial] ?? "needsDay")));
  }
  if (timed && !absent && date.time === null && !item.partial) throw new Fault(say("dateIncomplete", typed, say("needsTime")));
  if (!item.future && date.year !== null && new PartialDate(...date.earliest()).compare(PartialDate.parse(today)) > 0) {
    throw new Fault(say("future", describeDate(text)));
  }
  return text;
}

function readTime(typed) {
  const found = /^(\d{1,2})[:.]?(\d{2})$/.exec(typed.trim());
  if (!found || Number(found[1]) > 23 || Number(found[2]) > 59) throw new Fault(say("time", typed));
  return `${found[1].padStart(2, "0")}:${found[2]}`;
}

/** The stored form of what was entered for an item, null when nothing was; throws a Fault. */
export function parse(item, raw, today) {
  if (raw === null || raw === undefined || raw === "" || raw.length === 0) return null;
  if (typeof raw === "object" && "not_done" in raw) {
    if (!raw.not_done.trim()) throw new Fault(say("reason"));
    return { not_done: raw.not_done.trim() };
  }
  if (typeof raw === "string" && !raw.trim()) return null;
  switch (item.type) {
    case "integer":
    case "decimal": {
      if (item.units) return raw.value?.trim() ? readQuantity(item, raw) : null;
      const text = readNumber(item, raw);
      refuseOutside(item, text, Number(text));
      return text;
    }
    case "date":
    case "datetime":
      return readDay(item, raw, today);
    case "time":
      return readTime(raw);
    case "text": {
      const text = raw.normalize("NFC").replace(/\r\n?/g, "\n").trim();
      if (text.length > (item.length ?? 10000)) throw new Fault(say("length", text.length, item.length ?? 10000));
      return text;
    }
    default:
      return raw;
  }
}

/** A stored value as expressions see it; undefined when it is unknown. */
export function compute(item, value) {
  if (value === null || value === undefined) return undefined;
  const isMap = typeof value === "object" && !Array.isArray(value);
  if (isMap && "not_done" in value) return undefined;
  if (isMap && "file" in value) return value.name;
  if (isMap) return standard(item, Number(value.value), value.unit);
  switch (item.type) {
    case "integer":
    case "decimal":
      return Number(value);
    case "date":
    case "datetime":
      return PartialDate.parse(value);
    case "calculated":
      if (/^-?\d+(\.\d+)?$/.test(value)) return Number(value);
      return /^\d{4}-\d{2}(-\d{2}(T\d{2}:\d{2})?)?$/.test(value) ? PartialDate.parse(value) : value;
    default:
      return value;
  }
}

/** A stored value in words. */
export function show(item, value) {
  if (value === null || value === undefined) return say("emptied");
  if (Array.isArray(value)) return value.map((code) => show(item, code)).join(", ");
  if (typeof value === "object") {
    if ("not_done" in value) return say("notDone", value.not_done);
    if ("file" in value) return value.name;
    return `${value.value} ${item.units?.find((one) => one.code === value.unit)?.label ?? value.unit}`;
  }
  if (item.terms) return item.terms.find((term) => term.code === value)?.label ?? value;
  if (item.type === "date" || item.type === "datetime") return describeDate(value);
  return item.unit ? `${value} ${item.unit.label}` : value;
}
