// Numbers as people read them: areas with their unit, shares, distances, coordinates in the chosen notation.

const SQUARE_MILE_KM2 = 2.589988110336;
const MILE_KM = 1.609344;
export const EARTH_KM2 = 4 * Math.PI * 6371.0088 ** 2; // of the engine's sphere

/** Three digits, thousands apart. */
export function digits(value, count = 3) {
  const rounded = Number(value.toPrecision(count));
  return rounded.toLocaleString('en-US', {maximumFractionDigits: rounded < 100 ? 2 : 0});
}

/** @param {number} km2 @param {'metric'|'imperial'} [units] */
export function areaText(km2, units = 'metric') {
  const [value, unit] = units === 'imperial' ? [km2 / SQUARE_MILE_KM2, 'sq mi'] : [km2, 'km²'];
  return value >= 1e6 ? `${digits(value / 1e6)} million ${unit}` : `${digits(value)} ${unit}`;
}

/** A probability that never rounds up to certainty nor down to impossibility; as the server says it. */
export function percentText(probability) {
  if (probability >= 0.9995 && probability < 1 - 1e-9) return 'over 99.9 %';
  if (probability > 0 && probability < 0.0005) return 'under 0.1 %';
  return `${(100 * probability).toFixed(1)} %`;
}

export function distanceText(km, units = 'metric') {
  if (units === 'imperial') return km < 0.3 ? `${digits(km * 3280.84)} ft` : `${digits(km / MILE_KM)} mi`;
  return km < 1 ? `${digits(km * 1000)} m` : `${digits(km)} km`;
}

const wrapped = (longitude) => ((longitude + 180) % 360 + 360) % 360 - 180;

function sexagesimal(degrees, positive, negative, seconds) {
  const total = Math.round(Math.abs(degrees) * (seconds ? 36000 : 60000)), side = degrees < 0 ? negative : positive;
  if (!seconds) return `${Math.floor(total / 60000)}° ${((total % 60000) / 1000).toFixed(3)}′ ${side}`;
  const rest = total % 36000;
  return `${Math.floor(total / 36000)}° ${Math.floor(rest / 600)}′ ${((rest % 600) / 10).toFixed(1)}″ ${side}`;
}

/**
 * A point, latitude first.
 * @param {'decimal'|'dms'|'ddm'|'utm'} [notation]
 */
export function pointText(latitude, longitude, notation = 'decimal', places = 4) {
  const east = wrapped(longitude);
  if (notation === 'utm' && latitude >= -80 && latitude < 84) return utmText(latitude, east);
  if (notation === 'dms' || notation === 'ddm') {
    const seconds = notation === 'dms';
    return `${sexagesimal(latitude, 'N', 'S', seconds)}, ${sexagesimal(east, 'E', 'W', seconds)}`;
  }
  return `${latitude.toFixed(places)}, ${east.toFixed(places)}`;
}

/** Universal Transverse Mercator on WGS 84, to the meter (Krueger's series to the third order). */
export function utm(latitude, longitude) {
  let zone = Math.floor((longitude + 180) / 6) % 60 + 1;
  if (latitude >= 56 && latitude < 64 && longitude >= 3 && longitude < 12) zone = 32;
  if (latitude >= 72 && longitude >= 0 && longitude < 42) zone = longitude < 9 ? 31 : longitude < 21 ? 33 : longitude < 33 ? 35 : 37;
  const flattening = 1 / 298.257223563, n = flattening / (2 - flattening), rad = Math.PI / 180;
  const radius = 6378137 / (1 + n) * (1 + n ** 2 / 4 + n ** 4 / 64), scale = 0.9996;
  const alpha = [n / 2 - 2 * n ** 2 / 3 + 5 * n ** 3 / 16, 13 * n ** 2 / 48 - 3 * n ** 3 / 5, 61 * n ** 3 / 240];
  const sine = Math.sin(latitude * rad), root = 2 * Math.sqrt(n) / (1 + n);
  const t = Math.sinh(Math.atanh(sine) - root * Math.atanh(root * sine)), lambda = (longitude - (zone * 6 - 183)) * rad;
  const xi = Math.atan2(t, Math.cos(lambda)), eta = Math.atanh(Math.sin(lambda) / Math.sqrt(1 + t * t));
  let [east, north] = [eta, xi];
  alpha.forEach((a, i) => {
    const k = 2 * (i + 1);
    east += a * Math.cos(k * xi) * Math.sinh(k * eta);
    north += a * Math.sin(k * xi) * Math.cosh(k * eta);
  });
  const band = 'CDEFGHJKLMNPQRSTUVWXX'[Math.floor((latitude + 80) / 8)];
  return {zone, band, easting: 500000 + scale * radius * east, northing: (latitude < 0 ? 1e7 : 0) + scale * radius * north};
}

function utmText(latitude, longitude) {
  const {zone, band, easting, northing} = utm(latitude, longitude);
  return `${zone}${band} ${Math.floor(easting)} ${Math.floor(northing)}`;
}
