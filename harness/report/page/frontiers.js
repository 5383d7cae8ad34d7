const page = JSON.parse(byId("page-data").textContent);

// ---- frontiers: which lines are shown, how they are named, and which stands out
const CHART = {
  responsive: true,
  displaylogo: false,
  showSendToCloud: false,
  modeBarButtonsToRemove: ["select2d", "lasso2d", "autoScale2d"],
  toImageButtonOptions: { format: "svg", scale: 1 },
};
const DASHES = { solid: "", dash: "7 4", dot: "2 3", dashdot: "7 3 2 3", longdash: "12 4" };
const LABELS = { least: 15, narrow: 900 };
const shownRegimes = new Set(page.regimes.filter((each) => each.leading).map((each) => each.name));
const checked = (name) => document.querySelector(`input[name="${name}"]:checked`).value;
const logarithmic = () => byId("logarithmic").checked;
const labelled = () => window.innerWidth >= LABELS.narrow;

// The baseline is of the page's ink, which the theme decides.
const inked = (colour) => (colour === page.ink ? getComputedStyle(document.body).color : colour);

function costRange() {
  const [, largest] = page.frontiers.layout.xaxis.range;
  if (!logarithmic()) return [0, largest];
  const costs = page.frontiers.data.filter((trace) => trace.meta.endsWith(" line")).map((trace) => numbers(trace.x)[0]);
  return [Math.log10(0.9 * Math.min(...costs)), Math.log10(largest)];
}

// Plotly writes arrays of numbers as base64.
function numbers(values) {
  if (!values.bdata) return values;
  const bytes = Uint8Array.from(atob(values.bdata), (letter) => letter.charCodeAt(0));
  return Array.from(new { f8: Float64Array, f4: Float32Array, i1: Int8Array, i2: Int16Array, i4: Int32Array }[values.dtype](bytes.buffer));
}

function themed() {
  const style = getComputedStyle(document.body);
  const line = getComputedStyle(document.querySelector("nav")).borderBottomColor;
  const soft = getComputedStyle(document.querySelector(".caption")).color;
  const axis = { gridcolor: line, zerolinecolor: line, linecolor: style.color };
  const { title } = page.frontiers.layout.xaxis;
  // Ranges are new arrays each time: zooming writes into those that the chart was given.
  return {
    paper_bgcolor: "rgba(0,0,0,0)",
    plot_bgcolor: "rgba(0,0,0,0)",
    font: { color: style.color, family: style.fontFamily, size: narrow() ? 11 : 13 },
    xaxis: { ...axis, type: logarithmic() ? "log" : "linear", range: costRange(), title: narrow() ? { text: "cost budget" } : { ...title } },
    yaxis: { ...axis, range: [...page.frontiers.layout.yaxis.range], title: { text: `${page.measure} on ${checked("part")}` } },
    hovermode: "closest",
    showlegend: false,
    hoverlabel: { bgcolor: style.backgroundColor, font: { color: style.color } },
    // Above the panel is room for the toolbar and, below it, for half of the topmost name.
    margin: { l: 60, r: labelled() ? 170 : 10, t: 45, b: 50 },
    modebar: { bgcolor: "rgba(0,0,0,0)", color: soft, activecolor: style.color },
    // The reader's zoom outlives a change of part; another scale of costs begins anew.
    uirevision: logarithmic() ? "log" : "linear",
  };
}

function traces() {
  const part = checked("part");
  const kinds = checked("lines") === "seeds" ? [`${part} band`, `${part} line`] : [`${part} points`];
  return page.frontiers.data.map((trace) => ({
    ...trace,
    visible: kinds.includes(trace.meta) && shownRegimes.has(trace.legendgroup),
    line: { ...trace.line, color: inked(trace.line.color) },
    ...(trace.fill ? { fillcolor: inked(trace.line.color) } : {}),
    ...(trace.marker ? { marker: { ...trace.marker, color: inked(trace.marker.color) } } : {}),
    showlegend: false,
  }));
}

function budgetLine() {
  const slider = byId("budget");
  if (!slider) return [];
  const at = page.budgets.budgets[Number(slider.value)];
  const ink = getComputedStyle(document.body).color;
  return [{ type: "line", x0: at, x1: at, y0: 0, y1: 1, yref: "paper",
    line: { color: ink, width: 1, dash: "dot" } }];
}

// Names at the right end of the lines, moved apart where they would overlap.
function names(drawn, range, height) {
  if (!labelled()) return [];
  const [low, high] = range;
  const ends = drawn
    .filter((trace) => trace.visible && !trace.fill)
    .map((trace) => ({ trace, at: (numbers(trace.y).at(-1) - low) / (high - low) }))
    .sort((one, other) => one.at - other.at);
  const least = LABELS.least / height;
  const place = (end) => Math.min(1, Math.max(0, end.at));
  let below = -Infinity;
  for (const end of ends) below = end.place = Math.max(place(end), below + least);
  let above = 1 + least;
  for (const end of ends.toReversed()) above = end.place = Math.min(end.place, above - least);
  return ends.map(({ trace, place: y }) => ({
    xref: "paper", yref: "paper", x: 1.005, y, xanchor: "left", yanchor: "middle", showarrow: false,
    text: `<span style="color:${trace.line.color}">━</span> ${trace.legendgroup}`, font: { size: 12 },
  }));
}

function drawFrontiers() {
  const chart = byId("frontier-chart");
  const drawn = traces();
  const layout = { ...themed(), shapes: budgetLine() };
  const zoomed = chart.layout?.uirevision === layout.uirevision ? chart.layout.yaxis.range : layout.yaxis.range;
  const { t, b } = layout.margin;
  layout.annotations = names(drawn, zoomed, chart.clientHeight - t - b);
  return Plotly.react(chart, drawn, layout, CHART);
}

// The others fade while the reader points at one regime.
function standOut(regime) {
  const chart = byId("frontier-chart");
  const fade = (trace) => (regime && trace.legendgroup !== regime ? 0.12 : 1);
  const opacity = chart.data.map((trace) => fade(trace) * (trace.fill ? 0.15 : 1));
  Plotly.restyle(chart, { opacity });
}

function sample({ colour, dash }) {
  const space = "http://www.w3.org/2000/svg";
  const picture = document.createElementNS(space, "svg");
  for (const [name, value] of Object.entries({ viewBox: "0 0 34 8", width: 34, height: 8, "aria-hidden": "true" })) picture.setAttribute(name, value);
  const line = document.createElementNS(space, "path");
  const ink = colour === page.ink ? "currentColor" : colour;
  for (const [name, value] of Object.entries({ d: "M0 4H34", stroke: ink, "stroke-width": 3, "stroke-dasharray": DASHES[dash] })) line.setAttribute(name, value);
  picture.append(line);
  return picture;
}

function regimeLine(regime) {
  const label = element("label");
  const box = element("input", undefined, { type: "checkbox", value: regime.name, ...(shownRegimes.has(regime.name) ? { checked: "" } : {}) });
  box.addEventListener("change", () => {
    shownRegimes[box.checked ? "add" : "delete"](regime.name);
    drawFrontiers();
  });
  for (const [event, name] of [["mouseenter", regime.name], ["mouseleave", null]]) label.addEventListener(event, () => standOut(name));
  box.addEventListener("focus", () => standOut(regime.name));
  box.addEventListener("blur", () => standOut(null));
  label.append(box, sample(regime), element("span", regime.name), element("span", regime.hypervolume.toFixed(4), { class: "note" }));
  return label;
}

function showRegimes(wanted) {
  for (const box of byId("regime-lines").querySelectorAll("input")) {
    const regime = page.regimes.find((each) => each.name === box.value);
    box.checked = wanted(regime);
    shownRegimes[box.checked ? "add" : "delete"](regime.name);
  }
  drawFrontiers();
}

function startFrontiers() {
  const chart = byId("frontier-chart");
  byId("regime-lines").append(...page.regimes.map(regimeLine));
  byId("show-leading").addEventListener("click", () => showRegimes((regime) => regime.leading));
  byId("show-all").addEventListener("click", () => showRegimes(() => true));
  for (const control of document.querySelectorAll('input[name="part"], input[name="lines"], #logarithmic')) control.addEventListener("change", drawFrontiers);
  drawFrontiers();
  chart.on("plotly_hover", ({ points }) => standOut(points[0].data.legendgroup));
  chart.on("plotly_unhover", () => standOut(null));
  // After a zoom names belong elsewhere.
  chart.on("plotly_relayout", (change) => Object.keys(change).some((key) => key.startsWith("yaxis")) && drawFrontiers());
}
