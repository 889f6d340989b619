// What was fetched already: cell grids and ranked maps by their addresses, the newest few of each.
import {CellGrid, Recent} from './cell_grid.js';
import {RankedMap} from './ranked_map.js';

const GRIDS = 4, MAPS = 14; // a ranked map of the evidence grid takes some 12 MB
const grids = new Recent(GRIDS), maps = new Recent(MAPS);

function once(store, key, make) {
  let value = store.get(key);
  if (!value) {
    value = make();
    store.set(key, value);
    value.catch(() => store.items.delete(key)); // the next one who asks tries again
  }
  return value;
}

/** @param {{root: {url: string}, patch?: {url: string}}} source @returns {Promise<CellGrid>} */
export function cellGrid(source) {
  return once(grids, `${source.root.url} ${source.patch?.url ?? ''}`, () => CellGrid.load(source));
}

/** @param {object} grid as above @param {{url: string, head: number}} table @returns {Promise<RankedMap>} */
export function rankedMap(grid, table) {
  return once(maps, table.url, async () => RankedMap.load(table, await cellGrid(grid)));
}

/**
 * Colors by cell: where a second map has more of the probability than a first, and where less.
 * @param {RankedMap} first @param {RankedMap} second on the same cells @param {number[][]} colors less .. more
 */
export function differenceColors(first, second, colors) {
  const out = new Uint8Array(4 * first.cells.cells);
  for (let cell = 0; cell < first.cells.cells; cell++) {
    const change = second.logDensity(cell) - first.logDensity(cell);
    if (Number.isNaN(change)) continue; // excluded by both
    const strength = Math.min(Math.abs(change) / Math.log(30), 1), color = colors[change < 0 ? (strength > 0.5 ? 0 : 1) : strength > 0.5 ? 3 : 2];
    // What neither map gives any weight is not a change that anyone looks for.
    const weight = Math.min(1 - first.probabilityUpTo[first.rank[cell]], 1) + (1 - second.probabilityUpTo[second.rank[cell]]);
    out.set([...color, Math.round(215 * Math.sqrt(strength) * Math.min(4 * weight, 1))], 4 * cell);
  }
  return out;
}

/** Colors by cell from labels by cell and colors by label. @param {Uint8Array} labels 255 where none */
export function classColors(labels, palette) {
  const out = new Uint8Array(4 * labels.length);
  labels.forEach((label, cell) => { if (label < palette.length) out.set(palette[label], 4 * cell); });
  return out;
}
