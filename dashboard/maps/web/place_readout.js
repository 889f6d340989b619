// What lies under the cursor or a click: coordinates, the nearest place of the base map, and when a region reaches it.
import {areaText, distanceText, pointText} from './format.js';
import {distanceKm} from './geodesy.js';
import {h, iconButton} from './dom.js';

const IDLE_MS = 90;
const NEAR_PIXELS = 90;
const countryNames = new Intl.DisplayNames(['en'], {type: 'region'});

function countryName(code) {
  try {
    return countryNames.of(code) ?? code;
  } catch {
    return code;
  }
}

/** The nearest place that the base map has near a point of the screen, or null. */
export function nearestPlace(map, lngLat) {
  const at = map.project(lngLat);
  let best = null, least = Infinity;
  for (const {geometry, properties} of map.querySourceFeatures('base', {sourceLayer: 'places'})) {
    const [lng, lat] = geometry.coordinates, km = distanceKm([lngLat.lng, lngLat.lat], [lng, lat]);
    if (km < least) [best, least] = [{name: properties.name, country: countryName(properties.country), lng, lat}, km];
  }
  if (!best) return null;
  const there = map.project([best.lng, best.lat]);
  return Math.hypot(there.x - at.x, there.y - at.y) < NEAR_PIXELS ? {...best, km: least} : null;
}

/** "near Honolulu, United States" */
export function placeText(place, units) {
  if (!place) return '';
  return place.km < 3 ? `${place.name}, ${place.country}` : `${distanceText(place.km, units)} from ${place.name}, ${place.country}`;
}

export class CursorReadout {
  /** @param {import('maplibre-gl').Map} map @param {() => {ranked: object|null, units: string, notation: string}} context */
  constructor(map, context) {
    this.element = h('div', {class: 'hb-cursor', 'aria-hidden': 'true'});
    map.on('mousemove', ({lngLat}) => {
      const {units, notation} = context();
      this.element.textContent = pointText(lngLat.lat, lngLat.lng, notation);
      clearTimeout(this.later);
      this.later = setTimeout(() => this.#more(map, lngLat, context(), units), IDLE_MS);
    });
    map.on('mouseout', () => { clearTimeout(this.later); this.element.textContent = ''; });
  }

  async #more(map, lngLat, {ranked, units, notation}) {
    const point = pointText(lngLat.lat, lngLat.lng, notation), place = placeText(nearestPlace(map, lngLat), units);
    const parts = [point, place];
    if (ranked) {
      const cell = await ranked.cells.cellAt(lngLat.lat, lngLat.lng);
      parts.push(`inside from ${areaText(ranked.areaToReach(cell), units)}`);
    }
    if (this.element.textContent.startsWith(point)) this.element.textContent = parts.filter(Boolean).join('  ·  ');
  }
}

const SITES = [
  ['OpenStreetMap', (lat, lng, z) => `https://www.openstreetmap.org/?mlat=${lat}&mlon=${lng}#map=${z}/${lat}/${lng}`],
  ['Google Maps', (lat, lng, z) => `https://www.google.com/maps/@${lat},${lng},${z}z`],
  ['Bing Maps', (lat, lng, z) => `https://www.bing.com/maps?cp=${lat}~${lng}&lvl=${z}&style=h`],
  ['Mapillary', (lat, lng, z) => `https://www.mapillary.com/app/?lat=${lat}&lng=${lng}&z=${z}`],
];

/**
 * The card of a click.
 * @param {{latitude: number, longitude: number, place: string, rows: [string, string][], actions: {name: string, title: string}[], zoom: number}} card
 * @param {string} point coordinates as text
 * @param {(action: string) => void} act
 */
export function clickCard({latitude, longitude, place, rows, actions, zoom}, point, act) {
  const [lat, lng] = [latitude.toFixed(5), longitude.toFixed(5)], z = Math.max(Math.round(zoom) + 1, 12);
  const links = h('div', {class: 'hb-links', hidden: true}, ...SITES.map(([name, url]) =>
    h('a', {href: url(lat, lng, z), target: '_blank', rel: 'noreferrer noopener'}, name)));
  const tick = h('input', {type: 'checkbox', onchange: () => { links.hidden = !tick.checked; }});
  return h('div', {class: 'hb-click'},
    h('div', {class: 'hb-click-head'}, h('b', {}, point), iconButton('copy', 'Copy the coordinates', () => navigator.clipboard?.writeText(`${lat}, ${lng}`))),
    place ? h('div', {class: 'hb-detail'}, place) : null,
    h('dl', {}, ...rows.flatMap(([name, value]) => [h('dt', {}, name), h('dd', {}, value)])),
    actions.length ? h('div', {class: 'hb-actions'}, ...actions.map(({name, title}) =>
      h('button', {type: 'button', class: 'hb-action', onclick: () => act(name)}, title))) : null,
    h('label', {class: 'hb-tick', title: 'The site that you open learns this point'}, tick, 'Open in other maps'), links);
}
