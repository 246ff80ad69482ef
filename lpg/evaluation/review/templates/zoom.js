"use strict";
/* One mask at the full size of its cut: wheel and drag, larger and smaller. */
class Zoom {
  constructor(section, paint) {
    this.canvas = section.querySelector("canvas");
    this.paint = paint; // (context, x, y, pixels of the screen per pixel of the photograph)
    this.image = new Image();
    this.image.onload = () => this.draw();
    this.size = [1, 1];
    this.reset();
    new ResizeObserver(() => this.draw()).observe(this.canvas);
    this.canvas.addEventListener("wheel", (event) => {
      event.preventDefault();
      this.scale(Math.exp(-event.deltaY / 500), event.offsetX, event.offsetY);
    }, { passive: false });
    this.canvas.addEventListener("pointerdown", (event) => this.canvas.setPointerCapture(event.pointerId));
    this.canvas.addEventListener("pointermove", (event) => {
      if (!event.buttons) return;
      this.x += event.movementX;
      this.y += event.movementY;
      this.draw();
    });
  }

  /* Another picture, of some rows and columns of the photograph. */
  show(source, [, , rows, columns]) {
    if (this.source !== source) {
      this.source = source;
      this.size = [rows, columns];
      this.image.src = source;
      this.reset();
    }
    this.draw();
  }

  reset() { Object.assign(this, { factor: 1, x: 0, y: 0 }); }

  whole() { this.reset(); this.draw(); }

  /* Closer by a factor around a point of the canvas, its middle by default. */
  scale(factor, x = this.canvas.clientWidth / 2, y = this.canvas.clientHeight / 2) {
    const next = Math.max(0.5, Math.min(20, this.factor * factor)), ratio = next / this.factor;
    const { left, top } = this.place();
    this.x += (1 - ratio) * (x - left) + (ratio - 1) * ((this.canvas.clientWidth / 2 + this.x) - left);
    this.y += (1 - ratio) * (y - top) + (ratio - 1) * ((this.canvas.clientHeight / 2 + this.y) - top);
    this.factor = next;
    this.draw();
  }

  /* Where the cut lies on the canvas. */
  place() {
    const { clientWidth: width, clientHeight: height } = this.canvas, [rows, columns] = this.size;
    const scale = this.factor * Math.min((width - 24) / columns, (height - 24) / rows);
    return { scale, left: (width - columns * scale) / 2 + this.x, top: (height - rows * scale) / 2 + this.y };
  }

  draw() {
    if (!this.canvas.clientWidth) return;
    const context = Draw.fit(this.canvas, this.canvas.clientWidth, this.canvas.clientHeight);
    const { scale, left, top } = this.place(), [rows, columns] = this.size;
    if (this.image.complete && this.image.naturalWidth) {
      context.imageSmoothingEnabled = (scale * columns) / this.image.naturalWidth < 4;
      context.imageSmoothingQuality = "high";
      context.drawImage(this.image, left, top, columns * scale, rows * scale);
    }
    this.paint(context, left, top, scale);
  }
}
