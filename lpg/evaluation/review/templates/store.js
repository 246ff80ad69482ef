"use strict";
/* The decisions: kept in the browser one by one, undone, saved to a file and loaded from one. */
class Store {
  constructor(data) {
    this.data = data;
    this.prefix = `lpg-review/${data.key}/`;
    this.decisions = new Map(); // by the number of a box
    this.others = []; // of loaded files, about objects that are not here
    this.past = []; // groups of [number, what was before]
    this.unsaved = 0;
    this.full = false; // the browser keeps no more
    this.places = new Places(data.columns);
    this.recall();
  }

  /* What the browser has kept; what is about a box that is another by now goes to that of its place, or to the others. */
  recall() {
    const moved = [];
    try {
      for (const key of Object.keys(localStorage)) {
        if (!key.startsWith(this.prefix)) continue;
        const rest = key.slice(this.prefix.length), value = JSON.parse(localStorage.getItem(key));
        if (rest === "others") this.others = value;
        else if ((value.box ? this.places.find(value) : Number(rest)) === Number(rest)) this.decisions.set(Number(rest), Store.bare(value));
        else moved.push([rest, value]);
      }
    } catch { this.full = true; }
    for (const [rest] of moved) this.keep(rest, undefined);
    for (const [, value] of moved) {
      const number = this.places.find(value);
      if (number === undefined || this.decisions.has(number)) this.others.push(value);
      else this.decide(number, Store.bare(value));
    }
    if (moved.length) this.keep("others", this.others);
  }

  /* A decision without the box that it is about. */
  static bare({ decision, stage, method, mask }) { return { decision, stage, method, mask }; }

  keep(key, value) {
    try {
      if (value === undefined) localStorage.removeItem(this.prefix + key);
      else localStorage.setItem(this.prefix + key, JSON.stringify(value));
    } catch { this.full = true; }
  }

  /* Decide on several boxes at once: [number, decision or undefined] each. */
  set(changes) {
    this.past.push(changes.map(([number]) => [number, this.decisions.get(number)]));
    this.apply(changes);
  }

  apply(changes) {
    for (const [number, decision] of changes) {
      if (decision) this.decide(number, decision);
      else {
        this.decisions.delete(number);
        this.keep(number, undefined);
      }
    }
    this.unsaved += changes.length;
  }

  decide(number, decision) {
    this.decisions.set(number, decision);
    this.keep(number, { ...this.places.about(number), ...decision });
  }

  /* Gives the numbers whose decisions are as they were before. */
  undo() {
    const before = this.past.pop() || [];
    this.apply(before);
    return before.map(([number]) => number);
  }

  count(kind) {
    let count = 0;
    for (const { decision } of this.decisions.values()) count += decision === kind;
    return count;
  }

  text() {
    const own = [...this.decisions].sort(([a], [b]) => a - b)
      .map(([number, decision]) => ({ ...this.places.about(number), ...decision }));
    const lines = [...own, ...this.others].map((decision) => JSON.stringify(decision));
    const head = JSON.stringify({ lpg_decisions: 1, title: this.data.title, saved: new Date().toISOString() });
    return `${head.slice(0, -1)},"decisions":[\n${lines.join(",\n")}\n]}\n`;
  }

  /* To a file that the browser lets one choose, the same one from then on, else among the downloads. */
  async save() {
    const text = this.text(), unsaved = this.unsaved;
    if (window.showSaveFilePicker) {
      try {
        const types = [{ description: "Decisions", accept: { "application/json": [".json"] } }];
        this.file ??= await window.showSaveFilePicker({ suggestedName: "decisions.json", types });
        const stream = await this.file.createWritable();
        await stream.write(text);
        await stream.close();
        this.unsaved -= unsaved;
        return `saved to ${this.file.name}`;
      } catch (error) {
        this.file = undefined;
        if (error.name === "AbortError") return "";
      }
    }
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([text], { type: "application/json" }));
    link.download = "decisions.json";
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
    this.unsaved = 0;
    return "saved among the downloads as decisions.json";
  }

  /* Take over the decisions of a file; gives a sentence. */
  load(text) {
    let content;
    try { content = JSON.parse(text); } catch { return "This file is no JSON; nothing was loaded."; }
    if (content?.lpg_decisions !== 1 || !Array.isArray(content.decisions)) return "This file holds no decisions; nothing was loaded.";
    const changes = [], others = [];
    let bad = 0;
    for (const entry of content.decisions) {
      if (!entry || typeof entry.image !== "string" || !["accept", "reject", "redo"].includes(entry.decision)) { bad++; continue; }
      const number = this.places.find(entry);
      if (number === undefined) { others.push(entry); continue; }
      const decision = this.checked(number, entry);
      if (decision) changes.push([number, decision]);
      else bad++;
    }
    if (changes.length) this.set(changes);
    const fresh = new Set(others.map((entry) => Places.name(entry.image, entry.object_id)));
    this.others = [...this.others.filter((entry) => !fresh.has(Places.name(entry.image, entry.object_id))), ...others];
    if (others.length) this.keep("others", this.others);
    const more = [others.length && `${others.length} are about objects that are not here; they stay in the file`,
      bad && `${bad} cannot be used`].filter(Boolean);
    return `${changes.length} decisions loaded${more.length ? `; ${more.join("; ")}` : ""}.`;
  }

  checked(number, { decision, stage, method, mask }) {
    const [height, width] = this.data.columns.size[number];
    if (decision === "accept") {
      const counts = Array.isArray(mask?.counts) ? Rle.write(mask.counts) : mask?.counts;
      if (typeof counts !== "string" || mask.size?.[0] !== height || mask.size?.[1] !== width) return null;
      return { decision, stage, mask: { size: [height, width], counts } };
    }
    if (decision === "redo") return typeof method === "string" ? { decision, stage, method } : null;
    return { decision, stage };
  }
}
