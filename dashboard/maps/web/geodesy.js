// Distances and areas on the engine's sphere, and the lines of the graticule.

const RADIUS_KM = 6371.0088;
const RAD = Math.PI / 180;

/** Great-circle distance of two [longitude, latitude] in km. */
export function distanceKm([lon1, lat1], [lon2, lat2]) {
  const dLat = (lat2 - lat1) * RAD, dLon = (lon2 - lon1) * RAD;
  const a = Math.sin(dLat / 2) ** 2 + Math.cos(lat1 * RAD) * Math.cos(lat2 * RAD) * Math.sin(dLon / 2) ** 2;
  return 2 * RADIUS_KM * Math.asin(Math.min(Math.sqrt(a), 1));
}

/** Length of a line of [longitude, latitude] in km. */
export function lengthKm(line) {
  let total = 0;
  for (let i = 1; i < line.length; i++) total += distanceKm(line[i - 1], line[i]);
  return total;
}

/** Area inside a ring of great circles in km2 (spherical excess by the trapezoids below each side). */
export function ringKm2(ring) {
  let excess = 0;
  for (let i = 0; i < ring.length; i++) {
    const [lon1, lat1] = ring[i], [lon2, lat2] = ring[(i + 1) % ring.length];
    let turn = (lon2 - lon1) * RAD;
    turn -= 2 * Math.PI * Math.round(turn / (2 * Math.PI));
    const t1 = Math.tan(lat1 * RAD / 2), t2 = Math.tan(lat2 * RAD / 2), half = Math.tan(turn / 2);
    excess += 2 * Math.atan2(half * (t1 + t2), 1 + t1 * t2);
  }
  return Math.abs(excess) * RADIUS_KM ** 2;
}

/** Points of the great circle between two [longitude, latitude], so that it is drawn as one. */
export function greatCircle(from, to, parts = 48) {
  const vector = ([lon, lat]) => [Math.cos(lat * RAD) * Math.cos(lon * RAD), Math.cos(lat * RAD) * Math.sin(lon * RAD), Math.sin(lat * RAD)];
  const a = vector(from), b = vector(to), angle = distanceKm(from, to) / RADIUS_KM;
  if (angle < 1e-9) return [from, to];
  const points = [from];
  for (let i = 1; i < parts; i++) {
    const s = Math.sin((1 - i / parts) * angle) / Math.sin(angle), t = Math.sin(i / parts * angle) / Math.sin(angle);
    const [x, y, z] = a.map((each, k) => s * each + t * b[k]);
    points.push([Math.atan2(y, x) / RAD, Math.atan2(z, Math.hypot(x, y)) / RAD]);
  }
  points.push(to);
  for (let i = 1; i < points.length; i++) { // across 180 degrees the line goes on
    const jump = Math.round((points[i][0] - points[i - 1][0]) / 360);
    points[i] = [points[i][0] - 360 * jump, points[i][1]];
  }
  return points;
}

/** A circle around [longitude, latitude] as a ring. */
export function circleRing([lon, lat], radiusKm, parts = 96) {
  const angle = radiusKm / RADIUS_KM, ring = [];
  for (let i = 0; i <= parts; i++) {
    const bearing = i / parts * 2 * Math.PI;
    const sine = Math.sin(lat * RAD) * Math.cos(angle) + Math.cos(lat * RAD) * Math.sin(angle) * Math.cos(bearing);
    const y = Math.sin(bearing) * Math.sin(angle) * Math.cos(lat * RAD), x = Math.cos(angle) - Math.sin(lat * RAD) * sine;
    ring.push([lon + Math.atan2(y, x) / RAD, Math.asin(Math.max(-1, Math.min(1, sine))) / RAD]);
  }
  return ring;
}

/** Degrees between the lines of a graticule at a zoom. */
export function graticuleStep(zoom) {
  return [30, 30, 20, 10, 5, 5, 2, 1, 0.5, 0.25][Math.min(Math.max(Math.floor(zoom), 0), 9)];
}

/** Meridians and parallels every `step` degrees as GeoJSON, labeled; only those within some bounds. */
export function graticule(step, [west, south, east, north] = [-180, -90, 180, 90]) {
  const features = [], fine = Math.min(step, 3);
  const line = (points, label) => features.push({
    type: 'Feature', properties: {label}, geometry: {type: 'LineString', coordinates: points},
  });
  const from = Math.max(Math.floor(south / step) * step, -85), to = Math.min(Math.ceil(north / step) * step, 85);
  const left = Math.floor(west / step) * step, right = Math.ceil(east / step) * step;
  const range = (a, b, by) => Array.from({length: Math.round((b - a) / by) + 1}, (_, i) => Math.min(a + i * by, b));
  for (const lon of range(left, right, step)) {
    const shown = ((lon + 180) % 360 + 360) % 360 - 180;
    line(range(from, to, fine).map((lat) => [lon, lat]), `${Number(Math.abs(shown).toFixed(2))}°${shown < 0 ? 'W' : shown > 0 ? 'E' : ''}`);
  }
  for (const lat of range(Math.ceil(from / step) * step, to, step)) {
    line(range(left, right, fine).map((lon) => [lon, lat]), `${Number(Math.abs(lat).toFixed(2))}°${lat < 0 ? 'S' : lat > 0 ? 'N' : ''}`);
  }
  return {type: 'FeatureCollection', features};
}

const LONG_SIDE = 2; // degrees of latitude from which a straight side of the map is not straight in degrees
const mercator = (lat) => Math.asinh(Math.tan(lat * RAD));
const latitude = (y) => Math.atan(Math.sinh(y)) / RAD;

/** A closed ring of [longitude, latitude] drawn on the map, as an open ring of [latitude, longitude], straight in degrees. */
export function ringInDegrees(ring) {
  const points = [];
  for (let i = 0; i + 1 < ring.length; i++) {
    const [lng, lat] = ring[i], [lng2, lat2] = ring[i + 1];
    const parts = Math.abs(lng2 - lng) < 1e-9 ? 1 : Math.max(Math.ceil(Math.abs(lat2 - lat) / LONG_SIDE), 1);
    for (let k = 0; k < parts; k++) {
      const share = k / parts;
      points.push([k ? latitude(mercator(lat) + share * (mercator(lat2) - mercator(lat))) : lat, lng + share * (lng2 - lng)]);
    }
  }
  return points;
}
