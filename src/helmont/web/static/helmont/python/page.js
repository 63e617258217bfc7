// Python over a snapshot: the page starts a worker ([data-worker]), gives it code, and shows what it says.
// The worker is started when first needed; "Stop" ends it, and with it every name that was set.
const form = document.querySelector("[data-python]");
const [run, stop] = [form.querySelector("[data-run]"), form.querySelector("[data-stop]")];
const state = document.querySelector("[data-state]");
const output = document.querySelector("[data-output]");
const code = form.elements.code;
let worker = null;

function say(word, busy) {
  state.textContent = word ? form.dataset[word] : "";
  run.disabled = busy;
  stop.hidden = !busy;
}

function line(text, tone) {
  const last = output.lastElementChild;
  if (last?.tagName === "PRE" && last.dataset.tone === tone) last.textContent += `\n${text}`;
  else {
    const pre = Object.assign(document.createElement("pre"), { className: "code", textContent: text });
    pre.dataset.tone = tone;
    output.append(pre);
  }
}

function table({ columns, rows, total }) {
  const grid = Object.assign(document.createElement("table"), { className: "table table-sticky" });
  const numeric = columns.map((_, place) => rows.every((row) => ["number", "object"].includes(typeof row[place])));
  const cell = (name, text, place) =>
    Object.assign(document.createElement(name), { textContent: text, className: numeric[place] ? "number" : "" });
  const head = grid.createTHead().insertRow();
  head.append(...columns.map((name, place) => Object.assign(cell("th", name, place), { scope: "col" })));
  const body = grid.createTBody();
  for (const row of rows) body.insertRow().append(...row.map((value, place) => cell("td", value ?? "–", place)));
  const scroll = Object.assign(document.createElement("div"), { className: "table-scroll", tabIndex: 0 });
  scroll.setAttribute("role", "region");
  scroll.setAttribute("aria-label", form.dataset.result);
  scroll.append(grid);
  output.append(scroll);
  if (total > rows.length) line(form.dataset.first.replace("{shown}", rows.length).replace("{total}", total), "note");
}

function start() {
  worker = new Worker(form.dataset.worker, { type: "module" });
  worker.onmessage = ({ data }) => {
    if (data.kind === "state") say(data.word, data.word !== "");
    else if (data.kind === "table") table(data);
    else line(data.text, data.kind);
  };
  worker.onerror = () => {
    line(form.dataset.failed, "error");
    end();
  };
  const { pyodide, answer } = form.dataset;
  worker.postMessage({ pyodide, answer, token: form.elements.csrfmiddlewaretoken.value });
}

function end() {
  worker?.terminate();
  worker = null;
  say("", false);
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (run.disabled) return;
  output.replaceChildren();
  say(worker ? "running" : "loading", true);
  if (!worker) start();
  worker.postMessage({ code: code.value });
});
stop.addEventListener("click", () => {
  end();
  line(form.dataset.stopped, "note");
  code.focus();
});
code.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
});
