// The cells of an overlay: which cell lies where, on the full grid in tiles and on the overview lattice. Static: the same
// for every photo. A shape that the analyst draws cuts some cells; the cuts come as a small patch on the same tiles.
import {Container, inflate, mergePlanes} from './container.js';

const DECODED_TILES = 24; // 1.2 MB each

/** A map that forgets what was not used for longest. */
export class Recent {
  constructor(limit, dropped = () => {}) {
    this.limit = limit;
    this.dropped = dropped;
    this.items = new Map();
  }

  get(key) {
    const item = this.items.get(key);
    if (item !== undefined) {
      this.items.delete(key);
      this.items.set(key, item);
    }
    return item;
  }

  set(key, item) {
    this.items.set(key, item);
    while (this.items.size > this.limit) {
      const [oldest, value] = this.items.entries().next().value;
      this.items.delete(oldest);
      this.dropped(value);
    }
  }
}

/**
 * Put the twins of cut cells into decoded ids: whatever lies inside the spans of a shape and was cut gets its twin.
 * @param {Uint32Array} ids side x side
 * @param {{row: number, column: number, side: number, columns: number, rows: number}} window
 *   row and column of the first id on the grid; the column may lie west of the grid
 * @param {{start: Uint32Array, stop: Uint32Array, twins: Map<number, number>}} cut
 */
export function applyCut(ids, window, cut) {
  const {row, column, side, columns, rows} = window;
  for (let j = 0; j < side; j++) {
    const y = Math.min(Math.max(row + j, 0), rows - 1);
    let k = lowerBound(cut.stop, y * columns + 1);
    for (; k < cut.start.length && cut.start[k] < (y + 1) * columns; k++) {
      const west = cut.start[k] - y * columns, east = cut.stop[k] - y * columns;
      for (const turn of [-columns, 0, columns]) {
        const first = Math.max(west + turn - column, 0), last = Math.min(east + turn - column, side);
        for (let i = first; i < last; i++) {
          const twin = cut.twins.get(ids[j * side + i]);
          if (twin !== undefined) ids[j * side + i] = twin;
        }
      }
    }
  }
}

/** First index whose value is at least `value`. */
export function lowerBound(values, value) {
  let low = 0, high = values.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (values[middle] < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

export class CellGrid {
  /** @param {{root: import('./container.js').Address, patch?: import('./container.js').Address}} source */
  static async load(source) {
    const [root, patch] = await Promise.all([rootOf(source.root), source.patch ? Container.open(source.patch) : null]);
    const grid = Object.assign(new CellGrid(), root, {cuts: [], altered: null, decoded: new Recent(DECODED_TILES)});
    if (patch) await grid.#patch(patch);
    return grid;
  }

  async #patch(patch) {
    const {cells, cuts} = patch.meta;
    this.cells = cells;
    const [changed, areas] = await Promise.all([patch.array('area_cell'), patch.array('area_km2')]);
    const whole = new Float64Array(cells);
    whole.set(this.areaKm2.subarray(0, Math.min(cells, this.areaKm2.length)));
    changed.forEach((cell, i) => { whole[cell] = areas[i]; });
    this.areaKm2 = whole;
    for (let k = 0; k < cuts; k++) {
      const [start, stop, from, to] = await Promise.all(
        ['start', 'stop', 'from', 'to'].map((name) => patch.array(`cut${k}_${name}`)),
      );
      const twins = new Map();
      from.forEach((cell, i) => twins.set(cell, to[i]));
      this.cuts.push({start, stop, twins});
    }
    const [tile, begin, cell, center] = await Promise.all(
      ['altered_tile', 'altered_start', 'altered_cell', 'altered_center'].map((name) => patch.array(name)),
    );
    this.altered = {tile, begin, cell, center};
    this.centerCell = this.centerCell.slice();
    tile.forEach((number, i) => { this.centerCell[number] = center[i]; });
  }

  /** Tiles along a meridian and along a parallel. */
  get tileRows() { return Math.ceil(this.rows / this.tile); }

  get tileColumns() { return Math.ceil(this.columns / this.tile); }

  get side() { return this.tile + 2 * this.apron; }

  /** @param {number} number @returns {Promise<Uint32Array>} the ids of a tile with its apron */
  decode(number) {
    let ids = this.decoded.get(number);
    if (!ids) {
      ids = this.#decoded(number);
      this.decoded.set(number, ids);
      ids.catch(() => this.decoded.items.delete(number));
    }
    return ids;
  }

  async #decoded(number) {
    const raw = await inflate(await this.container.bytes('tiles', this.offsets[number], this.lengths[number]));
    const ids = mergePlanes(raw, 'u24', this.side * this.side);
    const row = Math.floor(number / this.tileColumns) * this.tile - this.apron;
    const column = (number % this.tileColumns) * this.tile - this.apron;
    for (const cut of this.cuts) applyCut(ids, {row, column, side: this.side, columns: this.columns, rows: this.rows}, cut);
    return ids;
  }

  /** Row and column of the pixel under a point in degrees, as the engine's grid has them. */
  pixelAt(latitude, longitude) {
    const row = Math.min(Math.max(Math.floor((90 - latitude) / 180 * this.rows), 0), this.rows - 1);
    const east = (((longitude + 180) % 360) + 360) % 360;
    return [row, Math.min(Math.floor(east / 360 * this.columns), this.columns - 1)];
  }

  /** @returns {Promise<number>} the cell under a point in degrees */
  async cellAt(latitude, longitude) {
    const [row, column] = this.pixelAt(latitude, longitude);
    const y = Math.floor(row / this.tile), x = Math.floor(column / this.tile);
    const ids = await this.decode(y * this.tileColumns + x);
    return ids[(row - y * this.tile + this.apron) * this.side + column - x * this.tile + this.apron];
  }

  /**
   * The lowest value of the cells in each tile of the overview lattice.
   * @param {Uint32Array} value by cell
   * @returns {Uint32Array}
   */
  lowestInTiles(value) {
    const {two, start, members} = this.sets, root = this.rootCells, pairs = two.length / 2;
    const best = new Uint32Array(root + pairs + start.length - 1);
    best.set(value.subarray(0, root));
    for (let i = 0; i < pairs; i++) best[root + i] = Math.min(value[two[i]], value[two[pairs + i]]);
    for (let i = 0; i + 1 < start.length; i++) {
      let low = 0xffffffff;
      for (let k = start[i]; k < start[i + 1]; k++) if (value[members[k]] < low) low = value[members[k]];
      best[root + pairs + i] = low;
    }
    const found = new Uint32Array(this.setOfTile.length);
    for (let i = 0; i < found.length; i++) found[i] = best[this.setOfTile[i]];
    if (this.altered) {
      const {tile, begin, cell} = this.altered;
      for (let i = 0; i < tile.length; i++) {
        let low = 0xffffffff;
        for (let k = begin[i]; k < begin[i + 1]; k++) if (value[cell[k]] < low) low = value[cell[k]];
        found[tile[i]] = low;
      }
    }
    return found;
  }
}

const roots = new Map(); // by URL, shared by all maps of the page

function rootOf(address) {
  if (!roots.has(address.url)) {
    const loading = loadRoot(address);
    roots.set(address.url, loading);
    loading.catch(() => roots.delete(address.url));
  }
  return roots.get(address.url);
}

async function loadRoot(address) {
  const container = await Container.open(address);
  const names = ['area_km2', 'set_of_tile', 'center_cell', 'set_two', 'set_start', 'set_cell', 'tile_bytes'];
  const [areaKm2, setOfTile, centerCell, two, start, members, lengths] = await Promise.all(
    names.map((name) => container.array(name)),
  );
  const offsets = new Float64Array(lengths.length); // beyond 4 GB on the finest grids
  for (let i = 1; i < lengths.length; i++) offsets[i] = offsets[i - 1] + lengths[i - 1];
  return {
    ...container.meta, container, areaKm2, setOfTile, centerCell, sets: {two, start, members}, lengths, offsets,
    rootCells: container.meta.cells,
  };
}
