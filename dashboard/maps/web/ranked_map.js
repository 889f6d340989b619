// One ranked map on a cell grid: what a photo changes. Every budget is a look-up, exactly as in engine/ranking.py.
import {Container} from './container.js';
import {lowerBound} from './cell_grid.js';

const WHOLE = 2 ** 32; // probabilities are whole numbers of this part
const UNSET = 0xffffffff;

/** First index whose value is greater than `value`. */
function upperBound(values, value) {
  let low = 0, high = values.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (values[middle] <= value) low = middle + 1;
    else high = middle;
  }
  return low;
}

export class RankedMap {
  /**
   * @param {import('./cell_grid.js').CellGrid} cells
   * @param {{order: Uint32Array, steps: Uint32Array, ties: Uint8Array, everything: number, support: number}} table cells from the densest
   *   on, the probability that each adds in parts of 2^32, one bit per rank that is set where the next cell is as dense,
   *   how many cells hold everything, which is finer than those parts, and after how many a region ends: what is left
   *   is too little to search for
   */
  constructor(cells, {order, steps, ties, everything, support}) {
    this.cells = cells;
    this.everything = everything;
    this.support = support;
    this.order = order;
    this.ties = ties;
    const count = order.length;
    this.rank = new Uint32Array(cells.cells).fill(UNSET);
    this.areaUpTo = new Float64Array(count + 1); // km2 of the n densest cells, summed as the engine sums them
    this.probabilityUpTo = new Float64Array(count + 1);
    let area = 0, mass = 0;
    for (let n = 0; n < count; n++) {
      this.rank[order[n]] = n;
      area += cells.areaKm2[order[n]];
      mass += steps[n];
      this.areaUpTo[n + 1] = area;
      this.probabilityUpTo[n + 1] = mass / WHOLE;
    }
    this.probabilityUpTo[count] = 1;
  }

  /** @param {import('./container.js').Address} address @param {import('./cell_grid.js').CellGrid} cells */
  static async load(address, cells) {
    const container = await Container.open(address);
    const [order, steps, ties] = await Promise.all(['order', 'steps', 'ties'].map((name) => container.array(name)));
    return new RankedMap(cells, {order, steps, ties, ...container.meta});
  }

  /** How many whole cells fit an area budget. */
  cellsForArea(km2) {
    return Math.min(Math.max(upperBound(this.areaUpTo, km2 * (1 + 1e-12)) - 1, 0), this.support);
  }

  /** How many whole cells hold at most a share; the next one is cut. */
  cellsForProbability(share) {
    if (share >= 1) return this.everything;
    const n = lowerBound(this.probabilityUpTo, share * (1 - 1e-12));
    const first = Math.min(n, this.order.length);
    return this.probabilityUpTo[first] > share * (1 - 1e-12) ? Math.max(first - 1, 0) : first;
  }

  /** Probability that an area budget holds: whole cells, and the share of the next one that still fits. */
  probabilityOfArea(km2) {
    const n = this.cellsForArea(km2);
    if (n >= this.support) return this.probabilityUpTo[this.support];
    const share = (km2 - this.areaUpTo[n]) / (this.areaUpTo[n + 1] - this.areaUpTo[n]);
    return this.probabilityUpTo[n] + Math.max(share, 0) * (this.probabilityUpTo[n + 1] - this.probabilityUpTo[n]);
  }

  /** The smallest area that holds a share. */
  areaOfProbability(share) {
    if (share >= 1) return this.areaUpTo[Math.min(this.everything + 1, this.order.length)];
    const n = this.cellsForProbability(share);
    if (n >= this.order.length) return this.areaUpTo[n];
    const mass = this.probabilityUpTo[n + 1] - this.probabilityUpTo[n];
    const part = mass > 0 ? Math.min(Math.max((share - this.probabilityUpTo[n]) / mass, 0), 1) : 0;
    return this.areaUpTo[n] + part * (this.areaUpTo[n + 1] - this.areaUpTo[n]);
  }

  /** km2 searched before a cell is inside; cells that are as dense count as searched. */
  areaToReach(cell) {
    let n = this.rank[cell];
    if (n === UNSET) return this.areaUpTo[this.order.length];
    while (n + 1 < this.order.length && this.ties[n >> 3] & (1 << (n & 7))) n++;
    return this.areaUpTo[n + 1];
  }

  /** Natural logarithm of the probability per km2 of a cell, -Infinity where there is none. */
  logDensity(cell) {
    const n = this.rank[cell];
    const mass = this.probabilityUpTo[n + 1] - this.probabilityUpTo[n];
    return mass > 0 ? Math.log(mass / (this.areaUpTo[n + 1] - this.areaUpTo[n])) : -Infinity;
  }

  /** Best rank in each tile of the overview lattice; worked out once. */
  get tileRank() {
    this.lowest ??= this.cells.lowestInTiles(this.rank);
    return this.lowest;
  }
}
