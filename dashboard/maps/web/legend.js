// What the colors on the map mean, on the map.
import {h} from './dom.js';

const css = ([r, g, b], alpha = 1) => `rgb(${[r, g, b].map((each) => Math.round(each)).join(' ')} / ${alpha})`;
const unit = (color) => css(color.slice(0, 3).map((each) => 255 * each));
const row = (style, text) => h('div', {class: 'hb-legend-row'}, h('i', {style}), text);

function ramp(colors) {
  const stops = [1, 0.75, 0.5, 0.25, 0.01].map((at) => css(colors.slice(4 * Math.round(255 * at), 4 * Math.round(255 * at) + 3)));
  return h('div', {}, h('div', {class: 'hb-legend-bar', style: `background: linear-gradient(to right, ${stops.join(', ')})`}),
    h('div', {class: 'hb-legend-ends'}, h('span', {}, 'densest'), h('span', {}, '50 %'), h('span', {}, '99 %')));
}

/**
 * @param {HTMLElement} element
 * @param {{region: string, other: string, under: {title: string, kind: string, palette?: number[][], titles?: string[], note?: string}|null,
 *   difference: boolean, colors: object, heat: Uint8Array, diverging: number[][]}} what
 */
export function showLegend(element, what) {
  const rows = [];
  if (what.region) rows.push(row(`background: ${unit(what.colors.fill)}; box-shadow: inset 0 0 0 2px ${unit(what.colors.line)}`, `Search region${what.other ? `: ${what.region}` : ''}`));
  if (what.other && !what.difference) rows.push(row(`background: ${unit(what.colors.other.line)}`, what.other));
  if (what.difference) {
    ['much less', 'less', 'more', 'much more'].forEach((text, i) => rows.push(row(`background: ${css(what.diverging[i])}`, `${text} in ${what.other}`)));
  } else if (what.under?.kind === 'ranked') rows.push(h('div', {}, h('b', {}, what.under.title), ramp(what.heat)));
  else if (what.under) {
    rows.push(h('b', {}, what.under.title));
    (what.under.titles ?? []).forEach((text, i) => rows.push(row(`background: ${css(what.under.palette[i])}`, text)));
    if (what.under.note) rows.push(h('small', {class: 'hb-detail'}, what.under.note));
  }
  element.hidden = rows.length === 0;
  element.replaceChildren(...rows);
}
