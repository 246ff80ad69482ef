"use strict";
/* All masks as tiles, of which only those in sight are there. */
class Tiles {
  constructor(list, field, { fill, choose, open }) {
    Object.assign(this, { list, field, fill, choose, open });
    this.numbers = []; // what is shown, in order
    this.at = 0; // the place of the chosen one
    this.wanted = 200; // pixels of a side, before the row is filled
    this.live = new Map(); // tiles by place
    this.late = new Set(); // places whose masks are to be drawn yet
    list.addEventListener("scroll", () => this.render(), { passive: true });
    new ResizeObserver(() => this.layout()).observe(list);
  }

  show(numbers, at) {
    this.numbers = numbers;
    this.at = Math.max(0, Math.min(at, numbers.length - 1));
    this.clear();
    this.layout();
    this.reveal();
  }

  clear() {
    for (const tile of this.live.values()) tile.remove();
    this.live.clear();
  }

  layout() {
    const width = this.list.clientWidth - 28, gap = 10;
    if (width <= 0) return; // another view is open
    this.columns = Math.max(1, Math.floor((width + gap) / (this.wanted + gap)));
    this.side = Math.floor((width + gap) / this.columns) - gap;
    this.step = [this.side + gap, this.side + 40 + gap];
    this.field.style.height = `${Math.ceil(this.numbers.length / this.columns) * this.step[1]}px`;
    this.field.style.width = `${this.columns * this.step[0] - gap}px`;
    this.clear();
    this.render();
  }

  get rows() { return Math.max(1, Math.floor(this.list.clientHeight / this.step[1])); }

  render() {
    if (!this.step || !this.list.clientHeight) return;
    const top = Math.floor((this.list.scrollTop - 12) / this.step[1]) - 1;
    const bottom = Math.ceil((this.list.scrollTop + this.list.clientHeight) / this.step[1]) + 1;
    const first = Math.max(0, top * this.columns), last = Math.min(this.numbers.length, bottom * this.columns);
    for (const [place, tile] of this.live) {
      if (place < first || place >= last) { tile.remove(); this.live.delete(place); }
    }
    for (let place = first; place < last; place++) if (!this.live.has(place)) this.add(place);
    this.list.setAttribute("aria-activedescendant", this.live.has(this.at) ? `tile-${this.numbers[this.at]}` : "");
  }

  add(place) {
    const tile = document.createElement("div"), number = this.numbers[place];
    tile.className = "tile";
    tile.id = `tile-${number}`;
    tile.setAttribute("role", "option");
    tile.style.cssText = `left:${(place % this.columns) * this.step[0]}px;top:${Math.floor(place / this.columns) * this.step[1]}px;width:${this.side}px`;
    tile.addEventListener("click", () => this.choose(place));
    tile.addEventListener("dblclick", () => this.open(place));
    this.live.set(place, tile);
    this.field.append(tile);
    this.refill(place, false);
    if (!this.late.size) requestAnimationFrame(() => this.catchUp());
    this.late.add(place);
  }

  /* Draw masks, a frame's worth of them, so that scrolling does not wait. */
  catchUp() {
    const start = performance.now();
    for (const place of this.late) {
      this.late.delete(place);
      this.refill(place);
      if (performance.now() - start > 10) break;
    }
    if (this.late.size) requestAnimationFrame(() => this.catchUp());
  }

  /* Draw a tile anew, if it is in sight. */
  refill(place, whole = true) {
    const tile = this.live.get(place);
    if (!tile) return;
    tile.classList.toggle("here", place === this.at);
    tile.setAttribute("aria-selected", place === this.at);
    this.fill(tile, this.numbers[place], this.side - 12, whole);
  }

  refillAll() { for (const place of this.live.keys()) this.refill(place); }

  move(at) {
    const before = this.at;
    this.at = Math.max(0, Math.min(at, this.numbers.length - 1));
    this.refill(before);
    this.refill(this.at);
    this.reveal();
  }

  /* Scroll so that the chosen tile is in sight. */
  reveal() {
    if (!this.step || !this.list.clientHeight) return;
    const top = Math.floor(this.at / this.columns) * this.step[1];
    const above = top, below = top + this.step[1] + 14 - this.list.clientHeight;
    if (this.list.scrollTop > above) this.list.scrollTop = above;
    else if (this.list.scrollTop < below) this.list.scrollTop = below;
    this.render();
  }
}
