// A photo in tiles, drawn on a canvas: wheel, drag, two fingers and keys move, zoom and turn it. No library, no network
// but this server's. Everything that is drawn is a picture from /photo/; names and texts never come here.
"use strict";

class Viewer {
  static TILE = 512;

  constructor(box) {
    this.box = box;
    this.width = Number(box.dataset.width);
    this.height = Number(box.dataset.height);
    this.outline = JSON.parse(box.dataset.outline);
    this.others = JSON.parse(box.dataset.others);
    this.canvas = document.createElement("canvas");
    box.prepend(this.canvas);
    this.tiles = new Map();
    this.showOutline = true;
    this.turn = 0;
    this.drawing = null;
    this.pointers = new Map();
    new ResizeObserver(() => this.resize()).observe(box);
    this.listen();
  }

  resize() {
    const ratio = window.devicePixelRatio || 1;
    this.canvas.width = Math.round(this.box.clientWidth * ratio);
    this.canvas.height = Math.round(this.box.clientHeight * ratio);
    this.ratio = ratio;
    if (this.scale === undefined) this.fit();
    this.draw();
  }

  fit() {
    const xs = this.outline.map((p) => p[0]), ys = this.outline.map((p) => p[1]);
    this.show(Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys), 1.16);
  }

  whole() { this.show(0, 0, this.width, this.height, 1.02); }

  show(left, top, right, bottom, margin) {
    const c = Math.abs(Math.cos(this.turn)), s = Math.abs(Math.sin(this.turn));
    const width = (right - left) * c + (bottom - top) * s, height = (right - left) * s + (bottom - top) * c;
    this.centre = [(left + right) / 2, (top + bottom) / 2];
    this.scale = Math.min(this.canvas.width / (width * margin), this.canvas.height / (height * margin));
    this.draw();
  }

  zoom(factor, at) {
    const before = this.toPhoto(at || [this.canvas.width / 2, this.canvas.height / 2]);
    this.scale = Math.min(16, Math.max(0.02, this.scale * factor));
    const after = this.toPhoto(at || [this.canvas.width / 2, this.canvas.height / 2]);
    this.centre = [this.centre[0] + before[0] - after[0], this.centre[1] + before[1] - after[1]];
    this.draw();
  }

  rotate(degrees) { this.turn += degrees * Math.PI / 180; this.draw(); }

  move(dx, dy) {
    const c = Math.cos(-this.turn), s = Math.sin(-this.turn);
    this.centre = [this.centre[0] - (dx * c - dy * s) / this.scale, this.centre[1] - (dx * s + dy * c) / this.scale];
    this.draw();
  }

  toPhoto([x, y]) {
    const dx = (x - this.canvas.width / 2) / this.scale, dy = (y - this.canvas.height / 2) / this.scale;
    const c = Math.cos(-this.turn), s = Math.sin(-this.turn);
    return [this.centre[0] + dx * c - dy * s, this.centre[1] + dx * s + dy * c];
  }

  draw() {
    if (!this.pending) this.pending = requestAnimationFrame(() => { this.pending = 0; this.paint(); });
  }

  paint() {
    const g = this.canvas.getContext("2d");
    g.setTransform(1, 0, 0, 1, 0, 0);
    g.fillStyle = "#23221f";
    g.fillRect(0, 0, this.canvas.width, this.canvas.height);
    g.translate(this.canvas.width / 2, this.canvas.height / 2);
    g.rotate(this.turn);
    g.scale(this.scale, this.scale);
    g.translate(-this.centre[0], -this.centre[1]);
    g.imageSmoothingQuality = "high";
    const level = Math.max(0, Math.min(8, Math.floor(Math.log2(1 / this.scale))));
    this.layer(g, Math.min(8, level + 2));
    this.layer(g, level);
    if (this.showOutline) {
      for (const other of this.others) this.line(g, other, 1.5, "#ffffffaa");
      this.line(g, this.outline, 4, "#000000aa");
      this.line(g, this.outline, 2, "#ffd166");
    }
    if (this.drawing && this.drawing.to) {
      const [[ax, ay], [bx, by]] = [this.drawing.from, this.drawing.to];
      this.line(g, [[ax, ay], [bx, ay], [bx, by], [ax, by]], 2, "#58d0ff");
    } else if (this.drawing) this.line(g, this.middle(), 2, "#58d0ff");
  }

  // The middle third of what is seen, as four points of the photo.
  middle() {
    const w = this.canvas.width, h = this.canvas.height;
    return [[w / 3, h / 3], [2 * w / 3, h / 3], [2 * w / 3, 2 * h / 3], [w / 3, 2 * h / 3]].map((p) => this.toPhoto(p));
  }

  layer(g, level) {
    const step = Viewer.TILE << level;
    const corners = [[0, 0], [this.canvas.width, 0], [0, this.canvas.height], [this.canvas.width, this.canvas.height]].map((p) => this.toPhoto(p));
    const span = (axis, size) => [
      Math.max(0, Math.floor(Math.min(...corners.map((p) => p[axis])) / step)),
      Math.min(Math.ceil(size / step) - 1, Math.floor(Math.max(...corners.map((p) => p[axis])) / step)),
    ];
    const [c0, c1] = span(0, this.width), [r0, r1] = span(1, this.height);
    for (let row = r0; row <= r1; row++) {
      for (let column = c0; column <= c1; column++) {
        const image = this.tile(level, column, row);
        if (!image.complete || !image.naturalWidth) continue;
        const w = Math.min(step, this.width - column * step), h = Math.min(step, this.height - row * step);
        g.drawImage(image, column * step, row * step, w, h);
      }
    }
  }

  tile(level, column, row) {
    const name = `${level}/${column}/${row}`;
    let image = this.tiles.get(name);
    if (!image) {
      image = new Image();
      image.onload = () => this.draw();
      image.onerror = () => { document.getElementById("lost").hidden = false; };
      image.src = `${this.box.dataset.photo}/${name}.jpg`;
      this.tiles.set(name, image);
    }
    return image;
  }

  line(g, points, width, colour) {
    g.beginPath();
    points.forEach((p, i) => (i ? g.lineTo(p[0], p[1]) : g.moveTo(p[0], p[1])));
    g.closePath();
    g.lineWidth = width * this.ratio / this.scale;
    g.strokeStyle = colour;
    g.stroke();
  }

  at(event) {
    const r = this.box.getBoundingClientRect();
    return [(event.clientX - r.left) * this.ratio, (event.clientY - r.top) * this.ratio];
  }

  listen() {
    const box = this.box;
    box.addEventListener("wheel", (e) => { e.preventDefault(); this.zoom(Math.exp(-e.deltaY * 0.0016), this.at(e)); }, { passive: false });
    box.addEventListener("dblclick", (e) => this.zoom(2, this.at(e)));
    box.addEventListener("pointerdown", (e) => {
      box.setPointerCapture(e.pointerId);
      this.pointers.set(e.pointerId, this.at(e));
      if (this.drawing) this.drawing.from = this.toPhoto(this.at(e));
      else box.classList.add("dragging");
    });
    box.addEventListener("pointermove", (e) => {
      const before = this.pointers.get(e.pointerId);
      if (!before) return;
      const now = this.at(e);
      if (this.drawing) {
        this.drawing.to = this.toPhoto(now);
        this.draw();
      } else if (this.pointers.size === 2) {
        const other = [...this.pointers].find(([id]) => id !== e.pointerId)[1];
        const far = (a, b) => Math.hypot(a[0] - b[0], a[1] - b[1]);
        this.zoom(far(now, other) / Math.max(1, far(before, other)), [(now[0] + other[0]) / 2, (now[1] + other[1]) / 2]);
      } else this.move(now[0] - before[0], now[1] - before[1]);
      this.pointers.set(e.pointerId, now);
    });
    const end = (e) => {
      this.pointers.delete(e.pointerId);
      box.classList.remove("dragging");
      if (this.drawing && this.drawing.to) this.drawing.done(this.drawing.from, this.drawing.to);
    };
    box.addEventListener("pointerup", end);
    box.addEventListener("pointercancel", end);
    box.addEventListener("keydown", (e) => {
      const step = 60 * this.ratio;
      const moves = { ArrowLeft: [step, 0], ArrowRight: [-step, 0], ArrowDown: [0, -step] };
      if (!moves[e.key] || e.altKey || e.ctrlKey || e.metaKey) return;
      e.preventDefault();
      this.move(...moves[e.key]);
    });
  }
}
