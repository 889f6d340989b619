// The budget: one number, the curve of probability by area as the slider, and a box that takes either in any unit.
import {areaAt, capRadius, comparison, FAMILIAR, parseBudget, positionOf, roundedArea} from './budget_scale.js';
import {h} from './dom.js';
import {areaText, digits, percentText} from './format.js';

const STEPS = 600; // positions of the thumb; an arrow key moves by one in a hundred
const WIDTH = 320, HEIGHT = 64;
const SVG = 'http://www.w3.org/2000/svg';
const SHARES = [0.5, 0.8, 0.9, 0.95];

function svg(tag, attributes, text) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  if (text) element.textContent = text;
  return element;
}

export class BudgetPanel {
  /**
   * @param {{moved: (request: object) => void, released: (request: object) => void}} tell
   *   moved: while the thumb moves; released: once it is let go
   */
  constructor(tell) {
    this.tell = tell;
    this.headline = h('div', {class: 'hb-headline'});
    this.detail = h('div', {class: 'hb-detail'});
    this.error = h('div', {class: 'hb-error', role: 'alert', hidden: true});
    this.chart = svg('svg', {viewBox: `0 0 ${WIDTH} ${HEIGHT + 16}`, class: 'hb-curve', 'aria-hidden': 'true', preserveAspectRatio: 'none'});
    this.slider = h('input', {
      type: 'range', min: '0', max: String(STEPS), step: '1', class: 'hb-slider', 'aria-label': 'Area budget',
      oninput: () => this.#slid(false), onchange: () => this.#slid(true), onkeydown: (event) => this.#key(event),
    });
    this.box = h('input', {
      type: 'text', class: 'hb-box', 'aria-label': 'Area or probability', spellcheck: 'false', autocomplete: 'off',
      title: '2k km2, 25 km radius, 90 %', onchange: () => this.#typed(),
      onkeydown: (event) => { event.stopPropagation(); if (event.key === 'Enter') this.#typed(); },
      onfocus: () => this.box.select(),
    });
    const chips = SHARES.map((share) => h('button', {
      type: 'button', class: 'hb-chip', title: `The smallest area that holds ${100 * share} %`,
      onclick: () => this.#request({probability: share}, true),
    }, `${100 * share} %`));
    this.element = h('section', {class: 'hb-card hb-budget', 'aria-label': 'Search area'},
      this.headline, this.detail,
      h('div', {class: 'hb-track'}, this.chart, this.slider),
      h('div', {class: 'hb-row'}, this.box, h('div', {class: 'hb-chips'}, ...chips)), this.error);
  }

  #slid(released) {
    this.#request({km2: roundedArea(areaAt(Number(this.slider.value) / STEPS))}, released);
  }

  #key(event) {
    const steps = {ArrowLeft: -6, ArrowDown: -6, ArrowRight: 6, ArrowUp: 6, PageDown: -40, PageUp: 40}[event.key];
    event.stopPropagation(); // the map would pan
    if (!steps) return;
    event.preventDefault();
    this.slider.value = String(Math.round(positionOf(this.shown?.km2 ?? 1e5) * STEPS) + steps);
    this.#slid(true);
  }

  #typed() {
    if (this.box.value === this.written) return;
    const request = parseBudget(this.box.value);
    this.error.hidden = !('error' in request);
    if ('error' in request) this.error.textContent = request.error;
    else this.#request(request, true);
  }

  #request(request, released) {
    this.error.hidden = true;
    this.tell.moved(request);
    if (released) this.tell.released(request);
  }

  /** Draw the curve of a ranked map behind the thumb. @param {import('./ranked_map.js').RankedMap} ranked */
  showCurve(ranked, other = null) {
    const points = (map) => Array.from({length: WIDTH / 2 + 1}, (_, i) => {
      const share = map.probabilityOfArea(areaAt(2 * i / WIDTH));
      return `${2 * i},${(HEIGHT - 2 - share * (HEIGHT - 8)).toFixed(1)}`;
    });
    const line = points(ranked);
    this.chart.replaceChildren(
      svg('path', {d: `M0,${HEIGHT} L${line.join(' L')} L${WIDTH},${HEIGHT}Z`, class: 'hb-area'}),
      ...(other ? [svg('path', {d: `M${points(other).join(' L')}`, class: 'hb-line hb-line-other'})] : []),
      svg('path', {d: `M${line.join(' L')}`, class: 'hb-line'}),
      ...FAMILIAR.flatMap(({km2, name}) => {
        const x = (positionOf(km2) * WIDTH).toFixed(1);
        return [
          svg('line', {x1: x, x2: x, y1: 0, y2: HEIGHT, class: 'hb-mark'}),
          svg('text', {x, y: HEIGHT + 12, 'text-anchor': 'middle', class: 'hb-mark-name'}, name === 'Greater London' ? 'London' : name),
        ];
      }),
      (this.thumbLine = svg('line', {y1: 0, y2: HEIGHT, class: 'hb-thumb-line'})),
      (this.thumb = svg('circle', {r: 6, class: 'hb-thumb'})),
    );
  }

  /**
   * @param {{km2: number, probability: number, cells: number, parts?: number|null, units: string, asked: object}} shown
   *   asked: the request, which is what stands in the box
   */
  show(shown) {
    this.shown = shown;
    const {km2, probability, cells, parts, units, asked} = shown, area = areaText(km2, units);
    this.headline.replaceChildren(h('b', {}, percentText(probability)), ' in ', h('b', {}, area));
    const where = parts ? `${digits(parts)} ${parts === 1 ? 'area' : 'areas'} · ` : '';
    this.detail.textContent = `${where}${comparison(km2)} · circle of ${digits(capRadius(km2))} km radius`;
    this.detail.title = `${cells.toLocaleString('en-US')} whole cells of the map`;
    if (this.box.getRootNode().activeElement !== this.box) {
      this.written = asked.probability ? `${Number((100 * asked.probability).toFixed(3))} %` : area;
      this.box.value = this.written;
    }
    const position = positionOf(km2), x = (position * WIDTH).toFixed(1);
    this.slider.value = String(Math.round(position * STEPS));
    this.slider.setAttribute('aria-valuetext', `${area} hold ${percentText(probability)}`);
    if (!this.thumb) return;
    this.thumbLine.setAttribute('x1', x);
    this.thumbLine.setAttribute('x2', x);
    this.thumb.setAttribute('cx', x);
    this.thumb.setAttribute('cy', (HEIGHT - 2 - probability * (HEIGHT - 8)).toFixed(1));
  }
}
