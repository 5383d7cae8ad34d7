"use strict";
// What every page needs: elements, a drawing among several, data as files, the theme.
const byId = (id) => document.getElementById(id);
const narrow = () => window.innerWidth < 700;

function element(tag, text, attributes = {}) {
  const made = document.createElement(tag);
  if (text !== undefined) made.textContent = text;
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}

// ---- one drawing among several
function drawChosen(select) {
  for (const option of select.options) byId(option.value).hidden = option.value !== select.value;
}

// ---- data as files: the page holds them gzipped, the reader gets plain CSV
async function unpacked(base64) {
  const packed = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  return new Response(new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"))).text();
}

async function saveCsv(event) {
  event.preventDefault();
  const link = event.currentTarget;
  const text = await unpacked(link.href.split(",")[1]);
  const address = URL.createObjectURL(new Blob([text], { type: "text/csv" }));
  element("a", undefined, { href: address, download: link.download.replace(/\.gz$/, "") }).click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

// ---- the theme: what a script draws listens for it
const themeChanged = () => document.dispatchEvent(new Event("theme"));

function otherTheme() {
  const dark = document.documentElement.dataset.theme
    ? document.documentElement.dataset.theme === "dark"
    : matchMedia("(prefers-color-scheme: dark)").matches;
  document.documentElement.dataset.theme = dark ? "light" : "dark";
  themeChanged();
}

for (const link of document.querySelectorAll("a.download")) link.addEventListener("click", saveCsv);
for (const select of document.querySelectorAll("select.drawings")) {
  select.addEventListener("change", () => drawChosen(select));
  drawChosen(select);
}
byId("theme").addEventListener("click", otherTheme);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", themeChanged);
