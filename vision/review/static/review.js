// Keys, light and small comforts of the page. Every deed is a form that works without this file.
"use strict";

const box = document.getElementById("viewer");
const viewer = new Viewer(box);
const form = document.getElementById("form");
const levels = ["pattern", "maker", "state"];

// Light: filters over the photo and the strips, any of them together.
const lights = new Set(JSON.parse(sessionStorage.getItem("lights") || "[]"));
function shine() {
  const filter = [...lights].map((name) => `url(#${name})`).join(" ");
  for (const one of [viewer.canvas, ...document.querySelectorAll(".lit")]) one.style.filter = filter;
  document.querySelectorAll("[data-light]").forEach((b) => b.setAttribute("aria-pressed", lights.has(b.dataset.light)));
  sessionStorage.setItem("lights", JSON.stringify([...lights]));
}
function toggle(name) {
  if (!lights.delete(name)) lights.add(name);
  shine();
}
document.querySelectorAll("[data-light]").forEach((b) => b.addEventListener("click", () => toggle(b.dataset.light)));
const lamp = document.getElementById("lamp");
const aim = () => document.getElementById("light").setAttribute("azimuth", lamp.value);
lamp.value = sessionStorage.getItem("lamp") || lamp.value;
lamp.addEventListener("input", () => { sessionStorage.setItem("lamp", lamp.value); aim(); if (!lights.has("raking")) toggle("raking"); });
aim();
shine();

const tools = {
  fit: () => { viewer.turn = 0; viewer.fit(); },
  whole: () => viewer.whole(),
  in: () => viewer.zoom(1.4),
  out: () => viewer.zoom(1 / 1.4),
  left: () => viewer.rotate(-15),
  right: () => viewer.rotate(15),
  outline: () => {
    viewer.showOutline = !viewer.showOutline;
    document.querySelector("[data-tool=outline]").setAttribute("aria-pressed", viewer.showOutline);
    viewer.draw();
  },
};
document.querySelectorAll("[data-tool]").forEach((b) => b.addEventListener("click", () => tools[b.dataset.tool]()));

// Deciding.
function pick(number) {
  const radio = document.getElementById(`c${number}`);
  if (!radio) return;
  radio.checked = true;
  radio.closest(".candidate").querySelector("details").open = true;
  radio.closest(".candidate").scrollIntoView({ block: "nearest" });
  radio.focus({ preventScroll: true });
}
function widen() {
  const now = form.querySelector("[name=level]:checked");
  const next = levels[now ? Math.min(levels.length - 1, levels.indexOf(now.value) + 1) : levels.length - 1];
  const radio = form.querySelector(`[name=level][value=${next}]`);
  radio.checked = true;
  radio.focus({ preventScroll: true });
}
function press(key) {
  const one = document.querySelector(`[data-key="${key}"]`);
  if (!one.disabled) one.click();
}
function correct() {
  const details = document.getElementById("correct");
  details.open = true;
  const input = document.getElementById("reading");
  if (!input.value) input.value = input.placeholder;
  input.focus();
  input.select();
}
// Only what moves the photo goes on while its key is held down.
const moves = { "+": tools.in, "=": tools.in, "-": tools.out, "[": tools.left, "]": tools.right };
const looks = {
  c: () => toggle("contrast"), r: () => toggle("raking"), i: () => toggle("invert"), o: tools.outline, 0: tools.fit,
};
// What a key does on this page, null where it does nothing.
function deedOf(key) {
  if (form && /^[1-9]$/.test(key)) return () => pick(Number(key));
  if (form && key === "ArrowUp" && form.querySelector("[name=level]")) return widen;
  if (form && key === "e") return correct;
  if (/^[auxnszb?]$/.test(key) && document.querySelector(`[data-key="${key}"]`)) return () => press(key);
  return looks[key] || moves[key] || null;
}
// A key by the letter on it, or by its place: in Arabic or Cyrillic there is no A, and French digits need the shift key.
function named(event) {
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const [, kind, name] = /^(Key|Digit)(.)$/.exec(event.code) || [];
  if (deedOf(key) || event.shiftKey) return key;
  if (kind === "Key" && /^[^\x00-\x7f]+$/.test(key)) return name.toLowerCase();
  return kind === "Digit" && !/[a-z0-9]/i.test(key) ? name : key;
}
// A key that is held down, or was meant for the page before, decides nothing: keys act once this moment is past.
let awake = performance.now() + 300;
let sent = false;
document.addEventListener("keydown", (event) => {
  const typing = event.target.matches("input:not([type=radio], [type=checkbox], [type=range]), textarea, select");
  if (event.key === "Escape" && typing) { event.target.blur(); return; }
  if (event.key === "Enter" && event.target.id === "reading") {
    event.preventDefault();
    document.querySelector("#correct button").click();
    return;
  }
  if (event.key === "Enter" && event.target.matches("[type=radio], [type=checkbox]")) event.preventDefault();
  if (sent || typing || event.ctrlKey || event.altKey || event.metaKey || document.getElementById("help").open) return;
  const key = named(event);
  const deed = deedOf(key);
  if (!deed || (event.target === lamp && key.startsWith("Arrow"))) return;
  event.preventDefault();
  if (moves[key] || (!event.repeat && performance.now() > awake)) deed();
});
document.getElementById("help-open").addEventListener("click", () => document.getElementById("help").showModal());

// One deed a page, whichever form it is: while one is on its way the page is not what the log says any more, and Z, for
// one, would take back the entry before. A form that was opened in another tab leaves this page as it is.
let elsewhere = false;
document.addEventListener("click", (event) => { elsewhere = event.ctrlKey || event.metaKey || event.shiftKey; }, true);
document.addEventListener("submit", (event) => {
  if (event.target.method === "dialog") return;
  if (sent) event.preventDefault();
  else sent = !elsewhere;
});
window.addEventListener("pageshow", () => { sent = false; awake = performance.now() + 300; });

// What was typed is kept in this tab, with the page it was last typed on or sent from, until the server says that the
// page was kept: a server that went away loses none of it, and nothing that was kept comes back.
const desk = document.getElementById("desk").dataset;
const kept = desk.kept.split(" ");
for (const place of Object.keys(sessionStorage).filter((name) => name.startsWith("typed "))) {
  if (kept.includes(JSON.parse(sessionStorage.getItem(place)).page)) sessionStorage.removeItem(place);
}
for (const id of ["note", "reading", "own"]) {
  const field = document.getElementById(id);
  if (!field) continue;
  const place = `typed ${id} ${desk.mark} ${desk.person}`;
  const keep = () => sessionStorage.setItem(place, JSON.stringify({ page: desk.page, text: field.value }));
  const typed = sessionStorage.getItem(place);
  if (!field.value && typed) {
    field.value = JSON.parse(typed).text;
    if (id === "reading" && field.value) document.getElementById("correct").open = true;
  }
  field.addEventListener("input", keep);
  field.form.addEventListener("submit", () => { if (field.value) keep(); });
}

// A new mark: a box drawn on the photo, or, without a mouse, the middle of what is seen.
const corners = (box) => { document.getElementById("outline").value = JSON.stringify(box); };
const start = document.getElementById("new-mark-start");
const fresh = document.getElementById("new-mark");
if (fresh) {
  start.addEventListener("click", () => {
    fresh.hidden = false;
    box.classList.add("drawing");
    viewer.drawing = {
      done: ([ax, ay], [bx, by]) => {
        corners([[ax, ay], [bx, ay], [bx, by], [ax, by]]);
        fresh.querySelector("[name=reading]").focus();
      },
    };
    box.scrollIntoView({ block: "nearest" });
    box.focus({ preventScroll: true });
    viewer.draw();
  });
  fresh.addEventListener("submit", () => { if (!viewer.drawing.to) corners(viewer.middle()); });
  document.getElementById("new-mark-stop").addEventListener("click", () => {
    fresh.hidden = true;
    box.classList.remove("drawing");
    viewer.drawing = null;
    viewer.draw();
  });
} else start.disabled = true;
