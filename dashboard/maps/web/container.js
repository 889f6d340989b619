// Binary containers: a header that names sections, and sections that are fetched and inflated when they are wanted.
// Written by dashboard/maps/containers.py. Knows neither the Earth nor a map.

/** @typedef {{offset: number, length: number, type: 'u24'|'u32'|'f64'|'u8', count: number}} Section */
/** @typedef {{url: string, head: number}} Address  head: bytes at the start that are wanted at once */

const MAGIC = 'HBM1';
const PLANES = {u8: 1, u24: 3, u32: 4, f64: 8};

/** @param {Uint8Array} bytes deflated @returns {Promise<Uint8Array>} */
export async function inflate(bytes) {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate'));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/**
 * Numbers out of their byte planes: all lowest bytes first, then all second ones.
 * @param {Uint8Array} planes @param {Section['type']} type @param {number} count
 */
export function mergePlanes(planes, type, count) {
  const width = PLANES[type];
  if (type === 'u8') return planes;
  const wide = type === 'f64' ? 8 : 4;
  const bytes = new Uint8Array(count * wide);
  for (let plane = 0; plane < width; plane++) {
    const from = plane * count;
    for (let i = 0, at = plane; i < count; i++, at += wide) bytes[at] = planes[from + i];
  }
  return type === 'f64' ? new Float64Array(bytes.buffer) : new Uint32Array(bytes.buffer);
}

/** Bytes of a URL; a server that knows no ranges sends everything, of which the part is taken. */
export async function fetchRange(url, start, length) {
  const response = await fetch(url, {headers: {Range: `bytes=${start}-${start + length - 1}`}});
  if (!response.ok) throw new Error(`The map data could not be fetched (${response.status}).`);
  const bytes = new Uint8Array(await response.arrayBuffer());
  return response.status === 206 ? bytes : bytes.subarray(start, start + length);
}

export class Container {
  /** @param {string} url @param {Uint8Array} head */
  constructor(url, head) {
    const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
    if (new TextDecoder().decode(head.subarray(0, 4)) !== MAGIC) throw new Error('This is no map data.');
    const length = view.getUint32(4, true);
    const header = JSON.parse(new TextDecoder().decode(head.subarray(8, 8 + length)));
    this.url = url;
    this.head = head;
    this.start = 8 + length;
    this.meta = header.meta;
    /** @type {Record<string, Section>} */
    this.sections = header.sections;
  }

  /** @param {Address} address */
  static async open({url, head}) {
    return new Container(url, await fetchRange(url, 0, head));
  }

  /** @param {string} name @param {number} [from] @param {number} [length] raw bytes of a section or of a part of it */
  async bytes(name, from = 0, length = this.sections[name].length - from) {
    const start = this.start + this.sections[name].offset + from;
    if (start + length <= this.head.length) return this.head.subarray(start, start + length);
    return fetchRange(this.url, start, length);
  }

  /** @param {string} name @returns {Promise<any>} the numbers of a section */
  async array(name) {
    const {type, count} = this.sections[name];
    return mergePlanes(await inflate(await this.bytes(name)), type, count);
  }
}
