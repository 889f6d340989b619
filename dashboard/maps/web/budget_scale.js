// The scale of the budget: logarithmic from 10 km2 to the whole Earth, with sizes that people know, and what they type.
import {EARTH_KM2} from './format.js';

export const LEAST_KM2 = 10;
const EARTH_RADIUS_KM = 6371.0088;
const RATIO = Math.log(EARTH_KM2 / LEAST_KM2);
const UNITS = {km2: 1, 'km²': 1, sqkm: 1, 'sq km': 1, ha: 0.01, mi2: 2.589988, 'mi²': 2.589988, 'sq mi': 2.589988, sqmi: 2.589988};
const FACTORS = {k: 1e3, thousand: 1e3, m: 1e6, mio: 1e6, million: 1e6};

/** Sizes to compare with; areas of land in km2. */
export const FAMILIAR = [
  {km2: 105, name: 'Paris'}, {km2: 1572, name: 'Greater London'}, {km2: 30500, name: 'Belgium'},
  {km2: 551500, name: 'France'}, {km2: 9834000, name: 'USA'}, {km2: 148940000, name: 'all land'},
];

/** Place on the scale, 0 to 1. */
export const positionOf = (km2) => Math.min(Math.max(Math.log(km2 / LEAST_KM2) / RATIO, 0), 1);

export const areaAt = (position) => LEAST_KM2 * Math.exp(RATIO * Math.min(Math.max(position, 0), 1));

/** Two digits, so that a thumb gives numbers that can be read out. */
export function roundedArea(km2) {
  if (km2 >= EARTH_KM2 * 0.995) return Math.floor(EARTH_KM2);
  return Number(km2.toPrecision(2));
}

/** Area of a circle on the sphere. */
export const capArea = (radiusKm) => 2 * Math.PI * EARTH_RADIUS_KM ** 2 * (1 - Math.cos(Math.min(radiusKm / EARTH_RADIUS_KM, Math.PI)));

export const capRadius = (km2) => 2 * EARTH_RADIUS_KM * Math.asin(Math.sqrt(Math.min(km2 / EARTH_KM2, 1)));

/**
 * What was typed: "2k km2", "25 km radius", "90 %", "120,000".
 * @returns {{km2: number}|{probability: number}|{error: string}}
 */
export function parseBudget(text) {
  const written = text.trim().toLowerCase().replace(/(\d)[,\s\u00a0](?=\d{3}\b)/g, '$1');
  const found = /^(\d+(?:[.,]\d+)?)\s*(k|m|mio|thousand|million)?\s*(%|percent|km radius|km around|km²|km2|sq km|sqkm|ha|mi²|mi2|sq mi|sqmi|mi radius)?$/.exec(written);
  const expected = 'Write an area such as "2k km2", a circle such as "25 km radius", or a probability such as "90 %".';
  if (!found) return {error: `"${text.trim()}" was not understood. ${expected}`};
  const value = Number(found[1].replace(',', '.')) * (FACTORS[found[2]] ?? 1), unit = found[3] ?? 'km2';
  if (unit === '%' || unit === 'percent') {
    if (value <= 0 || value > 100) return {error: `${value} % is no probability. Give more than 0 and at most 100 %.`};
    return {probability: value / 100};
  }
  const km2 = unit.startsWith('km r') || unit === 'km around' ? capArea(value)
    : unit === 'mi radius' ? capArea(value * 1.609344) : value * UNITS[unit];
  if (!(km2 > 0)) return {error: `An area of ${value} makes no region. ${expected}`};
  return {km2: Math.min(km2, Math.floor(EARTH_KM2))};
}

/** The familiar size that an area is closest to, as words: "about twice Belgium". */
export function comparison(km2) {
  const {name, km2: size} = FAMILIAR.reduce((best, each) =>
    (Math.abs(Math.log(km2 / each.km2)) < Math.abs(Math.log(km2 / best.km2)) ? each : best));
  const times = km2 / size;
  if (times < 0.2 || times > 9) return `a circle of ${Math.round(capRadius(km2)).toLocaleString('en-US')} km radius`;
  if (times > 0.85 && times < 1.18) return `about the size of ${name}`;
  if (times >= 1.18) return `${Number(times.toPrecision(2))} × ${name}`;
  return `${Math.round(100 * times)} % of ${name}`;
}
