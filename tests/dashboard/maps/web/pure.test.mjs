// The browser's modules that need no browser: node --test pure.test.mjs
import assert from 'node:assert/strict';
import test from 'node:test';
import {areaAt, capArea, capRadius, comparison, parseBudget, positionOf} from '../../../../dashboard/maps/web/budget_scale.js';
import {applyCut, Recent} from '../../../../dashboard/maps/web/cell_grid.js';
import {areaText, distanceText, EARTH_KM2, percentText, pointText, utm} from '../../../../dashboard/maps/web/format.js';
import {circleRing, distanceKm, graticule, greatCircle, lengthKm, ringInDegrees, ringKm2} from '../../../../dashboard/maps/web/geodesy.js';
import {readDirectory, tileNumber} from '../../../../dashboard/maps/web/pmtiles.js';
import {scaleBar} from '../../../../dashboard/maps/web/snapshot.js';

const near = (value, expected, share = 1e-6) => assert.ok(Math.abs(value - expected) <= share * Math.abs(expected), `${value} is not ${expected}`);

test('a budget is read in every unit that people write', () => {
  assert.deepEqual(parseBudget('2k km2'), {km2: 2000});
  assert.deepEqual(parseBudget(' 120,000 '), {km2: 120000});
  assert.deepEqual(parseBudget('1.5 million km²'), {km2: 1.5e6});
  assert.deepEqual(parseBudget('250 ha'), {km2: 2.5});
  assert.deepEqual(parseBudget('90 %'), {probability: 0.9});
  near(parseBudget('25 km radius').km2, 1963.49, 1e-4);
  near(parseBudget('100 sq mi').km2, 258.9988, 1e-4);
  for (const wrong of ['', 'large', '-5', '0', '0 %', '101 %', '5 bananas', '<script>']) assert.ok(parseBudget(wrong).error, wrong);
  assert.deepEqual(parseBudget('600 million km2'), {km2: Math.floor(EARTH_KM2)});
});

test('place and area on the scale are inverse', () => {
  for (let i = 0; i <= 20; i++) near(positionOf(areaAt(i / 20)) + 1, i / 20 + 1);
  for (const radius of [1, 100, 5000, 15000]) near(capRadius(capArea(radius)), radius);
  assert.match(comparison(61000), /2 × Belgium/);
  assert.match(comparison(30500), /size of Belgium/);
});

test('numbers read as the server writes them', () => {
  assert.equal(percentText(0.9999), 'over 99.9 %');
  assert.equal(percentText(1), '100.0 %');
  assert.equal(percentText(1e-5), 'under 0.1 %');
  assert.equal(areaText(99994), '100,000 km²');
  assert.equal(areaText(1234567), '1.23 million km²');
  assert.equal(areaText(2.589988, 'imperial'), '1 sq mi');
  assert.equal(distanceText(0.5), '500 m');
});

test('coordinates in four notations', () => {
  assert.equal(pointText(21.3069, -157.8583), '21.3069, -157.8583');
  assert.equal(pointText(0, 200), '0.0000, -160.0000');
  assert.equal(pointText(21.3069, -157.8583, 'dms'), '21° 18′ 24.8″ N, 157° 51′ 29.9″ W');
  assert.equal(pointText(-33.86, 151.21, 'ddm'), '33° 51.600′ S, 151° 12.600′ E');
  assert.equal(pointText(59.99999999, 0, 'dms'), '60° 0′ 0.0″ N, 0° 0′ 0.0″ E');
  const {zone, band, easting, northing} = utm(48.8583, 2.2945); // pyproj, EPSG:32631
  assert.deepEqual([zone, band], [31, 'U']);
  assert.ok(Math.abs(easting - 448251.9) < 1 && Math.abs(northing - 5411943.8) < 1, `${easting} ${northing}`);
  assert.equal(utm(60, 5).zone, 32);
  assert.equal(pointText(88, 0, 'utm'), '88.0000, 0.0000');
});

test('distances and areas are those of the sphere', () => {
  near(distanceKm([0, 0], [90, 0]), 10007.557, 1e-5);
  near(ringKm2([[0, 0], [90, 0], [0, 90]]), EARTH_KM2 / 8, 1e-9);
  near(ringKm2(circleRing([179.5, 10], 200, 720)), capArea(200), 1e-3); // across the date line
  near(lengthKm(greatCircle([-70, 40], [10, 50])), distanceKm([-70, 40], [10, 50]), 1e-9);
  const path = greatCircle([170, 0], [-170, 0]);
  assert.ok(path.every(([lng], i) => !i || Math.abs(lng - path[i - 1][0]) < 2), 'no line runs around the Earth');
});

test('long sides that are straight on the map become many that are straight in degrees', () => {
  const ring = ringInDegrees([[0, 0], [10, 40], [20, 0], [0, 0]]);
  assert.ok(ring.length > 30);
  assert.deepEqual(ring[0], [0, 0]);
  const middle = ring.find(([, lng]) => Math.abs(lng - 5) < 1e-9);
  assert.ok(middle[0] > 20.5, 'half-way on the map is north of half-way in degrees');
  assert.equal(ringInDegrees([[0, 0], [1, 0], [1, 1], [0, 0]]).length, 3);
});

test('a graticule stays below 85 degrees and has the lines that it says', () => {
  const {features} = graticule(30);
  assert.equal(features.filter(({properties}) => properties.label === '30°N').length, 1);
  assert.ok(features.every(({geometry}) => geometry.coordinates.every(([, lat]) => Math.abs(lat) <= 85)));
});

test('tiles are numbered along the Hilbert curve as PMTiles does', () => {
  assert.deepEqual([[0, 0, 0], [1, 0, 0], [1, 0, 1], [1, 1, 1], [1, 1, 0], [2, 0, 0]].map((tile) => tileNumber(...tile)), [0, 1, 2, 3, 4, 5]);
  assert.equal(tileNumber(6, 17, 42), 3260); // as the pmtiles package of Python has it
  assert.deepEqual(readDirectory(Uint8Array.of(2, 5, 3, 1, 2, 10, 20, 1, 0)), [
    {tile: 5, run: 1, length: 10, offset: 0}, {tile: 8, run: 2, length: 20, offset: 10},
  ]);
});

test('a cut gives twins to what lies inside, around the date line too', () => {
  const ids = new Uint32Array(16).fill(7);
  const cut = {start: Uint32Array.of(0, 10), stop: Uint32Array.of(2, 12), twins: new Map([[7, 9]])};
  applyCut(ids, {row: 0, column: -1, side: 4, columns: 12, rows: 2}, cut); // columns 11, 0, 1, 2 of two rows, the last repeated
  assert.deepEqual([...ids], [9, 9, 9, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7]);
});

test('what was not used for longest is forgotten', () => {
  const dropped = [], recent = new Recent(2, (value) => dropped.push(value));
  recent.set('a', 1);
  recent.set('b', 2);
  recent.get('a');
  recent.set('c', 3);
  assert.deepEqual(dropped, [2]);
});

test('a scale bar is round and fits', () => {
  for (const km of [0.001, 0.37, 12, 99]) {
    const {km: length, pixels} = scaleBar(km);
    assert.ok(pixels <= 140 && pixels > 20);
    assert.ok(['1', '2', '5'].includes(length.toExponential(0)[0]), `${length}`);
  }
});
