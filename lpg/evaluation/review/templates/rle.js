"use strict";
/* COCO's run lengths: column by column, zeros first; compressed as pycocotools does it. */
const Rle = {
  /* Text to counts. */
  read(text) {
    const counts = [];
    for (let at = 0; at < text.length;) {
      let value = 0, shift = 0, byte;
      do {
        byte = text.charCodeAt(at++) - 48;
        value |= (byte & 31) << shift;
        shift += 5;
      } while (byte & 32);
      if (byte & 16) value |= -1 << shift;
      if (counts.length > 2) value += counts[counts.length - 2];
      counts.push(value);
    }
    return counts;
  },

  /* Counts to text. */
  write(counts) {
    let text = "";
    counts.forEach((count, index) => {
      let value = index > 2 ? count - counts[index - 2] : count, more = true;
      while (more) {
        let byte = value & 31;
        value >>= 5;
        more = byte & 16 ? value !== -1 : value !== 0;
        text += String.fromCharCode((more ? byte | 32 : byte) + 48);
      }
    });
    return text;
  },

  /* The pieces of columns that are set: column, first row, rows. */
  *pieces(counts, height) {
    let at = 0;
    for (let index = 0; index < counts.length; index++) {
      const end = at + counts[index];
      if (index % 2) {
        for (let start = at; start < end;) {
          const column = Math.floor(start / height), stop = Math.min(end, (column + 1) * height);
          yield [column, start - column * height, stop - start];
          start = stop;
        }
      }
      at = end;
    }
  },

  /* The part of a mask of some height that lies in a rectangle [row, column, rows, columns], row by row. */
  cut(counts, height, [top, left, rows, columns]) {
    const mask = new Uint8Array(rows * columns);
    for (const [column, row, length] of Rle.pieces(counts, height)) {
      const x = column - left;
      if (x < 0 || x >= columns) continue;
      const stop = Math.min(rows, row + length - top);
      for (let y = Math.max(0, row - top); y < stop; y++) mask[y * columns + x] = 1;
    }
    return mask;
  },

  /* The counts of a mask inside a rectangle of a photograph [height, width] as those of the whole photograph. */
  place(counts, [top, left, rows], [height, width]) {
    const placed = [];
    let zeros = 0, ones = 0, at = 0;
    for (const [column, row, length] of Rle.pieces(counts, rows)) {
      const start = (left + column) * height + top + row;
      if (start > at || !ones) {
        if (ones) placed.push(zeros, ones);
        zeros = start - at;
        ones = 0;
      }
      ones += length;
      at = start + length;
    }
    if (ones) placed.push(zeros, ones);
    if (at < height * width) placed.push(height * width - at);
    return placed;
  },
};
