// Reads PMTiles archives (version 3, github.com/protomaps/PMTiles/blob/main/spec/v3/spec.md) by ranges of bytes.
import {fetchRange} from './container.js';

const HEADER = 127;
const GZIP = 2;

/** Number of a tile on the Hilbert curves of all zooms. */
export function tileNumber(z, x, y) {
  let number = (4 ** z - 1) / 3;
  for (let a = z - 1; a >= 0; a--) {
    const size = 2 ** a, rx = x & size ? 1 : 0, ry = y & size ? 1 : 0;
    number += size * size * ((3 * rx) ^ ry);
    if (ry === 0) {
      if (rx === 1) [x, y] = [size - 1 - (x & (size - 1)), size - 1 - (y & (size - 1))];
      [x, y] = [y, x];
    }
  }
  return number;
}

async function unpacked(bytes, compression) {
  if (compression !== GZIP) return bytes;
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** Entries of a directory: tile number, run length (0: another directory), length and offset. */
export function readDirectory(bytes) {
  let at = 0;
  const next = () => {
    let value = 0, factor = 1, byte;
    do { byte = bytes[at++]; value += (byte & 127) * factor; factor *= 128; } while (byte > 127);
    return value;
  };
  const count = next(), entries = Array.from({length: count}, () => ({tile: 0, run: 0, length: 0, offset: 0}));
  let tile = 0;
  for (const entry of entries) entry.tile = tile += next();
  for (const entry of entries) entry.run = next();
  for (const entry of entries) entry.length = next();
  entries.forEach((entry, i) => {
    const value = next();
    entry.offset = value === 0 && i > 0 ? entries[i - 1].offset + entries[i - 1].length : value - 1;
  });
  return entries;
}

export class Archive {
  /** @param {string} url */
  constructor(url) {
    this.url = url;
    this.directories = new Map();
    this.opening = null;
  }

  #open() {
    this.opening ??= (async () => {
      const bytes = await fetchRange(this.url, 0, HEADER), view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      if (new TextDecoder().decode(bytes.subarray(0, 7)) !== 'PMTiles' || bytes[7] !== 3) throw new Error('This is no PMTiles archive of version 3.');
      const word = (offset) => Number(view.getBigUint64(offset, true));
      this.leaves = word(40);
      this.data = word(56);
      this.compression = bytes[97];
      this.tileCompression = bytes[98];
      return this.#directory(word(8), word(16));
    })();
    return this.opening;
  }

  #directory(offset, length) {
    if (!this.directories.has(offset)) {
      this.directories.set(offset, (async () => readDirectory(await unpacked(await fetchRange(this.url, offset, length), this.compression)))());
    }
    return this.directories.get(offset);
  }

  /** @returns {Promise<Uint8Array|null>} the tile, unpacked; null where the archive has none */
  async tile(z, x, y) {
    const number = tileNumber(z, x, y);
    let entries = await this.#open();
    for (let depth = 0; depth < 4; depth++) {
      let low = 0, high = entries.length;
      while (low < high) {
        const middle = (low + high) >> 1;
        if (entries[middle].tile <= number) low = middle + 1;
        else high = middle;
      }
      const entry = entries[low - 1];
      if (!entry) return null;
      if (entry.run > 0) {
        if (number >= entry.tile + entry.run) return null;
        return unpacked(await fetchRange(this.url, this.data + entry.offset, entry.length), this.tileCompression);
      }
      entries = await this.#directory(this.leaves + entry.offset, entry.length);
    }
    return null;
  }
}

const archives = new Map();

/** MapLibre's protocol `hbtiles://URL|z/x/y`: tiles out of an archive. */
export async function loadTile({url}) {
  const [archive, place] = url.replace('hbtiles://', '').split('|');
  if (!archives.has(archive)) archives.set(archive, new Archive(archive));
  const tile = await archives.get(archive).tile(...place.split('/').map(Number));
  return {data: tile ? tile.buffer.slice(tile.byteOffset, tile.byteOffset + tile.byteLength) : new ArrayBuffer(0)};
}
