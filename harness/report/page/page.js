"use strict";
// What moves on the page: the frontiers, the cost budget, the choice among drawings, the theme.
const page = JSON.parse(document.getElementById("page-data").textContent);
const byId = (id) => document.getElementById(id);
const narrow = () => window.innerWidth < 700;

function element(tag, text, attributes = {}) {
  const made = document.createElement(tag);
  if (text !== undefined) made.textContent = text;
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}

function themed(layout) {
  const style = getComputedStyle(document.body);
  const line = getComputedStyle(document.querySelector("nav")).borderBottomColor;
  const axis = { gridcolor: line, zerolinecolor: line, linecolor: style.color };
  return {
    ...layout,
    paper_bgcolor: "rgba(0,0,0,0)",
    plot_bgcolor: "rgba(0,0,0,0)",
    font: { color: style.color, family: style.fontFamily, size: narrow() ? 11 : 13 },
    xaxis: { ...layout.xaxis, ...axis, ...(narrow() ? { title: { text: "relative cost" } } : {}) },
    yaxis: { ...layout.yaxis, ...axis },
    hoverlabel: { bgcolor: style.backgroundColor, font: { color: style.color } },
    margin: { l: 55, r: 10, t: 10, b: 50 },
    legend: narrow()
      ? { orientation: "h", y: -0.2, font: { size: 10 } }
      : { orientation: "v", x: 1.01, y: 1, font: { size: 12 } },
  };
}

// ---- frontiers
const CHART = { responsive: true, displaylogo: false, toImageButtonOptions: { format: "svg", scale: 1 } };

function shown(part) {
  return page.frontiers.data.map((trace) => ({
    ...trace,
    visible: part === "both" || trace.meta === part,
    showlegend: trace.meta === (part === "test" ? "test" : "validation"),
    name: trace.legendgroup,
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

function drawFrontiers() {
  const part = document.querySelector('input[name="part"]:checked').value;
  const layout = { ...themed(page.frontiers.layout), shapes: budgetLine() };
  Plotly.react("frontier-chart", shown(part), layout, CHART);
}

// ---- what a cost budget buys
const percent = (share) => `${(100 * share).toFixed(1)} %`;
const threshold = (value) => (value === null ? "never leaves here" : value.toFixed(3));

function chosen(regime, index) {
  const of = page.budgets.regimes[regime];
  const at = of.at[index];
  return at === null ? null : of.points[at];
}

function spent(point, index) {
  const over = point.test.cost > page.budgets.budgets[index];
  return point.test.cost.toFixed(3) + (over ? " †" : "");
}

function facts(point, index) {
  const list = element("dl", undefined, { class: "facts" });
  const say = (name, value) => list.append(element("dt", name), element("dd", value));
  const kind = point.static_exit ? `, static network of exit ${point.static_exit}` : "";
  say("network", `trial ${point.key}, configuration ${point.configuration}, seed ${point.seed}${kind}`);
  say("thresholds", point.thresholds.map((t, e) => `exit ${e + 1}: ${threshold(t)}`).join(", ") || "none: a static network");
  say(`validation ${page.measure}, cost`, `${point.validation.score.toFixed(4)} at ${point.validation.cost.toFixed(3)}`);
  say(`test ${page.measure}, cost`, `${point.test.score.toFixed(4)} at ${spent(point, index)}`);
  return list;
}

function routing(point) {
  const words = point.routing.map((share, e) => `exit ${e + 1}: ${percent(share)}`).join(", ");
  const bar = element("div", undefined, { class: "shares", role: "img", "aria-label": `Share of test samples leaving at each exit: ${words}` });
  point.routing.forEach((share, e) => {
    const cell = element("span", share > 0.06 ? percent(share) : "");
    cell.style.width = `${100 * share}%`;
    cell.style.background = page.exits[e].colour;
    cell.style.color = page.exits[e].ink;
    cell.title = `exit ${e + 1}: ${percent(share)}`;
    bar.append(cell);
  });
  const box = element("div");
  box.append(element("h3", "Routing on test"), bar, element("p", words, { class: "note" }));
  return box;
}

function confusion(point) {
  const table = element("table", undefined, { class: "confusion" });
  table.append(element("caption", "Rows: class; columns: predicted class; test samples. Darker: larger share of the row."));
  const head = element("tr");
  head.append(element("th"));
  const classes = page.budgets.classes;
  classes.forEach((name) => head.append(element("th", name, { scope: "col", title: name })));
  const top = element("thead");
  top.append(head);
  const body = element("tbody");
  classes.forEach((name, actual) => {
    const row = point.confusion.slice(actual * classes.length, (actual + 1) * classes.length);
    const total = row.reduce((sum, count) => sum + count, 0) || 1;
    const line = element("tr");
    line.append(element("th", name, { scope: "row", title: name }));
    row.forEach((count, predicted) => {
      const cell = element("td", count || "", { title: `${name}, predicted ${classes[predicted]}: ${count}` });
      const strength = Math.round(75 * Math.sqrt(count / total));
      const colour = actual === predicted ? "var(--correct)" : "var(--error)";
      cell.style.background = `color-mix(in srgb, ${colour} ${strength}%, transparent)`;
      line.append(cell);
    });
    body.append(line);
  });
  table.append(top, body);
  return table;
}

function ranking(index, selected) {
  const rows = Object.keys(page.budgets.regimes)
    .map((regime) => ({ regime, point: chosen(regime, index) }))
    .sort((a, b) => (b.point?.test.score ?? -Infinity) - (a.point?.test.score ?? -Infinity));
  const body = byId("ranking");
  body.replaceChildren(...rows.map(({ regime, point }) => {
    const line = element("tr", undefined, regime === selected ? { class: "chosen" } : {});
    const pick = element("button", regime, { type: "button", class: "pick" });
    pick.addEventListener("click", () => { byId("budget-regime").value = regime; drawBudget(); });
    const name = element("td");
    name.append(pick);
    line.append(name);
    const cells = point
      ? [point.test.score.toFixed(4), spent(point, index), point.routing.map(percent).join(" / ")]
      : ["none within this budget", "", ""];
    cells.forEach((text) => line.append(element("td", text)));
    return line;
  }));
}

function bestRegime(index) {
  const found = (regime) => chosen(regime, index)?.validation.score ?? -Infinity;
  return Object.keys(page.budgets.regimes).reduce((a, b) => (found(b) > found(a) ? b : a));
}

function drawBudget() {
  const index = Number(byId("budget").value);
  const regime = byId("budget-regime").value;
  const words = `at most ${percent(page.budgets.budgets[index])} of the full static network's MACs`;
  byId("budget-words").textContent = words;
  byId("budget").setAttribute("aria-valuetext", words);
  const point = chosen(regime, index);
  const left = byId("budget-network");
  const right = byId("budget-confusion");
  if (point) {
    left.replaceChildren(element("h3", `${regime}: the network chosen`), facts(point, index), routing(point));
    right.replaceChildren(...(point.confusion ? [confusion(point)] : []));
  } else {
    left.replaceChildren(element("p", `No network of ${regime} is this cheap.`));
    right.replaceChildren();
  }
  ranking(index, regime);
}

// ---- one drawing among several
function drawChosen(select) {
  for (const option of select.options) byId(option.value).hidden = option.value !== select.value;
}

// ---- the theme
function otherTheme() {
  const dark = document.documentElement.dataset.theme
    ? document.documentElement.dataset.theme === "dark"
    : matchMedia("(prefers-color-scheme: dark)").matches;
  document.documentElement.dataset.theme = dark ? "light" : "dark";
  drawFrontiers();
}

// ---- the library for charts, packed: the page would be twice as large with it as it is
async function unpackPlotly() {
  const packed = Uint8Array.from(atob(byId("plotly").textContent), (letter) => letter.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
  document.head.append(element("script", await new Response(stream).text()));
}

for (const radio of document.querySelectorAll('input[name="part"]')) radio.addEventListener("change", drawFrontiers);
for (const select of document.querySelectorAll("select.drawings")) {
  select.addEventListener("change", () => drawChosen(select));
  drawChosen(select);
}
byId("theme").addEventListener("click", otherTheme);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawFrontiers);
if (byId("budget")) {
  byId("budget").addEventListener("input", () => {
    drawBudget();
    Plotly.relayout("frontier-chart", { shapes: budgetLine() });
  });
  byId("budget-regime").addEventListener("change", drawBudget);
  byId("budget-regime").value = bestRegime(Number(byId("budget").value));
  drawBudget();
}
unpackPlotly().then(drawFrontiers);
