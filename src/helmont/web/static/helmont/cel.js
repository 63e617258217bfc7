/**
 * The expressions of a study in the browser: evaluates the tree that helmont.study.cel writes as JSON, with the same answers.
 *
 * Values: number, string, boolean, PartialDate, array, plain object or Map, and UNKNOWN for what is missing.
 * `evaluate(tree, environment)` looks a name up whole ("at.BASELINE.VS.WEIGHT") and otherwise level by level.
 * Compare results with === : UNKNOWN is an object and therefore truthy in a plain `if`.
 */

export const UNKNOWN = Object.freeze({
  toString: () => "UNKNOWN",
  [Symbol.toPrimitive]() {
    throw new TypeError("UNKNOWN is neither true nor false; compare with === UNKNOWN");
  },
});

/** An operator met kinds of value it has no meaning for. */
export class CelTypeError extends Error {
  constructor(message) {
    super(message);
    this.name = "CelTypeError";
  }
}

const MAXIMUM_DECIMALS = 15;
const WHOLLY_UNKNOWN = "UNK";
const ISO = /^(\d{4})(?:-(\d{2})(?:-(\d{2})(?:T([01]\d|2[0-3]):([0-5]\d))?)?)?$/;

// Dates

const isLeap = (year) => (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
const daysIn = (year, month) => (month === 2 ? (isLeap(year) ? 29 : 28) : [4, 6, 9, 11].includes(month) ? 30 : 31);

/** Days since 1 January of year 1. */
function ordinal([year, month, day]) {
  const before = year - 1;
  let days = before * 365 + Math.floor(before / 4) - Math.floor(before / 100) + Math.floor(before / 400) + day - 1;
  for (let m = 1; m < month; m += 1) days += daysIn(year, m);
  return days;
}

/** A date of which parts may be unknown: 2013-12-26T09:05, 2013-12-26, 2013-12, 2013 or UNK. */
export class PartialDate {
  constructor(year = null, month = null, day = null, time = null) {
    Object.assign(this, { year, month, day, time });
    Object.freeze(this);
  }

  /** Reads a text; throws a RangeError when it is no date. */
  static parse(text) {
    if (text === WHOLLY_UNKNOWN) return new PartialDate();
    const found = ISO.exec(text);
    const [year, month, day] = found ? found.slice(1, 4).map((part) => (part === undefined ? null : Number(part))) : [0];
    if (!year || month === 0 || month > 12 || day === 0 || (day !== null && day > daysIn(year, month))) {
      throw new RangeError(`${text}: not a date; write YYYY-MM-DD, YYYY-MM or YYYY`);
    }
    return new PartialDate(year, month, day, found[4] === undefined ? null : `${found[4]}:${found[5]}`);
  }

  get complete() {
    return this.day !== null;
  }

  /** The first day this can be, as [year, month, day]. */
  earliest() {
    return this.year === null ? [1, 1, 1] : [this.year, this.month ?? 1, this.day ?? 1];
  }

  /** The last day this can be, as [year, month, day]. */
  latest() {
    if (this.year === null) return [9999, 12, 31];
    const month = this.month ?? 12;
    return [this.year, month, this.day ?? daysIn(this.year, month)];
  }

  /** -1 surely before, 1 surely after, 0 surely the same, null when it cannot be told. */
  compare(other) {
    if (ordinal(this.latest()) < ordinal(other.earliest())) return -1;
    if (ordinal(this.earliest()) > ordinal(other.latest())) return 1;
    if (!this.complete || !other.complete) return null;
    if (this.time === other.time) return 0;
    if (this.time === null || other.time === null) return null;
    return this.time < other.time ? -1 : 1;
  }

  toString() {
    if (this.year === null) return WHOLLY_UNKNOWN;
    const pad = (number, width) => String(number).padStart(width, "0");
    let text = pad(this.year, 4);
    if (this.month !== null) text += `-${pad(this.month, 2)}`;
    if (this.day !== null) text += `-${pad(this.day, 2)}`;
    return this.time === null ? text : `${text}T${this.time}`;
  }
}

function daysBetween(start, end) {
  return start.complete && end.complete ? ordinal(end.earliest()) - ordinal(start.earliest()) : UNKNOWN;
}

function completedYears([year, month, day], [endYear, endMonth, endDay]) {
  return endYear - year - (endMonth < month || (endMonth === month && endDay < day) ? 1 : 0);
}

function yearsBetween(start, end) {
  const least = completedYears(start.latest(), end.earliest());
  return least === completedYears(start.earliest(), end.latest()) ? least : UNKNOWN;
}

// Values

const isMap = (value) => value instanceof Map || kindOf(value) === "map";

/** A field of a map that is its own; never one inherited from Object. */
function own(map, key) {
  if (map instanceof Map) return map.get(key);
  return Object.hasOwn(map, key) ? map[key] : undefined;
}

/** A value from outside as the engine sees it: null, undefined, "" and numbers that are none are UNKNOWN. */
function known(value) {
  if (value === null || value === undefined || value === "") return UNKNOWN;
  return typeof value === "number" && !Number.isFinite(value) ? UNKNOWN : value;
}

function kindOf(value) {
  if (typeof value === "number" || typeof value === "boolean") return typeof value;
  if (typeof value === "string") return "text";
  if (value instanceof PartialDate) return "date";
  if (Array.isArray(value)) return "list";
  if (typeof value === "object" && value !== null && value !== UNKNOWN) return "map";
  throw new CelTypeError(`a ${typeof value} is not a value of an expression`);
}

const mismatch = (operator, ...values) =>
  new CelTypeError(`${operator} has no meaning for ${values.map(kindOf).join(" and ")}`);

/** Both sides as dates; a text beside a date is read as one. */
function asDates(operator, left, right) {
  return [left, right].map((side) => {
    if (side instanceof PartialDate) return side;
    try {
      if (typeof side === "string") return PartialDate.parse(side);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
    }
    throw mismatch(operator, left, right);
  });
}

/** -1, 0 or 1 by code point, as Python orders texts; JavaScript's < goes by UTF-16 unit. */
function compareTexts(left, right) {
  const [a, b] = [Array.from(left), Array.from(right)];
  for (let i = 0; i < a.length && i < b.length; i += 1) {
    if (a[i] !== b[i]) return a[i].codePointAt(0) < b[i].codePointAt(0) ? -1 : 1;
  }
  return Math.sign(a.length - b.length);
}

/** Conjunction of answers already known to be true, false or UNKNOWN. */
const allOf = (answers) => (answers.includes(false) ? false : answers.includes(UNKNOWN) ? UNKNOWN : true);
const anyOf = (answers) => (answers.includes(true) ? true : answers.includes(UNKNOWN) ? UNKNOWN : false);
const not = (answer) => (answer === UNKNOWN ? UNKNOWN : !answer);

function equal(leftValue, rightValue, operator) {
  const [left, right] = [known(leftValue), known(rightValue)];
  if (left === UNKNOWN || right === UNKNOWN) return UNKNOWN;
  const [kind, other] = [kindOf(left), kindOf(right)];
  if (kind === "date" || other === "date") {
    const [one, two] = asDates(operator, left, right);
    const order = one.compare(two);
    return order === null ? UNKNOWN : order === 0;
  }
  if (kind !== other || kind === "map") throw mismatch(operator, left, right);
  if (kind !== "list") return left === right;
  if (left.length !== right.length) return false;
  let answer = true;
  for (let i = 0; i < left.length; i += 1) {
    const same = equal(left[i], right[i], operator);
    if (same === false) return false;
    if (same === UNKNOWN) answer = UNKNOWN;
  }
  return answer;
}

function contained(value, values) {
  let answer = false;
  for (const element of values) {
    const same = equal(value, element, "in");
    if (same === true) return true;
    if (same === UNKNOWN) answer = UNKNOWN;
  }
  return answer;
}

function datePrecedes(orEqual, left, right) {
  const order = left.compare(right);
  if (order !== null) return orEqual ? order <= 0 : order < 0;
  // Overlapping days may still decide: all of 2013-12 is on or before 2013-12-31, and none of it is before 2013-12-01.
  if (left.time === null && right.time === null) {
    if (orEqual && ordinal(left.latest()) <= ordinal(right.earliest())) return true;
    if (!orEqual && ordinal(left.earliest()) >= ordinal(right.latest())) return false;
  }
  return UNKNOWN;
}

function relate(operator, left, right) {
  if (left === UNKNOWN || right === UNKNOWN) return UNKNOWN;
  const orEqual = operator.length === 2;
  const inOrder = (pair) => (operator[0] === "<" ? pair : [pair[1], pair[0]]);
  const [kind, other] = [kindOf(left), kindOf(right)];
  if (kind === "date" || other === "date") return datePrecedes(orEqual, ...inOrder(asDates(operator, left, right)));
  const [before, after] = inOrder([left, right]);
  if (kind === "text" && other === "text") return compareTexts(before, after) < (orEqual ? 1 : 0);
  if (kind === "number" && other === "number") return orEqual ? before <= after : before < after;
  throw mismatch(operator, left, right);
}

// Numbers as decimals

/** The shortest decimal that reads back as `number`: sign, digits as BigInt, and how many of them are decimals (>= 0). */
function decimalOf(number) {
  const [, sign, whole, fraction = "", exponent = "0"] = /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]?\d+))?$/.exec(String(number));
  let digits = BigInt(whole + fraction);
  let decimals = fraction.length - Number(exponent);
  if (decimals < 0) {
    digits *= 10n ** BigInt(-decimals);
    decimals = 0;
  }
  return { sign, digits, decimals };
}

function textOfDecimal({ sign, digits, decimals }) {
  const text = String(digits).padStart(decimals + 1, "0");
  const fraction = decimals ? text.slice(-decimals).replace(/0+$/, "") : "";
  const whole = decimals ? text.slice(0, -decimals) : text;
  return (digits === 0n ? "" : sign) + whole + (fraction && `.${fraction}`);
}

function roundHalfAway(number, places = 0) {
  if (!Number.isInteger(places) || places < 0 || places > MAXIMUM_DECIMALS) {
    throw new CelTypeError(`round: ${places} decimals; a whole number from 0 to ${MAXIMUM_DECIMALS} is accepted`);
  }
  const { sign, digits, decimals } = decimalOf(number);
  if (decimals <= places) return number;
  const divisor = 10n ** BigInt(decimals - places);
  const rounded = (2n * digits + divisor) / (2n * divisor);
  return Number(textOfDecimal({ sign, digits: rounded, decimals: places }));
}

// Functions: each has the kinds of its parameters (the last repeats) and is called with known arguments.

function numbers(name, given) {
  const values = (given.length === 1 && Array.isArray(given[0]) ? given[0] : given).map(known);
  for (const value of values) {
    if (value !== UNKNOWN && typeof value !== "number") {
      throw new CelTypeError(`${name}: an element is a ${kindOf(value)}; number is accepted`);
    }
  }
  return values.includes(UNKNOWN) ? null : values;
}

function extreme(name, choose) {
  return (...given) => {
    const values = numbers(name, given);
    return values && values.length ? values.reduce((one, other) => (choose(one, other) ? one : other)) : UNKNOWN;
  };
}

function sum(values) {
  const found = numbers("sum", [values]);
  return found ? found.reduce((total, number) => (total === UNKNOWN ? UNKNOWN : known(total + number)), 0) : UNKNOWN;
}

function size(value) {
  if (typeof value === "string") return Array.from(value).length;
  if (Array.isArray(value)) return value.length;
  return value instanceof Map ? value.size : Object.keys(value).length;
}

function toDate(value) {
  if (value instanceof PartialDate) return value;
  try {
    return PartialDate.parse(value);
  } catch (error) {
    if (error instanceof RangeError) return UNKNOWN;
    throw error;
  }
}

function between(count) {
  return (start, end) => {
    const [from, to] = [toDate(start), toDate(end)];
    return from === UNKNOWN || to === UNKNOWN ? UNKNOWN : count(from, to);
  };
}

const NUMBER = /^[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,3})?$/;
const INTEGER = /^[+-]?[0-9]+$/;

function toDouble(value) {
  if (typeof value === "number") return value;
  return NUMBER.test(value) ? known(Number(value)) : UNKNOWN;
}

function toInt(value) {
  if (typeof value === "number") return Math.trunc(value);
  return value.length <= 20 && INTEGER.test(value) ? known(Number(value)) : UNKNOWN;
}

const toText = (value) => (typeof value === "number" ? textOfDecimal(decimalOf(value)) : String(value));

const FUNCTIONS = {
  size: [[["text", "list", "map"]], size],
  startsWith: [[["text"]], (text, start) => text.startsWith(start)],
  endsWith: [[["text"]], (text, end) => text.endsWith(end)],
  contains: [[["text"]], (text, part) => text.includes(part)],
  round: [[["number"]], roundHalfAway],
  abs: [[["number"]], Math.abs],
  min: [[["number", "list"], ["number"]], extreme("min", (one, other) => one <= other)],
  max: [[["number", "list"], ["number"]], extreme("max", (one, other) => one >= other)],
  sum: [[["list"]], sum],
  double: [[["number", "text"]], toDouble],
  int: [[["number", "text"]], toInt],
  string: [[["number", "text", "boolean", "date"]], toText],
  date: [[["date", "text"]], toDate],
  days: [[["date", "text"]], between(daysBetween)],
  years: [[["date", "text"]], between(yearsBetween)],
};

function call(name, given) {
  if (given.includes(UNKNOWN)) return UNKNOWN;
  const [parameters, compute] = FUNCTIONS[name];
  given.forEach((value, position) => {
    const kinds = parameters[Math.min(position, parameters.length - 1)];
    if (!kinds.includes(kindOf(value))) {
      throw new CelTypeError(
        `${name}: argument ${position + 1} is a ${kindOf(value)}; ${[...kinds].sort().join(" or ")} is accepted`,
      );
    }
  });
  return compute(...given);
}

/** Runs the automaton of a pattern (helmont.study.cel.patterns) over the text: linear time, no backtracking. */
function matchesPattern(states, text) {
  const closure = (pending, atStart, atEnd) => {
    const reached = new Set();
    while (pending.length) {
      const i = pending.pop();
      if (reached.has(i)) continue;
      reached.add(i);
      const [op, ...bounds] = states[i];
      if (op === "split") pending.push(i + bounds[0], i + bounds[1]);
      else if ((op === "start" && atStart) || (op === "end" && atEnd)) pending.push(i + 1);
    }
    return reached;
  };
  const reads = (i, code) => {
    const [op, ...bounds] = states[i];
    return op === "in" && bounds.some((low, j) => j % 2 === 0 && low <= code && code <= bounds[j + 1]);
  };
  const accept = states.length - 1;
  let current = closure([0], true, false);
  for (const character of text) {
    if (current.has(accept)) return true;
    const code = character.codePointAt(0);
    const moved = Array.from(current).filter((i) => reads(i, code));
    current = closure([0, ...moved.map((i) => i + 1)], false, false);
  }
  return closure(Array.from(current), text === "", true).has(accept);
}

// Evaluation

function truth(value, operator) {
  if (value === true || value === false || value === UNKNOWN) return value;
  throw new CelTypeError(`${operator} has no meaning for a ${kindOf(value)}; a boolean is accepted`);
}

function field(value, name) {
  if (value === UNKNOWN) return UNKNOWN;
  if (isMap(value)) return known(own(value, name));
  throw new CelTypeError(`.${name} asks a ${kindOf(value)} for a field; a map is accepted`);
}

function lookUp(name, environment) {
  const whole = known(own(environment, name));
  if (whole !== UNKNOWN || !name.includes(".")) return whole;
  return name.split(".").reduce(field, environment);
}

function elementAt(value, index) {
  if (value === UNKNOWN || index === UNKNOWN) return UNKNOWN;
  if (Array.isArray(value) && typeof index === "number") return known(value[index]);
  if (isMap(value) && typeof index === "string") return known(own(value, index));
  throw mismatch("[]", value, index);
}

function isIn(value, values) {
  if (value === UNKNOWN || values === UNKNOWN) return UNKNOWN;
  if (Array.isArray(values)) return contained(value, values);
  if (isMap(values) && typeof value === "string") return known(own(values, value)) !== UNKNOWN;
  throw mismatch("in", value, values);
}

const COMPUTE = {
  "+": (a, b) => a + b,
  "-": (a, b) => a - b,
  "*": (a, b) => a * b,
  "/": (a, b) => (b === 0 ? UNKNOWN : a / b),
  "%": (a, b) => (b === 0 ? UNKNOWN : a % b),
};

function calculate(operator, a, b) {
  if (a === UNKNOWN || b === UNKNOWN) return UNKNOWN;
  const [kind, other] = [kindOf(a), kindOf(b)];
  if (kind === "number" && other === "number") return known(COMPUTE[operator](a, b));
  if (operator === "+" && kind === other && kind === "text") return a + b;
  if (operator === "+" && kind === other && kind === "list") return [...a, ...b];
  throw mismatch(operator, a, b);
}

function negate(value) {
  if (value === UNKNOWN) return UNKNOWN;
  if (typeof value !== "number") throw mismatch("-", value);
  return -value;
}

const CONCLUSIONS = {
  all: (_, results) => allOf(results),
  exists: (_, results) => anyOf(results),
  exists_one: (_, results) => {
    const count = results.filter((result) => result === true).length;
    if (count > 1) return false;
    return results.includes(UNKNOWN) ? UNKNOWN : count === 1;
  },
  filter: (elements, results) =>
    results.includes(UNKNOWN) ? UNKNOWN : elements.filter((_, position) => results[position]),
  map: (_, results) => results,
};

function macro(name, values, bodyOf) {
  if (values === UNKNOWN) return UNKNOWN;
  if (!Array.isArray(values)) throw new CelTypeError(`${name} belongs to a list; this is a ${kindOf(values)}`);
  const elements = values.map(known);
  const results = elements.map(bodyOf);
  return CONCLUSIONS[name](elements, name === "map" ? results : results.map((result) => truth(result, name)));
}

/** `&&` and `||` after Kleene: the first part that decides ends it, whatever was unknown before. */
function logical(operator, parts, valueOf) {
  const decisive = operator === "||";
  let answer = !decisive;
  for (const part of parts) {
    const value = truth(valueOf(part), operator);
    if (value === decisive) return decisive;
    if (value === UNKNOWN) answer = UNKNOWN;
  }
  return answer;
}

/** `bound` holds the variables of the macros around: {variable, value, outer}. */
function evaluateIn(tree, environment, bound) {
  if (!Array.isArray(tree)) return known(tree);
  const [operator, ...parts] = tree;
  const valueOf = (part) => evaluateIn(part, environment, bound);
  switch (operator) {
    case "name":
      return lookUp(parts[0], environment);
    case "var": {
      let scope = bound;
      while (scope.variable !== parts[0]) scope = scope.outer;
      return scope.value;
    }
    case ".":
      return field(valueOf(parts[0]), parts[1]);
    case "at":
      return elementAt(valueOf(parts[0]), valueOf(parts[1]));
    case "[]":
      return parts.map(valueOf);
    case "{}":
      return new Map(parts.flatMap((key, i) => (i % 2 ? [] : [[key, valueOf(parts[i + 1])]])));
    case "&&":
    case "||":
      return logical(operator, parts, valueOf);
    case "!":
      return not(truth(valueOf(parts[0]), "!"));
    case "?:": {
      const condition = truth(valueOf(parts[0]), "?:");
      return condition === UNKNOWN ? UNKNOWN : valueOf(parts[condition ? 1 : 2]);
    }
    case "present":
      return valueOf(parts[0]) !== UNKNOWN;
    case "missing":
      return valueOf(parts[0]) === UNKNOWN;
    case "neg":
      return negate(valueOf(parts[0]));
    case "==":
      return equal(valueOf(parts[0]), valueOf(parts[1]), operator);
    case "!=":
      return not(equal(valueOf(parts[0]), valueOf(parts[1]), operator));
    case "<":
    case "<=":
    case ">":
    case ">=":
      return relate(operator, valueOf(parts[0]), valueOf(parts[1]));
    case "in":
      return isIn(valueOf(parts[0]), valueOf(parts[1]));
    case "+":
    case "-":
    case "*":
    case "/":
    case "%":
      return calculate(operator, valueOf(parts[0]), valueOf(parts[1]));
    case "matches": {
      const text = valueOf(parts[0]);
      if (text === UNKNOWN) return UNKNOWN;
      if (typeof text !== "string") throw new CelTypeError(`matches: argument 1 is a ${kindOf(text)}; text is accepted`);
      return matchesPattern(parts[2], text);
    }
    default:
      if (Object.hasOwn(CONCLUSIONS, operator)) {
        const bodyOf = (value) => evaluateIn(parts[2], environment, { variable: parts[1], value, outer: bound });
        return macro(operator, valueOf(parts[0]), bodyOf);
      }
      if (!Object.hasOwn(FUNCTIONS, operator)) throw new CelTypeError(`${operator} is no operator or function`);
      return call(operator, parts.map(valueOf));
  }
}

/** The value of a tree: boolean, number, string, PartialDate, array, map or UNKNOWN. Throws CelTypeError. */
export function evaluate(tree, environment) {
  return evaluateIn(tree, environment, null);
}

/** An environment that came as JSON: {"$date": "2013-12"} becomes a PartialDate, at any depth. */
export function environmentFromJson(data) {
  if (Array.isArray(data)) return data.map(environmentFromJson);
  if (typeof data !== "object" || data === null) return data;
  if (Object.hasOwn(data, "$date")) return PartialDate.parse(data.$date);
  return new Map(Object.entries(data).map(([key, value]) => [key, environmentFromJson(value)]));
}
