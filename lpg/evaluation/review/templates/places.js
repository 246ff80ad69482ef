"use strict";
/* Which box an entry of a file is about. Its key alone does not tell: it may be the number of a line, which another takes over. */
class Places {
  constructor(columns) {
    this.columns = columns;
    const numbers = [...columns.image.keys()];
    this.keys = new Map(numbers.map((number) => [Places.name(columns.image[number], columns.object[number]), number]));
    this.places = new Map(numbers.map((number) => [Places.place(this.about(number)), number]));
  }

  static name(image, object) { return `${image}\n${JSON.stringify(object)}`; }

  static place(entry) { return Places.name(entry.image, [entry.class, entry.box]); }

  /* What a file says of the box of that number, its edges in pixels. */
  about(number) {
    const { image, object, class: names, inside } = this.columns, [top, left, height, width] = inside[number];
    return { image: image[number], object_id: object[number], class: names[number], box: [left, top, left + width, top + height] };
  }

  /* The number of a box: by its key, unless class or box speak against that; then by these; else undefined. */
  find(entry) {
    const number = this.keys.get(Places.name(entry.image, entry.object_id)), own = number === undefined ? {} : this.about(number);
    return Places.place({ ...own, ...entry }) === Places.place(own) ? number : this.places.get(Places.place(entry));
  }
}
