"use strict";
/* The page: what is shown, what keys and buttons do. */
const Review = {
  chunks: new Map(), // masks by chunk, once they are here
  waiting: new Map(), // what is to be done then

  /* Called by masks/<chunk>.js. */
  arrive(chunk, masks) {
    Review.chunks.set(chunk, masks);
    for (const then of Review.waiting.get(chunk) || []) then();
    Review.waiting.delete(chunk);
  },

  /* The texts of a box's masks by stage; null until they are here, and then something is done. */
  masks(number, then) {
    const chunk = Math.floor(number / REVIEW.chunk);
    if (Review.chunks.has(chunk)) return Review.chunks.get(chunk)[number % REVIEW.chunk];
    if (!Review.waiting.has(chunk)) {
      const script = document.createElement("script"), name = String(chunk).padStart(4, "0");
      script.src = `masks/${name}.js`;
      script.onerror = () => say(`masks/${name}.js is missing: copy the whole folder.`);
      script.onload = () => script.remove();
      Review.waiting.set(chunk, new Set());
      document.head.append(script);
    }
    Review.waiting.get(chunk).add(then);
    return null;
  },
};

const $ = (id) => document.getElementById(id);
const WORDS = { accept: "✓ accepted", reject: "✕ rejected", redo: "↻ redo" };

function say(text) {
  $("message").textContent = text;
  $("message").hidden = !text;
}

function start() {
  const data = window.REVIEW, columns = data.columns, count = columns.image.length, last = data.stages.length - 1;
  const store = new Store(data), view = { stage: last, overlay: "full", method: data.methods[0] };
  const file = (folder, number) => `${folder}/${String(number).padStart(6, "0")}.jpg`;
  const tiles = new Tiles($("tiles"), $("field"), { fill, choose, open: (place) => { choose(place); look(true); } });
  const zoom = new Zoom($("zoom"), paint);
  const chosen = () => tiles.numbers[tiles.at];
  const looking = () => !$("zoom").hidden;

  /* Masks */

  function shapeOfStage(number, text) {
    const [, , rows, width] = columns.inside[number];
    return Draw.shape(`${number} ${text}`, rows, width, () => Rle.cut(Rle.read(text), rows, [0, 0, rows, width]));
  }

  function shapeOfMask(number, mask) {
    const inside = columns.inside[number];
    return Draw.shape(`${number} whole ${mask.counts}`, inside[2], inside[3], () => Rle.cut(Rle.read(mask.counts), mask.size[0], inside));
  }

  function wholeMask(number, text) {
    const size = columns.size[number];
    return { size, counts: Rle.write(Rle.place(Rle.read(text), columns.inside[number], size)) };
  }

  function corner(number) {
    const inside = columns.inside[number], window = columns.window[number];
    return [inside[0] - window[0], inside[1] - window[1]];
  }

  /* Tiles */

  function fill(tile, number, side, whole) {
    if (!tile.firstChild) build(tile, number, side);
    const [picture, first, second] = tile.children, decision = store.decisions.get(number);
    tile.dataset.decision = decision?.decision || "";
    picture.children[2].textContent = verdict(decision);
    first.children[0].textContent = columns.class[number];
    first.children[1].textContent = risk(number).toFixed(2);
    second.children[0].textContent = short(columns.image[number]);
    second.children[1].textContent = remark(number);
    if (!whole) return;
    const canvas = picture.children[1], context = Draw.fit(canvas, side, side);
    const [, , rows, width] = columns.window[number], scale = side / Math.max(rows, width);
    const [down, right] = corner(number), [, , height, wide] = columns.inside[number];
    const x = (side - width * scale) / 2 + right * scale, y = (side - rows * scale) / 2 + down * scale;
    if (view.overlay !== "off") Draw.box(context, x, y, wide * scale, height * scale);
    const masks = Review.masks(number, redraw);
    if (decision?.mask) Draw.mask(context, shapeOfMask(number, decision.mask), x, y, scale, view.overlay);
    else if (masks) Draw.mask(context, shapeOfStage(number, masks[view.stage]), x, y, scale, view.overlay);
  }

  function build(tile, number, side) {
    const picture = document.createElement("div"), image = new Image(), badge = document.createElement("span");
    picture.className = "picture";
    picture.style.cssText = `width:${side}px;height:${side}px`;
    image.src = file(side * window.devicePixelRatio > 280 ? "crops" : "thumbnails", number);
    image.alt = "";
    image.draggable = false;
    badge.className = "badge";
    picture.append(image, document.createElement("canvas"), badge);
    tile.append(picture);
    for (const title of [data.rated ? "risk" : "doubt, in place of a risk", ""]) {
      const line = document.createElement("div"), left = document.createElement("span"), right = document.createElement("span");
      line.className = "caption";
      right.className = "number";
      right.title = title;
      line.append(left, right);
      tile.append(line);
    }
    tile.title = `${columns.image[number]}, object ${columns.object[number]}`;
  }

  const risk = (number) => columns.risk[view.stage][number] ?? 0;
  const short = (name) => name.slice(name.indexOf("/") + 1);

  function remark(number) {
    const note = columns.note[view.stage][number], filling = columns.filling[view.stage][number];
    return note || (filling ? `${Math.round(100 * filling)} %` : "empty");
  }

  function verdict(decision) {
    if (!decision) return "";
    const stage = decision.decision === "accept" && data.stages.length > 1 ? `, stage ${decision.stage}` : "";
    return WORDS[decision.decision] + stage + (decision.method ? ` by ${decision.method}` : "");
  }

  /* One mask */

  function look(open) {
    $("zoom").hidden = !open;
    $("tiles").hidden = open;
    if (open) facts();
    else { tiles.layout(); tiles.reveal(); $("tiles").focus(); }
  }

  function facts() {
    const number = chosen();
    if (number === undefined) return look(false);
    const decision = store.decisions.get(number), score = columns.score[view.stage][number];
    $("zoom-title").textContent = columns.class[number];
    const rows = [["photograph", columns.image[number]], ["object", columns.object[number]],
      ["place", `${tiles.at + 1} of ${tiles.numbers.length}`], ["stage", data.stages[view.stage]],
      [data.rated ? "risk" : "doubt", risk(number).toFixed(2)], ...(score === null ? [] : [["predicted IoU", score.toFixed(2)]]),
      ["fills", `${Math.round(100 * columns.filling[view.stage][number])} % of its box`],
      ...(columns.note[view.stage][number] ? [["note", columns.note[view.stage][number]]] : [])];
    $("facts").replaceChildren(...rows.flatMap(([key, value]) => {
      const term = document.createElement("dt"), text = document.createElement("dd");
      term.textContent = key;
      text.textContent = value;
      return [term, text];
    }));
    const masks = Review.masks(number, redraw);
    const other = decision?.mask && masks && wholeMask(number, masks[view.stage]).counts !== decision.mask.counts;
    $("verdict").textContent = verdict(decision) + (other ? ": the dotted line" : "");
    for (const [key, kind] of [["a", "accept"], ["r", "reject"], ["d", "redo"]]) {
      document.querySelector(`[data-key="${key}"]`).setAttribute("aria-pressed", decision?.decision === kind);
    }
    zoom.show(file("crops", number), columns.window[number]);
  }

  function paint(context, left, top, scale) {
    const number = chosen();
    if (number === undefined || view.overlay === "off") return;
    const [down, right] = corner(number), [, , rows, width] = columns.inside[number];
    const x = left + right * scale, y = top + down * scale, masks = Review.masks(number, redraw);
    Draw.box(context, x, y, width * scale, rows * scale);
    if (!masks) return;
    const shape = shapeOfStage(number, masks[view.stage]), { mask } = store.decisions.get(number) || {};
    Draw.mask(context, shape, x, y, scale, view.overlay);
    if (mask && mask.counts !== wholeMask(number, masks[view.stage]).counts) {
      Draw.stroke(context, shapeOfMask(number, mask).edges, x, y, scale, [[4, "rgba(0, 0, 0, .8)"], [2, "#ffffff"]], [2, 6]);
    }
  }

  /* Deciding */

  function decide(kind) {
    const number = chosen();
    if (number === undefined) return;
    const masks = Review.masks(number, redraw), stage = data.stages[view.stage];
    if (kind === "accept" && !masks) return say("This mask is still being read: try again in a moment.");
    const decision = { accept: () => ({ decision: "accept", stage, mask: wholeMask(number, masks[view.stage]) }),
      reject: () => ({ decision: "reject", stage }), redo: () => ({ decision: "redo", stage, method: view.method }),
      none: () => undefined }[kind]();
    say("");
    store.set([[number, decision]]);
    tiles.refill(tiles.at);
    if (kind !== "none") choose(tiles.at + 1);
    update();
  }

  function choose(at) {
    tiles.move(at);
    for (const next of tiles.numbers.slice(tiles.at, tiles.at + 2)) Review.masks(next, redraw);
    if (looking()) facts();
  }

  function undo() {
    const numbers = store.undo();
    if (!numbers.length) return say("There is nothing to undo.");
    say("");
    const place = tiles.numbers.indexOf(numbers[0]);
    tiles.refillAll();
    if (place >= 0) choose(place);
    update();
  }

  let planned = false;
  function redraw() {
    if (planned) return;
    planned = true;
    requestAnimationFrame(() => { planned = false; tiles.refillAll(); if (looking()) facts(); });
  }

  function update() {
    const [accepted, rejected, redone] = ["accept", "reject", "redo"].map((kind) => store.count(kind));
    const done = accepted + rejected + redone, figure = (value) => value.toLocaleString("en");
    $("counts").textContent = `${figure(done)} of ${figure(count)} decided: ${figure(accepted)} accepted, ` +
      `${figure(rejected)} rejected, ${figure(redone)} to redo · ${figure(tiles.numbers.length)} shown` +
      (store.unsaved ? ` · ${figure(store.unsaved)} change${store.unsaved > 1 ? "s" : ""} not in a file yet` : "");
    $("progress").setAttribute("aria-valuemax", count);
    $("progress").setAttribute("aria-valuenow", done);
    $("progress").firstElementChild.style.width = `${count ? (100 * done) / count : 0}%`;
    $("undo").disabled = !store.past.length;
    if (store.full) say("This browser keeps no more decisions: save them to a file before you leave the page.");
    if (looking()) facts();
  }

  /* What is shown */

  function filter() {
    const before = chosen(), [kind, status, order] = ["class", "status", "order"].map((id) => $(id).value);
    const least = Number($("risk").value), part = $("name").value.toLowerCase(), numbers = [];
    for (let number = 0; number < count; number++) {
      if (kind && columns.class[number] !== kind) continue;
      if (risk(number) < least) continue;
      const decision = store.decisions.get(number)?.decision;
      if (status !== "all" && (status === "open" ? decision : decision !== status)) continue;
      if (part && !columns.image[number].toLowerCase().includes(part)) continue;
      numbers.push(number);
    }
    if (order !== "given") numbers.sort((a, b) => (order === "risk" ? risk(b) - risk(a) : risk(a) - risk(b)) || a - b);
    tiles.show(numbers, Math.max(0, numbers.indexOf(before)));
    $("field").querySelector(".empty")?.remove();
    if (!numbers.length) {
      const empty = document.createElement("p");
      empty.className = "empty";
      empty.textContent = "No mask is like that. Change a filter.";
      $("field").append(empty);
    }
    choose(tiles.at);
    update();
  }

  function setStage(stage) {
    if (stage >= data.stages.length) return;
    view.stage = stage;
    $("stage").value = stage;
    if (looking()) facts(); // the order stays under one's hands
    else filter();
  }

  function setOverlay(mode) { view.overlay = $("overlay").value = mode; redraw(); }

  function setMethod(method) { view.method = $("method").value = $("method-name").textContent = method; }

  /* Keys and buttons */

  const nextOf = (list, value) => list[(list.indexOf(value) + 1) % list.length];
  const keys = {
    a: () => decide("accept"), r: () => decide("reject"), d: () => decide("redo"), x: () => decide("none"), u: undo,
    m: () => setMethod(nextOf(data.methods, view.method)), o: () => setOverlay(nextOf(["full", "outline", "off"], view.overlay)),
    s: save, "?": () => $("keys").showModal(),
    Enter: () => tiles.numbers.length && look(!looking()), z: () => tiles.numbers.length && look(!looking()),
    Escape: () => look(false),
    ArrowRight: () => choose(tiles.at + 1), ArrowLeft: () => choose(tiles.at - 1),
    ArrowDown: () => choose(tiles.at + (looking() ? 1 : tiles.columns)), ArrowUp: () => choose(tiles.at - (looking() ? 1 : tiles.columns)),
    PageDown: () => choose(tiles.at + tiles.rows * tiles.columns), PageUp: () => choose(tiles.at - tiles.rows * tiles.columns),
    Home: () => choose(0), End: () => choose(tiles.numbers.length - 1),
    "+": () => zoom.scale(1.25), "=": () => zoom.scale(1.25), "-": () => zoom.scale(0.8), 0: () => zoom.whole(),
  };

  async function save() {
    say(await store.save());
    update();
  }

  document.addEventListener("keydown", (event) => {
    const typing = event.target.matches("input, select") || $("keys").open;
    const pressing = event.key === "Enter" && event.target.matches("button, .button");
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z" && !typing) { event.preventDefault(); return undo(); }
    if (typing || pressing || event.ctrlKey || event.metaKey || event.altKey) return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const act = keys[key] || (/^[1-9]$/.test(key) ? () => setStage(Number(key) - 1) : null);
    if (!act) return;
    event.preventDefault();
    act();
  });
  for (const button of document.querySelectorAll("[data-key]")) button.onclick = () => keys[button.dataset.key]();
  $("undo").onclick = undo;
  $("save").onclick = save;
  $("help").onclick = keys["?"];
  $("load-label").onkeydown = (event) => { if (event.key === "Enter" || event.key === " ") $("load").click(); };
  $("load").onchange = async ({ target }) => {
    if (!target.files.length) return;
    say(store.load(await target.files[0].text()));
    target.value = "";
    tiles.refillAll();
    update();
  };
  for (const id of ["class", "status", "order"]) $(id).onchange = () => { filter(); $("tiles").focus(); };
  $("stage").onchange = () => { setStage(Number($("stage").value)); $("stage").blur(); };
  $("overlay").onchange = () => { setOverlay($("overlay").value); $("overlay").blur(); };
  $("method").onchange = () => { setMethod($("method").value); $("method").blur(); };
  $("risk").oninput = () => { $("risk-value").textContent = Number($("risk").value).toFixed(2); filter(); };
  $("name").oninput = filter;
  $("side").oninput = () => { tiles.wanted = Number($("side").value); tiles.layout(); tiles.reveal(); };
  for (const id of ["risk", "side"]) $(id).onchange = () => $(id).blur();

  /* To begin with */

  for (const key of ["risk", "score", "note", "filling"]) { // by stage, then by box
    columns[key] = data.stages.map((_, stage) => columns[key].map((values) => values[stage]));
  }
  const option = (text, value) => new Option(text, value);
  $("class").append(option("all", ""), ...data.classes.map((name) => option(name, name)));
  $("stage").append(...data.stages.map((name, stage) => option(name, stage)));
  $("stage").value = view.stage;
  $("stage").parentElement.hidden = data.stages.length < 2;
  $("method").append(...data.methods.map((name) => option(name, name)));
  if (!data.rated) $("risk").parentElement.firstChild.textContent = "Doubt from ";
  setMethod(data.methods[0]);
  filter();
  $("tiles").focus();
}

/* Light, dark, or as the system has it. */
function setTheme(theme) {
  document.documentElement.dataset.theme = theme;
  $("theme").textContent = { auto: "◐ auto", light: "○ light", dark: "● dark" }[theme];
  try { localStorage.setItem("lpg-review/theme", theme); } catch { /* then it is not remembered */ }
}
$("theme").onclick = () => setTheme({ auto: "light", light: "dark", dark: "auto" }[document.documentElement.dataset.theme]);
let theme = "auto";
try { theme = localStorage.getItem("lpg-review/theme") || theme; } catch { /* as the system has it */ }
setTheme(theme);

if (window.REVIEW) start();
else say("masks.js is missing: copy the whole folder, and open index.html in it.");
