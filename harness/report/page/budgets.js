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

const interval = (mean, digits) => `${mean.mean.toFixed(digits)} [${mean.low.toFixed(digits)}, ${mean.high.toFixed(digits)}]`;

function recommendation(index) {
  const found = page.recommendations[index];
  if (!found) return [element("h3", "Recommended"), element("p", "Nothing confirmed is this cheap with every seed.")];
  const best = found.chosen;
  const list = element("dl", undefined, { class: "facts" });
  const say = (name, value) => list.append(element("dt", name), element("dd", value));
  const parameters = Object.entries(best.parameters).map(([name, value]) => `${name} ${typeof value === "number" ? +value.toPrecision(4) : value}`);
  say("configuration", `${best.searched}: ${parameters.join(", ") || "nothing was searched"}`);
  say("thresholds", best.thresholds.map((t, e) => `exit ${e + 1}: ${threshold(t)}`).join(", ") || "none: a static network");
  say(`expected on test`, `${page.score} ${interval(best.score, 4)}, cost ${interval(best.cost, 3)}`);
  say("leaving at exits", best.routing.map(percent).join(", "));
  if (found.runner_up) {
    const p = found.p === null ? "" : `, p ${found.p.toPrecision(2)}: ${found.significant ? "" : "not "}significant`;
    const by = found.difference ? `; difference ${interval(found.difference, 4)}${p}` : "";
    say("runner-up", `${found.runner_up.regime}: ${interval(found.runner_up.score, 4)}${by}`);
  }
  say("export it", `harness export ${page.study} --cost ${page.budgets.budgets[index]}`);
  const note = `Chosen on validation over ${best.seeds} fresh seeds; means over these seeds with 95 % intervals.`;
  return [element("h3", `Recommended: ${best.regime}`), list, element("p", note, { class: "note" })];
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
      ? [point.test.score.toFixed(4), spent(point, index), point.routing.map(percent).join(" / ").replaceAll(" %", "\u00a0%")]
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
    right?.replaceChildren(confusion(point));
  } else {
    left.replaceChildren(element("p", `No network of ${regime} is this cheap.`));
    right?.replaceChildren();
  }
  byId("budget-recommendation")?.replaceChildren(...recommendation(index));
  ranking(index, regime);
}

