if (byId("budget")) {
  byId("budget").addEventListener("input", () => {
    drawBudget();
    Plotly.relayout("frontier-chart", { shapes: budgetLine() });
  });
  byId("budget-regime").addEventListener("change", drawBudget);
  byId("budget-regime").value = bestRegime(Number(byId("budget").value));
  drawBudget();
}
// The library for charts is packed: the page would be twice as large with it as it is.
unpacked(byId("plotly").textContent).then((library) => {
  document.head.append(element("script", library));
  startFrontiers();
  document.addEventListener("theme", drawFrontiers);
});
