// The interpreter. The first message says where Pyodide and the snapshot's answers are, each later one is code to run.
// What the code prints, shows or raises goes back as {kind, …}. The response that brings this file limits what it can reach.
const PRELUDE = `
import json as _json
from js import XMLHttpRequest as _Request, encodeURIComponent as _encoded

class Rows(list):
    """Rows of an answer, each a dict; columns names their keys in order."""
    columns = ()

def sql(statement):
    """The rows of one SQL statement over the snapshot (DuckDB's SQL, reading only)."""
    request = _Request.new()
    request.open("POST", _answer, False)
    request.setRequestHeader("Content-Type", "application/x-www-form-urlencoded")
    request.setRequestHeader("X-CSRFToken", _token)
    request.send("sql=" + _encoded(statement))
    if request.status == 422:
        raise ValueError(_json.loads(request.responseText)["error"])
    if request.status != 200:
        raise RuntimeError(f"the snapshot does not answer ({request.status}); reload the page")
    found = _json.loads(request.responseText)
    if found["truncated"]:
        print(f"Only the first {len(found['rows']):,} rows were fetched.")
    rows = Rows(dict(zip(found["columns"], row)) for row in found["rows"])
    rows.columns = tuple(found["columns"])
    return rows

def table(name):
    """All rows of a table of the snapshot."""
    quoted = name.replace('"', '""')
    return sql(f'SELECT * FROM "{quoted}"')

def _cell(value):
    """Numbers and None as they are, anything else as text; JSON has no infinity."""
    plain = value is None or (type(value) in (int, float) and abs(value) < 1e15)
    return value if plain else str(value)

def _shown(value):
    """What the page shows of the last expression: rows as a table, anything else as Python writes it."""
    if value is None:
        return None
    if isinstance(value, (list, tuple)) and value and all(isinstance(row, dict) for row in value):
        columns = list(getattr(value, "columns", ()) or dict.fromkeys(key for row in value for key in row))
        rows = [[_cell(row.get(name)) for name in columns] for row in value[:500]]
        return _json.dumps({"kind": "table", "columns": [str(name) for name in columns], "rows": rows, "total": len(value)})
    return _json.dumps({"kind": "value", "text": repr(value)[:100000]})
`;
let python = null;

async function load({ pyodide, answer, token }) {
  const { loadPyodide } = await import(`${pyodide}pyodide.mjs`);
  const say = (kind) => (text) => postMessage({ kind, text });
  const loaded = await loadPyodide({ indexURL: pyodide, stdout: say("text"), stderr: say("error") });
  loaded.globals.set("_answer", answer);
  loaded.globals.set("_token", token);
  loaded.runPython(PRELUDE);
  return loaded;
}

async function run(code) {
  postMessage({ kind: "state", word: "running" });
  try {
    const interpreter = await python;
    const value = await interpreter.runPythonAsync(code, { filename: "<page>" });
    const shown = interpreter.globals.get("_shown")(value);
    value?.destroy?.();
    if (shown) postMessage(JSON.parse(shown));
  } catch (error) {
    // Only the frames of the person's own code: from "<page>" on.
    const lines = String(error.message ?? error).trimEnd().split("\n");
    const first = lines.findIndex((each) => each.includes('File "<page>"'));
    postMessage({ kind: "error", text: (first < 0 ? lines.slice(-1) : lines.slice(first)).join("\n") });
  }
  postMessage({ kind: "state", word: "" });
}

onmessage = ({ data }) => {
  if (data.pyodide) {
    postMessage({ kind: "state", word: "loading" });
    python = load(data);
  } else run(data.code);
};
