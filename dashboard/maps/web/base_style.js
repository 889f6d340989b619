// The base map's three looks. Only paint properties differ: a new style would throw away the custom layers.

/** @typedef {'dark'|'light'|'satellite'} Look */

const FONT = ['Source Sans'];
const FONT_BOLD = ['Semibold', 'Source Sans']; // MapLibre reads the weight off the first name

export const LOOKS = {
  dark: {
    picture: 'dark', space: '#05080d', sea: '#0f1a2a', land: '#2f3a47', lake: '#13233a', river: '#23405e', coast: '#6c8299', glow: 0.45,
    border: '#9fb0c2', region: '#73859a', text: '#dbe4ee', halo: '#0a1119', country: '#b4c3d3', grid: '#7f93a8',
    panel: 'dark', fill: [0.0, 0.9, 1.0, 0.3], line: [0.25, 0.95, 1.0, 0.95], other: {fill: [1, 0.72, 0.2, 0.3], line: [1, 0.75, 0.25, 0.95]},
  },
  light: {
    picture: 'light', glow: 0, space: '#dfe7ee', sea: '#bad4e6', land: '#f2efe6', lake: '#bad4e6', river: '#9dc2db', coast: '#7d93a5',
    border: '#6a6170', region: '#a79fa8', text: '#26303a', halo: '#ffffff', country: '#565163', grid: '#6e8396',
    panel: 'light', fill: [0.05, 0.27, 0.86, 0.24], line: [0.04, 0.2, 0.78, 0.95], other: {fill: [0.85, 0.33, 0.0, 0.26], line: [0.72, 0.25, 0.0, 0.95]},
  },
  satellite: {
    picture: 'satellite', glow: 0.5, space: '#04070e', sea: '#0d182a', land: '#2b2f26', lake: '#0d182a', river: '#2c4a63', coast: '#a9bccf',
    border: '#e3e9ef', region: '#b9c4cf', text: '#ffffff', halo: '#0b1118', country: '#eef3f8', grid: '#a9bccf',
    panel: 'dark', fill: [0.0, 0.9, 1.0, 0.3], line: [0.0, 0.92, 1.0, 0.95], other: {fill: [1, 0.72, 0.2, 0.32], line: [1, 0.72, 0.2, 0.95]},
  },
};

/**
 * The globe becomes Mercator here. MapLibre's own globe goes on to zoom 12, where the graphics card's arithmetic puts everything up
 * to 18 pixels (400 m) beside the place that a click or a marker has; at zoom 6 it is less than one.
 */
const GLOBE_UNTIL = ['interpolate', ['linear'], ['zoom'], 5.5, 'vertical-perspective', 7, 'mercator'];

const byZoom = (...stops) => ['interpolate', ['linear'], ['zoom'], ...stops];

/** Style layers of a look, from bottom to top; custom layers go below "lakes" and below "coast". */
function layers(c) {
  const base = (id, type, from, rest) => ({id, type, source: 'base', 'source-layer': from, ...rest});
  return [
    {id: 'sea', type: 'background', paint: {'background-color': c.sea}},
    base('land', 'fill', 'land', {minzoom: 4.5, paint: {'fill-color': c.land, 'fill-antialias': false}}),
    base('lakes', 'fill', 'lakes', {minzoom: 3, paint: {'fill-color': c.lake, 'fill-opacity': byZoom(3, c.picture === 'satellite' ? 0 : 0.9, 6, 1)}}),
    base('rivers', 'line', 'rivers', {minzoom: 2.6, paint: {'line-color': c.river, 'line-width': byZoom(3, 0.6, 8, 1.6), 'line-opacity': byZoom(2.6, 0.2, 4, 0.9)}}),
    base('regions', 'line', 'regions', {minzoom: 3.2, paint: {'line-color': c.region, 'line-width': byZoom(3, 0.5, 8, 1.1), 'line-opacity': 0.6, 'line-dasharray': [3, 2]}}),
    base('coast', 'line', 'coast', {paint: {'line-color': c.coast, 'line-width': byZoom(1, 0.5, 6, 0.9, 10, 1.4), 'line-opacity': byZoom(1, 0.45, 4, 0.85)}}),
    base('borders', 'line', 'borders', {paint: {'line-color': c.border, 'line-width': byZoom(1, 0.5, 5, 1, 9, 1.8), 'line-opacity': byZoom(1, 0.5, 4, 0.8)}}),
  ];
}

/** The glow of the air around the globe; none once the map is flat. */
const sky = ({glow}) => ({'atmosphere-blend': byZoom(0, glow, 5, 0.6 * glow, 7, 0)});

/** Labels and dots; they lie above everything that is drawn on the map. */
function labels(c) {
  const halo = {'text-color': c.text, 'text-halo-color': c.halo, 'text-halo-width': 1.3, 'text-halo-blur': 0.4};
  const people = ['get', 'people'];
  const twoNames = ['case', ['has', 'local'], ['format', ['get', 'name'], {}, '\n', {}, ['get', 'local'], {'font-scale': 0.82}], ['get', 'name']];
  const from = (id, rest) => ({id, type: 'symbol', source: 'base', 'source-layer': 'places', ...rest});
  const visible = ['<=', ['get', 'zoom'], ['floor', ['+', ['zoom'], 0.5]]];
  return [
    {
      id: 'place-dots', type: 'circle', source: 'base', 'source-layer': 'places', minzoom: 3.5, filter: visible,
      paint: {'circle-radius': ['interpolate', ['linear'], people, 2000, 1.3, 200000, 2.2, 5000000, 3.4], 'circle-color': c.text, 'circle-stroke-color': c.halo, 'circle-stroke-width': 0.8, 'circle-opacity': 0.9},
    },
    from('places', {
      minzoom: 2, filter: visible,
      layout: {
        'text-field': ['step', ['zoom'], ['get', 'name'], 5, twoNames], 'text-font': FONT,
        'text-size': ['interpolate', ['linear'], people, 5000, 11, 300000, 12.5, 5000000, 15], 'text-variable-anchor': ['left', 'right', 'top', 'bottom'],
        'text-radial-offset': 0.45, 'text-justify': 'auto', 'symbol-sort-key': ['-', 0, people], 'text-max-width': 9, 'text-padding': 3,
      },
      paint: halo,
    }),
    {
      id: 'countries', type: 'symbol', source: 'base', 'source-layer': 'countries', maxzoom: 7.5,
      filter: ['>', ['get', 'size'], ['step', ['zoom'], 60, 2, 18, 3, 3, 4, 0.3, 5, 0]],
      layout: {
        'text-field': ['get', 'name'], 'text-font': FONT_BOLD, 'text-letter-spacing': 0.12, 'text-transform': 'uppercase', 'text-max-width': 7,
        'text-size': ['interpolate', ['linear'], ['zoom'], 1, ['interpolate', ['linear'], ['get', 'size'], 1, 9, 400, 12.5], 6, ['interpolate', ['linear'], ['get', 'size'], 1, 12, 400, 19]],
        'symbol-sort-key': ['-', 0, ['get', 'size']], 'text-padding': 4,
      },
      paint: {...halo, 'text-color': c.country, 'text-opacity': byZoom(6, 0.95, 7.5, 0)},
    },
  ];
}

/** The style that a map begins with. @param {Look} look @param {string} tiles URL of the base map's tiles */
export function baseStyle(look, tiles) {
  const colors = LOOKS[look];
  return {
    version: 8, projection: {type: GLOBE_UNTIL}, sky: sky(colors),
    sources: {base: {type: 'vector', tiles: [tiles], minzoom: 0, maxzoom: 6, attribution: 'Natural Earth · GeoNames'}},
    layers: [...layers(colors), ...labels(colors)],
  };
}

/** Give a map another look. @param {import('maplibre-gl').Map} map @param {Look} look */
export function applyLook(map, look) {
  const colors = LOOKS[look];
  map.setSky(sky(colors));
  for (const layer of [...layers(colors), ...labels(colors)]) {
    if (!map.getLayer(layer.id)) continue;
    for (const [name, value] of Object.entries(layer.paint)) map.setPaintProperty(layer.id, name, value);
  }
}

// Anchors of matplotlib's inferno (CC0), and of an orange-red ramp for light maps; both grow darker or lighter evenly.
const INFERNO = [[66, 10, 104], [106, 23, 110], [147, 38, 103], [188, 55, 84], [221, 81, 58], [243, 120, 25], [252, 165, 10], [246, 215, 70], [252, 255, 164]];
const EMBER = [[255, 225, 150], [254, 190, 90], [253, 150, 60], [246, 105, 50], [225, 60, 45], [190, 25, 45], [140, 10, 45], [95, 5, 40]];
export const RAMPS = {dark: rampOf(INFERNO, 30, 235), light: rampOf(EMBER, 60, 225), satellite: rampOf(INFERNO, 30, 235)};
export const DIVERGING = [[44, 123, 182], [171, 217, 233], [253, 219, 199], [214, 47, 39]]; // less, a little less, a little more, more

/** 256 colors along some anchors, more opaque towards the end. */
function rampOf(anchors, from, to) {
  const ramp = new Uint8Array(1024);
  for (let i = 0; i < 256; i++) {
    const at = i / 255 * (anchors.length - 1), k = Math.min(anchors.length - 2, Math.floor(at)), part = at - k;
    for (let c = 0; c < 3; c++) ramp[4 * i + c] = anchors[k][c] * (1 - part) + anchors[k + 1][c] * part;
    ramp[4 * i + 3] = from + (to - from) * i / 255;
  }
  return ramp;
}
