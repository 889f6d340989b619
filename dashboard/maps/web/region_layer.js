// The ranked maps on the map: region, heat, contours or colors by cell, each thresholded on the graphics card.
import {GlLayer, makeTexture} from './gl_layer.js';
import {Recent} from './cell_grid.js';
import {RANKED} from './shaders.js';

const TABLE_WIDTH = 2048;
const KEPT_TILES = 72; // textures of 1.2 MB
const WORLD = [-180, -90, 180, 90];
const DETAIL_ZOOM = 3.4; // where a screen pixel is finer than a tile of the overview, on a grid of 5400 rows
const MODES = {region: 0, heat: 1, contours: 2, colors: 3};

/**
 * @typedef {object} Item
 * @property {'region'|'heat'|'contours'|'colors'} mode
 * @property {import('./cell_grid.js').CellGrid} cells
 * @property {import('./ranked_map.js').RankedMap} [ranked]
 * @property {Uint8Array} [colors] RGBA by cell
 * @property {[number, number, number]} [n] whole cells of the region, or of three regions
 * @property {number} [share] of the next cell
 * @property {{middle: number[], chord: number}|null} [cut] which pixels of the next cell
 * @property {number[]} [fill] @property {number[]} [line] RGBA 0..1
 * @property {Uint8Array} [ramp] 256 colors of heat
 * @property {number} opacity
 * @property {[number, number]} [clip] left and right in pixels of the page
 */

/** West, south, east, north of a tile of the full grid. */
export function tileBox(cells, number) {
  const y = Math.floor(number / cells.tileColumns), x = number % cells.tileColumns;
  const down = 180 / cells.rows, across = 360 / cells.columns;
  const top = y * cells.tile, left = x * cells.tile;
  const bottom = Math.min(top + cells.tile, cells.rows), right = Math.min(left + cells.tile, cells.columns);
  return [left * across - 180, 90 - bottom * down, right * across - 180, 90 - top * down];
}

/** Numbers of the tiles of the full grid under some tiles of the map. */
export function tilesUnder(cells, mapTiles) {
  const seen = new Set(), down = cells.tile * 180 / cells.rows, across = cells.tile * 360 / cells.columns;
  const latitudeOf = (v) => (v <= 0 ? 90 : v >= 1 ? -90 : Math.atan(Math.sinh(Math.PI * (1 - 2 * v))) * 180 / Math.PI);
  for (const {x, y, z} of mapTiles) {
    const size = 2 ** z, west = x / size * 360, east = (x + 1) / size * 360;
    const top = Math.floor((90 - latitudeOf(y / size)) / down + 1e-9);
    const bottom = Math.min(cells.tileRows - 1, Math.ceil((90 - latitudeOf((y + 1) / size)) / down - 1e-9) - 1);
    const right = Math.min(cells.tileColumns - 1, Math.ceil(east / across - 1e-9) - 1);
    for (let j = top; j <= bottom; j++) {
      for (let i = Math.floor(west / across + 1e-9); i <= right; i++) seen.add(j * cells.tileColumns + i);
    }
  }
  return [...seen];
}

export class RegionLayer extends GlLayer {
  constructor(id) {
    super(id);
    /** @type {Item[]} */
    this.items = [];
    this.waiting = new Set();
  }

  begin(gl) {
    this.textures = new WeakMap(); // by ranked map, color table or cell grid: textures of this context
    this.tiles = new Recent(KEPT_TILES, (texture) => gl.deleteTexture(texture));
    this.waiting.clear();
  }

  onRemove() {
    this.gl = null;
  }

  /** @param {Item[]} items from bottom to top */
  show(items) {
    const kept = new Set(items.flatMap((item) => [item.ranked, item.colors, item.ramp]));
    for (const item of this.items) {
      for (const owner of [item.ranked, item.colors]) if (owner && !kept.has(owner)) this.#forget(owner);
    }
    this.items = items;
    this.map?.triggerRepaint();
  }

  #forget(owner) {
    if (!this.gl) return;
    for (const texture of Object.values(this.textures.get(owner) ?? {})) this.gl.deleteTexture(texture);
    this.textures.delete(owner);
  }

  #table(values, internal, format, type, View, channels = 1) {
    const {gl} = this, height = Math.max(Math.ceil(values.length / channels / TABLE_WIDTH), 1);
    const full = new View(TABLE_WIDTH * height * channels);
    full.set(values);
    return makeTexture(gl, () => gl.texImage2D(gl.TEXTURE_2D, 0, internal, TABLE_WIDTH, height, 0, format, type, full));
  }

  #texturesOf(owner, make) {
    if (!this.textures.has(owner)) this.textures.set(owner, make());
    return this.textures.get(owner);
  }

  #rankTextures(ranked) {
    const {gl} = this;
    return this.#texturesOf(ranked, () => ({
      rank: this.#table(ranked.rank, gl.R32UI, gl.RED_INTEGER, gl.UNSIGNED_INT, Uint32Array),
      probability: this.#table(Float32Array.from(ranked.probabilityUpTo), gl.R32F, gl.RED, gl.FLOAT, Float32Array),
      overview: this.#pyramid(ranked.tileRank, ranked.cells.lattice),
    }));
  }

  /** The overview with the lowest rank of each four tiles at every next level, so that nothing is lost from afar. */
  #pyramid(lowest, [height, width]) {
    const {gl} = this;
    let [rows, columns, values, level] = [height, width, lowest, 0];
    return makeTexture(gl, () => {
      gl.texImage2D(gl.TEXTURE_2D, 0, gl.R32UI, columns, rows, 0, gl.RED_INTEGER, gl.UNSIGNED_INT, values);
      while (rows > 64 && rows % 2 === 0 && columns % 2 === 0) {
        const half = new Uint32Array(rows * columns / 4);
        for (let y = 0, k = 0; y < rows; y += 2) for (let x = 0; x < columns; x += 2, k++) {
          const i = y * columns + x;
          half[k] = Math.min(values[i], values[i + 1], values[i + columns], values[i + columns + 1]);
        }
        [rows, columns, values] = [rows / 2, columns / 2, half];
        gl.texImage2D(gl.TEXTURE_2D, ++level, gl.R32UI, columns, rows, 0, gl.RED_INTEGER, gl.UNSIGNED_INT, values);
      }
      gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MAX_LEVEL, level);
    }, {min: gl.NEAREST_MIPMAP_NEAREST, mag: gl.NEAREST, wrap: gl.REPEAT});
  }

  #levels([rows, columns]) {
    let level = 0;
    for (; rows > 64 && rows % 2 === 0 && columns % 2 === 0; rows /= 2, columns /= 2) level++;
    return level;
  }

  #centers(cells) {
    const {gl} = this, [height, width] = cells.lattice;
    return this.#texturesOf(cells, () => ({
      centers: makeTexture(gl, () => gl.texImage2D(
        gl.TEXTURE_2D, 0, gl.R32UI, width, height, 0, gl.RED_INTEGER, gl.UNSIGNED_INT, cells.centerCell,
      ), {wrap: gl.REPEAT}),
    })).centers;
  }

  /** The texture of a tile of the full grid, or null while it is on its way. */
  #tile(cells, number) {
    const key = `${cells.digest}/${number}`, have = this.tiles.get(key);
    if (have || this.waiting.has(key)) return have ?? null;
    const {gl} = this;
    this.waiting.add(key);
    cells.decode(number).then((ids) => {
      this.waiting.delete(key);
      if (this.gl !== gl || gl.isContextLost()) return;
      this.tiles.set(key, makeTexture(gl, () => gl.texImage2D(
        gl.TEXTURE_2D, 0, gl.R32UI, cells.side, cells.side, 0, gl.RED_INTEGER, gl.UNSIGNED_INT, ids,
      )));
      this.map.triggerRepaint();
    }, () => this.waiting.delete(key));
    return null;
  }

  /** Whether everything that the view needs is on the graphics card. */
  get complete() {
    return this.waiting.size === 0;
  }

  render(gl, args) {
    const zoom = this.map.getZoom(), mapTiles = new Map();
    for (const item of this.items) {
      if (item.opacity <= 0) continue;
      const u = this.use(args, RANKED);
      this.#uniforms(u, item);
      const detail = zoom >= DETAIL_ZOOM + Math.log2(item.cells.rows / 5400);
      if (!detail) this.#drawOverview(args, u, item, WORLD);
      else {
        const deepest = Math.min(6 + Math.max(0, Math.round(Math.log2(item.cells.rows / 5400))), 8);
        if (!mapTiles.has(deepest)) {
          const covering = this.map.coveringTiles({tileSize: 512, minzoom: 0, maxzoom: deepest});
          mapTiles.set(deepest, covering.map((tile) => tile.canonical));
        }
        this.#drawTiles(args, u, item, tilesUnder(item.cells, mapTiles.get(deepest)));
      }
    }
  }

  #uniforms(u, item) {
    const {gl} = this, ratio = this.map.getPixelRatio(), [left, right] = item.clip ?? [-1e6, 1e6];
    const n = item.n ?? [0, 0, 0], cut = item.cut;
    gl.uniform1i(u.u_mode, MODES[item.mode]);
    gl.uniform3f(u.u_n, ...n);
    gl.uniform1f(u.u_share, item.share ?? 0);
    gl.uniform4f(u.u_cut, ...(cut ? [...cut.middle, cut.chord] : [0, 0, 0, -1]));
    gl.uniform4f(u.u_fill, ...(item.fill ?? [0, 0, 0, 0]));
    gl.uniform4f(u.u_line, ...(item.line ?? [0, 0, 0, 0]));
    gl.uniform1f(u.u_thickness, 1.5 * ratio);
    gl.uniform1f(u.u_opacity, item.opacity);
    gl.uniform1f(u.u_least, item.least ?? 0.995);
    gl.uniform2f(u.u_clip, left * ratio, right * ratio);
    gl.uniform1i(u.u_width, TABLE_WIDTH);
    const tables = item.ranked ? this.#rankTextures(item.ranked) : null;
    const colors = item.colors ? this.#texturesOf(item.colors, () => ({
      colors: this.#table(item.colors, gl.RGBA, gl.RGBA, gl.UNSIGNED_BYTE, Uint8Array, 4),
    })).colors : null;
    const ramp = item.ramp ? this.#texturesOf(item.ramp, () => ({ramp: makeTexture(gl, () => gl.texImage2D(
      gl.TEXTURE_2D, 0, gl.RGBA, 256, 1, 0, gl.RGBA, gl.UNSIGNED_BYTE, item.ramp,
    ), {min: gl.LINEAR})})).ramp : null;
    const bound = {u_rank: tables?.rank, u_probability: tables?.probability, u_ramp: ramp, u_colors: colors};
    Object.entries(bound).forEach(([name, texture], i) => {
      gl.activeTexture(gl.TEXTURE1 + i);
      gl.bindTexture(gl.TEXTURE_2D, texture ?? null);
      gl.uniform1i(u[name], 1 + i);
    });
    gl.activeTexture(gl.TEXTURE0);
    gl.uniform1i(u.u_cells, 0);
  }

  #drawOverview(args, u, item, box) {
    const {gl} = this, [height, width] = item.cells.lattice, colors = item.mode === 'colors';
    const [west, south, east, north] = box;
    gl.bindTexture(gl.TEXTURE_2D, colors ? this.#centers(item.cells) : this.#rankTextures(item.ranked).overview);
    gl.uniform1i(u.u_overview, 1);
    gl.uniform1i(u.u_levels, colors ? 0 : this.#levels(item.cells.lattice));
    gl.uniform1f(u.u_apron, 0);
    gl.uniform2i(u.u_size, Math.round((east - west) / 360 * width), Math.round((north - south) / 180 * height));
    gl.uniform4f(u.u_origin, (west + 180) / 360 * width, (90 - north) / 180 * height, width, height);
    gl.uniform2f(u.u_longitude, west, east - west);
    this.drawBox(args, u, box, 1.5); // a coarser mesh lies kilometers below the globe
  }

  #drawTiles(args, u, item, numbers) {
    const {gl} = this, {cells} = item, zoom = this.map.getZoom(), step = zoom < 6 ? 1 : zoom < 8.5 ? 0.5 : 0.25;
    const found = numbers.map((number) => [tileBox(cells, number), this.#tile(cells, number)]);
    for (const [box, texture] of found) if (!texture) this.#drawOverview(args, u, item, box); // until it is there
    gl.uniform1i(u.u_overview, 0);
    gl.uniform1f(u.u_apron, cells.apron);
    for (const [box, texture] of found) {
      if (!texture) continue;
      const [west, south, east, north] = box;
      gl.bindTexture(gl.TEXTURE_2D, texture);
      gl.uniform2i(u.u_size, Math.round((east - west) / 360 * cells.columns), Math.round((north - south) / 180 * cells.rows));
      gl.uniform2f(u.u_longitude, west, east - west);
      this.drawBox(args, u, box, Math.min(step, (north - south) / 4));
    }
  }
}
