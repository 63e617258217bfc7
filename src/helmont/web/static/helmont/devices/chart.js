// One picture of a trace: lines and bands by uPlot, and on the same canvas what is not data: time not worn, gaps, marks.
/* global uPlot */

const HEIGHT = 160;
const GUTTER = 56;
const COLOURS = ["accent", "attention", "good"];

/** The colours of the page as they are now, light or dark; a canvas knows no custom properties. */
export function palette() {
  const probe = document.createElement("i");
  document.body.append(probe);
  const colour = (name) => {
    probe.className = `swatch-probe swatch-${name}`;
    return getComputedStyle(probe).color;
  };
  const names = [...COLOURS, "ink", "ink-soft", "rule", "edge", "neutral", "bad", "signed", "notice"];
  const found = Object.fromEntries(names.map((name) => [name, colour(name)]));
  found.font = getComputedStyle(document.body).fontFamily;
  probe.remove();
  return found;
}

const faint = (colour, share) => colour.replace(/^rgb\((.*)\)$/, `rgba($1, ${share})`);
const MARKS = { visit: "accent", adverse: "bad", device: "edge", correction: "signed" };

/** What uPlot draws: times and, for each axis, the mean, the lowest and the highest; empty between what lies apart. */
export function columns(trace, about) {
  const axes = about.extra ? [{ mean: trace.extra[about.extra] ?? [], low: null, high: null }] : trace.axes;
  const at = trace.times;
  const empty = about.extra && !axes[0].mean.length;
  if (empty || !at.length) return [[], ...about.axes.flatMap(() => [[], [], []])];
  const gaps = trace.gaps;
  const out = [[], ...axes.flatMap(() => [[], [], []])];
  let gap = 0;
  for (let place = 0; place < at.length; place += 1) {
    while (gap < gaps.length && gaps[gap][1] <= at[Math.max(place - 1, 0)]) gap += 1;
    if (place && gap < gaps.length && gaps[gap][0] >= at[place - 1] && gaps[gap][1] <= at[place] + 1) {
      out[0].push((at[place - 1] + at[place]) / 2e6);
      for (let column = 1; column < out.length; column += 1) out[column].push(null);
    }
    // A mean stands in the middle of its bucket.
    out[0].push(at[place] / 1e6 + (trace.level === "raw" ? 0 : trace.seconds / 2));
    axes.forEach((axis, number) => {
      out[1 + 3 * number].push(axis.mean[place]);
      out[2 + 3 * number].push(axis.low ? axis.low[place] : null);
      out[3 + 3 * number].push(axis.high ? axis.high[place] : null);
    });
  }
  return out;
}

/**
 * @param {HTMLElement} holder where it is drawn
 * @param {{axes: string[], decimals: number}} about
 * @param {{time: object, marks: object[], words: object, onSelect: Function, onCursor: Function, onAll: Function}} tools
 */
export function chart(holder, about, tools) {
  let colours = palette();
  let trace = null;
  const width = () => Math.max(holder.clientWidth, 200);
  const ruled = { stroke: () => colours["ink-soft"], grid: { stroke: () => colours.rule, width: 1 }, ticks: { stroke: () => colours.rule, width: 1 } };

  const spans = (u, list, paint) => {
    const { left, top, width: wide, height } = u.bbox;
    for (const [from, to] of list) {
      const start = Math.max(u.valToPos(from / 1e6, "x", true), left);
      const end = Math.min(u.valToPos(to / 1e6, "x", true), left + wide);
      if (end > start) paint(start, top, Math.max(end - start, 1), height);
    }
  };

  function under(u) {
    if (!trace) return;
    const pen = u.ctx;
    pen.save();
    spans(u, trace.nonwear, (x, y, w, h) => {
      pen.fillStyle = faint(colours.signed, 0.16);
      pen.fillRect(x, y, w, h);
    });
    spans(u, trace.gaps, (x, y, w, h) => hatch(pen, x, y, w, h, colours.edge));
    pen.restore();
  }

  function hatch(pen, x, y, w, h, colour) {
    pen.save();
    pen.beginPath();
    pen.rect(x, y, w, h);
    pen.clip();
    pen.strokeStyle = faint(colour, 0.45);
    pen.lineWidth = devicePixelRatio;
    const step = 9 * devicePixelRatio;
    pen.beginPath();
    for (let at = Math.floor((x - h) / step) * step; at < x + w; at += step) {
      pen.moveTo(at, y + h);
      pen.lineTo(at + h, y);
    }
    pen.stroke();
    pen.restore();
  }

  function over(u) {
    const { left, top, width: wide, height } = u.bbox;
    const pen = u.ctx;
    const unit = devicePixelRatio;
    pen.save();
    pen.font = `${11 * unit}px ${colours.font}`;
    let free = left;
    for (const mark of tools.marks) {
      const x = Math.round(u.valToPos(mark.at / 1e6, "x", true)) + 0.5;
      if (x < left || x > left + wide) continue;
      pen.strokeStyle = pen.fillStyle = colours[MARKS[mark.kind]];
      pen.lineWidth = unit;
      pen.setLineDash(mark.kind === "visit" ? [] : [4 * unit, 3 * unit]);
      pen.beginPath();
      pen.moveTo(x, top);
      pen.lineTo(x, top + height);
      pen.stroke();
      pen.setLineDash([]);
      pen.beginPath();
      pen.moveTo(x - 4 * unit, top);
      pen.lineTo(x + 4 * unit, top);
      pen.lineTo(x, top + 6 * unit);
      pen.fill();
      const room = pen.measureText(mark.text).width + 8 * unit;
      if (x > free && x + room < left + wide) {
        pen.fillText(mark.text, x + 6 * unit, top + 11 * unit);
        free = x + room;
      }
    }
    pen.restore();
  }

  const series = about.axes.flatMap((name, number) => {
    const stroke = () => colours[COLOURS[number % COLOURS.length]];
    const edge = { stroke: "transparent", width: 0, points: { show: false } };
    return [{ label: name, stroke, width: 1.25, points: { size: 5 } }, { ...edge }, { ...edge }];
  });
  const bands = about.axes.map((_name, number) => ({
    series: [3 + 3 * number, 2 + 3 * number],
    fill: () => faint(colours[COLOURS[number % COLOURS.length]], 0.22),
  }));
  const options = {
    width: width(),
    height: HEIGHT,
    padding: [8, 8, 0, 0],
    legend: { show: false },
    cursor: { sync: { key: "trace", scales: ["x", null] }, drag: { x: true, y: false, setScale: false }, points: { size: 6 }, y: false },
    scales: { x: { time: true, auto: false }, y: { range: (_u, low, high) => grown(low, high) } },
    series: [{}, ...series],
    bands,
    axes: [
      { ...ruled, size: 46, space: 90, values: (_u, splits, _axis, _space, step) => tools.time.ticks(splits, step) },
      { ...ruled, size: GUTTER, space: 30 },
    ],
    hooks: {
      drawClear: [under],
      draw: [over],
      setSelect: [
        (u) => {
          if (u.select.width > 3) tools.onSelect(u.posToVal(u.select.left, "x"), u.posToVal(u.select.left + u.select.width, "x"));
          u.setSelect({ left: 0, width: 0, top: 0, height: 0 }, false);
        },
      ],
      setCursor: [(u) => tools.onCursor(u)],
    },
  };
  for (const axis of options.axes) axis.font = `12px ${colours.font}`;
  // Double-click is ours: uPlot's own shows whatever data there is.
  options.cursor.bind = { dblclick: () => () => tools.onAll() };
  options.tzDate = (seconds) => uPlot.tzDate(new Date(seconds * 1000), tools.zone);
  holder.replaceChildren();
  const plot = new uPlot(options, columns({ times: [], axes: about.axes.map(() => ({ mean: [] })), extra: {}, gaps: [], nonwear: [] }, about), holder);
  const resized = new ResizeObserver(() => {
    if (width() !== plot.width) plot.setSize({ width: width(), height: HEIGHT });
  });
  resized.observe(holder);

  return {
    plot,
    /** Show what came, from and to in seconds. */
    show(found, from, to) {
      trace = found;
      plot.batch(() => {
        plot.setData(columns(found, about), false);
        plot.setScale("x", { min: from, max: to });
      });
    },
    /** Show another time with what is here until more comes. */
    move(from, to) {
      plot.setScale("x", { min: from, max: to });
    },
    /** Take the page's colours anew. */
    recolour() {
      colours = palette();
      plot.redraw(true, true);
    },
  };
}

/** The range of an axis with some room; one value alone gets some around it. */
function grown(low, high) {
  if (low === null || high === null) return [0, 1];
  const room = (high - low) * 0.08 || Math.abs(high) * 0.1 || 1;
  return [low - room, high + room];
}
