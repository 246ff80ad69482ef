"use strict";
/* Masks on a canvas: hatched and outlined in dark and light, so that no colour needs to be told apart. */
const Draw = {
  kept: new Map(), // shapes by their text, the last few hundred

  /* What is drawn of a mask inside a box of some rows and columns: its edges, and its pixels as a canvas. */
  shape(key, rows, columns, decode) {
    let shape = Draw.kept.get(key);
    if (shape) {
      Draw.kept.delete(key);
    } else {
      const mask = decode();
      shape = { rows, columns, edges: Draw.edges(mask, rows, columns), pixels: Draw.pixels(mask, rows, columns) };
    }
    Draw.kept.set(key, shape);
    if (Draw.kept.size > 400) Draw.kept.delete(Draw.kept.keys().next().value);
    return shape;
  },

  /* The sides between pixels that are set and pixels that are not, as lines. */
  edges(mask, rows, columns) {
    const path = new Path2D(), wide = columns + 2, padded = new Uint8Array(wide * (rows + 2));
    for (let y = 0; y < rows; y++) padded.set(mask.subarray(y * columns, (y + 1) * columns), (y + 1) * wide + 1);
    for (let y = 0; y <= rows; y++) {
      for (let x = 0, from = -1, at = y * wide + 1; x <= columns; x++, at++) {
        const edge = x < columns && padded[at] !== padded[at + wide];
        if (edge && from < 0) from = x;
        if (!edge && from >= 0) { path.moveTo(from, y); path.lineTo(x, y); from = -1; }
      }
    }
    for (let x = 0; x <= columns; x++) {
      for (let y = 0, from = -1, at = wide + x; y <= rows; y++, at += wide) {
        const edge = y < rows && padded[at] !== padded[at + 1];
        if (edge && from < 0) from = y;
        if (!edge && from >= 0) { path.moveTo(x, from); path.lineTo(x, y); from = -1; }
      }
    }
    return path;
  },

  pixels(mask, rows, columns) {
    const canvas = new OffscreenCanvas(Math.max(1, columns), Math.max(1, rows));
    const image = new ImageData(canvas.width, canvas.height);
    for (let index = 0; index < mask.length; index++) image.data[4 * index + 3] = 255 * mask[index];
    canvas.getContext("2d").putImageData(image, 0, 0);
    return canvas;
  },

  /* Fit a canvas to its place on the screen; gives its context in CSS pixels. */
  fit(canvas, width, height) {
    const ratio = window.devicePixelRatio || 1;
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
    const context = canvas.getContext("2d");
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    return context;
  },

  hatch(context) {
    const size = 12, tile = new OffscreenCanvas(size, size), pen = tile.getContext("2d");
    pen.fillStyle = "rgba(255, 196, 40, .20)";
    pen.fillRect(0, 0, size, size);
    for (const [colour, shift] of [["rgba(0, 0, 0, .40)", 1.2], ["rgba(255, 255, 255, .50)", 0]]) {
      pen.strokeStyle = colour;
      pen.lineWidth = 1.1;
      pen.beginPath();
      for (const start of [-size, 0, size]) { pen.moveTo(start + shift, size); pen.lineTo(start + size + shift, 0); }
      pen.stroke();
    }
    return context.createPattern(tile, "repeat");
  },

  /* A shape whose box begins at (x, y) of the canvas, `scale` pixels to one of the photograph. */
  mask(context, shape, x, y, scale, mode) {
    if (mode === "off") return;
    if (mode === "full") Draw.fill(context, shape, x, y, scale);
    Draw.stroke(context, shape.edges, x, y, scale, [[3, "rgba(0, 0, 0, .75)"], [1.2, "#ffffff"]]);
  },

  fill(context, shape, x, y, scale) {
    const ratio = context.getTransform().a, { canvas } = context;
    const left = Math.max(0, Math.floor(x * ratio)), top = Math.max(0, Math.floor(y * ratio));
    const right = Math.min(canvas.width, Math.ceil((x + shape.columns * scale) * ratio));
    const bottom = Math.min(canvas.height, Math.ceil((y + shape.rows * scale) * ratio));
    if (right <= left || bottom <= top) return;
    const layer = new OffscreenCanvas(right - left, bottom - top), pen = layer.getContext("2d");
    pen.imageSmoothingEnabled = scale < 3;
    pen.drawImage(shape.pixels, x * ratio - left, y * ratio - top, shape.columns * scale * ratio, shape.rows * scale * ratio);
    pen.globalCompositeOperation = "source-in";
    pen.fillStyle = Draw.hatch(pen);
    pen.fillRect(0, 0, layer.width, layer.height);
    context.drawImage(layer, left / ratio, top / ratio, layer.width / ratio, layer.height / ratio);
  },

  stroke(context, path, x, y, scale, lines, dash = []) {
    const placed = new Path2D();
    placed.addPath(path, new DOMMatrix([scale, 0, 0, scale, x, y]));
    context.lineCap = "square";
    context.setLineDash(dash);
    for (const [width, colour] of lines) {
      context.lineWidth = width;
      context.strokeStyle = colour;
      context.stroke(placed);
    }
    context.setLineDash([]);
  },

  box(context, x, y, width, height) {
    for (const [offset, colour] of [[0, "rgba(0, 0, 0, .65)"], [4, "rgba(255, 255, 255, .9)"]]) {
      context.setLineDash([4, 4]);
      context.lineDashOffset = offset;
      context.lineWidth = 1;
      context.strokeStyle = colour;
      context.strokeRect(Math.round(x) + 0.5, Math.round(y) + 0.5, Math.round(width) - 1, Math.round(height) - 1);
    }
    context.setLineDash([]);
    context.lineDashOffset = 0;
  },
};
