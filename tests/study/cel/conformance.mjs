/**
 * Runs conformance cases in JavaScript. Under node: reads [{tree, environment}] on standard input and writes the results as
 * JSON. In a browser: `import { runCases } from "./conformance.mjs"`.
 */

/** One result per case: {value}, {unknown: true} or {error: message}. `cel` is the module `helmont/cel.js`. */
export function runCases(cases, cel) {
  const encode = (value) => {
    if (value === cel.UNKNOWN) return null;
    if (value instanceof cel.PartialDate) return { $date: value.toString() };
    return Array.isArray(value) ? value.map(encode) : value;
  };
  return cases.map(({ tree, environment }) => {
    try {
      const value = cel.evaluate(tree, cel.environmentFromJson(environment ?? {}));
      return value === cel.UNKNOWN ? { unknown: true } : { value: encode(value) };
    } catch (error) {
      if (error instanceof cel.CelTypeError) return { error: error.message };
      throw error;
    }
  });
}

if (typeof process !== "undefined" && process.argv[2]) {
  const { readFileSync } = await import("node:fs");
  const source = readFileSync(process.argv[2], "utf8");
  const cel = await import(`data:text/javascript,${encodeURIComponent(source)}`);
  console.log(JSON.stringify(runCases(JSON.parse(readFileSync(0, "utf8")), cel)));
}
