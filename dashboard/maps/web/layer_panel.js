// What lies on the map: base map, the layer below the region, how the region is drawn, what it is compared with.
import {h} from './dom.js';

const LOOKS = [['auto', 'Auto'], ['dark', 'Dark'], ['light', 'Light'], ['satellite', 'Satellite']];
const DISPLAYS = [['cells', 'Exact'], ['contours', 'Contours 50/80/95 %'], ['none', 'Hidden']];
const COMPARISONS = [['swipe', 'Swipe'], ['difference', 'Difference']];
const NOTATIONS = [['decimal', '21.3069, -157.8583'], ['dms', '21° 18′ 24.8″ N'], ['ddm', '21° 18.414′ N'], ['utm', 'UTM']];

/**
 * @typedef {object} Look what the user chose; sent to Python, kept in links
 * @property {'auto'|'dark'|'light'|'satellite'} base
 * @property {string} under layer below the region, or empty
 * @property {'cells'|'contours'|'none'} display
 * @property {number} opacity 0..1 of the layer below
 * @property {string} compare layer to compare with, or empty
 * @property {'swipe'|'difference'} comparison
 * @property {boolean} graticule
 * @property {'metric'|'imperial'} units
 * @property {'decimal'|'dms'|'ddm'|'utm'} notation
 */

/** @type {Look} */
export const USUAL_LOOK = {
  base: 'auto', under: '', display: 'cells', opacity: 0.85, compare: '', comparison: 'swipe', graticule: false, units: 'metric',
  notation: 'decimal',
};

export class LayerPanel {
  /** @param {(change: Partial<Look>) => void} changed @param {(() => void)|null} copy puts the map on the clipboard */
  constructor(changed, copy) {
    this.changed = changed;
    this.copy = copy;
    this.element = h('section', {class: 'hb-card hb-layers', 'aria-label': 'Layers', hidden: true});
    this.element.addEventListener('keydown', (event) => {
      event.stopPropagation();
      if (event.key === 'Escape') this.close();
    });
  }

  toggle(opener) {
    this.opener = opener;
    this.element.hidden = !this.element.hidden;
    opener.setAttribute('aria-expanded', String(!this.element.hidden));
    if (!this.element.hidden) this.element.querySelector('input,select,button')?.focus();
  }

  close() {
    this.element.hidden = true;
    this.opener?.setAttribute('aria-expanded', 'false');
    this.opener?.focus();
  }

  /** @param {Look} look @param {{name: string, title: string, kind: string}[]} layers @param {string} main the region's own */
  show(look, layers, main) {
    const key = JSON.stringify([look, layers, main]);
    if (key === this.key) return;
    this.key = key;
    const focused = this.element.getRootNode().activeElement?.dataset?.name;
    const ranked = layers.filter((layer) => layer.kind === 'ranked');
    this.element.replaceChildren(...[
      this.#choice('Base map', 'base', LOOKS, look.base),
      ranked.length ? this.#choice('Region', 'display', DISPLAYS, look.display) : null,
      layers.length ? this.#select('Layer below the region', 'under', [['', 'None'], ...layers.map(({name, title}) => [name, title])], look.under) : null,
      look.under ? this.#opacity(look.opacity) : null,
      ranked.length > 1 ? this.#select('Compare with', 'compare', [['', 'Nothing'], ...ranked.filter(({name}) => name !== main).map(({name, title}) => [name, title])], look.compare) : null,
      look.compare ? this.#choice('Comparison', 'comparison', COMPARISONS, look.comparison) : null,
      this.#select('Coordinates', 'notation', NOTATIONS, look.notation),
      h('div', {class: 'hb-row'},
        this.#tick('Graticule', look.graticule, (on) => ({graticule: on}), 'graticule'),
        this.#tick('Miles', look.units === 'imperial', (on) => ({units: on ? 'imperial' : 'metric'}), 'units')),
      this.copy ? h('button', {type: 'button', class: 'hb-action', onclick: this.copy}, 'Copy the map as a picture') : null,
    ].filter(Boolean));
    if (focused) this.element.querySelector(`[data-name="${focused}"]`)?.focus();
  }

  #choice(title, name, options, chosen) {
    const buttons = options.map(([value, text]) => h('button', {
      type: 'button', class: 'hb-option', 'aria-pressed': String(value === chosen), 'data-name': `${name}-${value}`,
      onclick: () => this.changed({[name]: value}),
    }, text));
    return h('div', {class: 'hb-field', role: 'group', 'aria-label': title}, h('span', {class: 'hb-label'}, title), h('div', {class: 'hb-options'}, ...buttons));
  }

  #select(title, name, options, chosen) {
    const select = h('select', {'data-name': name, onchange: () => this.changed({[name]: select.value})},
      ...options.map(([value, text]) => h('option', {value, selected: value === chosen}, text)));
    return h('label', {class: 'hb-field'}, h('span', {class: 'hb-label'}, title), select);
  }

  #opacity(value) {
    const slider = h('input', {
      type: 'range', min: '0', max: '100', value: String(Math.round(100 * value)), 'data-name': 'opacity', 'aria-label': 'Opacity of the layer',
      oninput: () => this.changed({opacity: slider.value / 100}),
    });
    return h('label', {class: 'hb-field'}, h('span', {class: 'hb-label'}, 'Opacity'), slider);
  }

  #tick(title, checked, change, name) {
    const box = h('input', {type: 'checkbox', checked, 'data-name': name, onchange: () => this.changed(change(box.checked))});
    return h('label', {class: 'hb-tick'}, box, title);
  }
}
