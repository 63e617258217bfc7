// The page's data and its words. Sentences come from the server in the language of the page (web/entry/browser.py).

export const page = JSON.parse(document.getElementById("entry-data").textContent);

/** The sentence `name` with `{}`, `{1}`, … filled in. */
export function say(name, ...parts) {
  let next = 0;
  return page.texts[name].replace(/\{(\d*)\}/g, (_, place) => String(parts[place === "" ? next++ : Number(place)] ?? ""));
}

/** An element with a class and text, and children after it. */
export function element(tag, className = "", text = "", ...children) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text) made.append(text);
  made.append(...children);
  return made;
}

const SVG = "http://www.w3.org/2000/svg";

/** An icon of the sprite; its address is taken from one that is on the page. */
export function icon(name) {
  const sprite = document.querySelector("svg.icon use").getAttribute("href").split("#")[0];
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `${sprite}#${name}`);
  svg.append(use);
  return svg;
}

/** Equal as JSON, whatever the order of keys. */
export function same(left, right) {
  const sorted = (value) =>
    value && typeof value === "object" && !Array.isArray(value)
      ? Object.fromEntries(Object.keys(value).sort().map((key) => [key, value[key]]))
      : (value ?? null);
  return JSON.stringify(sorted(left)) === JSON.stringify(sorted(right));
}
