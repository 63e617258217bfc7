// Dates as people type them, in any language of the interface: 26 12 2013, 26 dec 2013, dec 2013, 2013-12, un dec 2013, UNK.

import { PartialDate } from "../cel.js";
import { page, say } from "./text.js";

const plain = (word) => word.toLowerCase().normalize("NFD").replace(/[\u0300-\u036f.]/g, "");
const UNKNOWN_PART = /^(un|uk|unk|nk|xx|\?+|-+)$/;

/** The month a word begins, from 1; null when none or more than one. */
function monthOf(word) {
  const typed = plain(word);
  if (typed.length < 3) return null;
  const found = Object.keys(page.months.typed).filter((number) => page.months.typed[number].some((name) => plain(name).startsWith(typed)));
  const exact = Object.keys(page.months.typed).filter((number) => page.months.typed[number].some((name) => plain(name) === typed));
  const only = exact.length === 1 ? exact : found;
  return only.length === 1 ? Number(only[0]) : null;
}

function canonical(year, month, day, time) {
  const pad = (part, width = 2) => String(part).padStart(width, "0");
  let text = pad(year, 4);
  if (month) text += `-${pad(month)}`;
  if (month && day) text += `-${pad(day)}`;
  if (time) text += `T${time}`;
  try {
    return PartialDate.parse(text).toString();
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

/** Canonical form of what was typed (`2013-12`), or null when it is no date. */
export function readDate(typed, timed = false) {
  let text = typed.trim();
  let time = null;
  const clock = timed && /^(.*\d)[T ,]+(\d{1,2})[:.](\d{2})$/.exec(text);
  if (clock && Number(clock[2]) < 24 && Number(clock[3]) < 60) {
    text = clock[1];
    time = `${clock[2].padStart(2, "0")}:${clock[3]}`;
  }
  if (/^unk$/i.test(text)) return "UNK";
  const parts = text.split(/[\s./,-]+/).filter(Boolean);
  if (parts.length === 0 || parts.length > 3) return null;
  if (/^\d{4}$/.test(parts[0])) parts.reverse();
  const year = /^\d{4}$/.test(parts.at(-1)) ? Number(parts.at(-1)) : null;
  if (year === null) return parts.every((part) => UNKNOWN_PART.test(plain(part))) ? "UNK" : null;
  const [monthText, dayText] = [parts.at(-2), parts.at(-3)];
  const known = (part) => part !== undefined && !UNKNOWN_PART.test(plain(part));
  const month = !known(monthText) ? null : /^\d{1,2}$/.test(monthText) ? Number(monthText) : monthOf(monthText);
  if (known(monthText) && !month) return null;
  if (known(dayText) && (!/^\d{1,2}$/.test(dayText) || !month || !Number(dayText))) return null;
  return canonical(year, month, known(dayText) ? Number(dayText) : null, time);
}

/** A canonical date as it stands in a field: 26 Dec 2013. */
export function writeDate(text) {
  if (text === "UNK") return text;
  const { year, month, day, time } = PartialDate.parse(text);
  return [day, month && page.months.shown[month - 1], String(year).padStart(4, "0"), time].filter(Boolean).join(" ");
}

/** The same with what is not known said in words: Dec 2013, day unknown. */
export function describeDate(text) {
  const date = PartialDate.parse(text);
  if (date.year === null) return say("dateUnknown");
  if (date.month === null) return say("monthUnknown", writeDate(text));
  return date.day === null ? say("dayUnknown", writeDate(text)) : writeDate(text);
}
