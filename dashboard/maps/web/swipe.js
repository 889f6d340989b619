// The bar between two maps: dragged by the pointer, moved by the arrow keys.
import {h} from './dom.js';

export class Swipe {
  /** @param {HTMLElement} place @param {() => void} moved */
  constructor(place, moved) {
    this.share = 0.5;
    this.moved = moved;
    this.place = place;
    this.left = h('span', {class: 'hb-swipe-name hb-swipe-left'});
    this.right = h('span', {class: 'hb-swipe-name hb-swipe-right'});
    this.element = h('div', {
      class: 'hb-swipe', role: 'slider', tabindex: '0', 'aria-label': 'Border between the two maps', 'aria-valuemin': '0',
      'aria-valuemax': '100', hidden: true, onkeydown: (event) => this.#key(event), onpointerdown: (event) => this.#grab(event),
    }, this.left, h('span', {class: 'hb-swipe-grip'}, '⇔'), this.right);
    place.append(this.element);
  }

  /** @param {[string, string]|null} titles of the maps on both sides */
  show(titles) {
    this.element.hidden = !titles;
    if (titles) [this.left.textContent, this.right.textContent] = titles;
    this.#place();
  }

  /** Pixels from the left edge of the map. */
  get x() {
    return this.share * this.place.clientWidth;
  }

  #place() {
    this.element.style.left = `${100 * this.share}%`;
    this.element.setAttribute('aria-valuenow', String(Math.round(100 * this.share)));
  }

  #set(share) {
    this.share = Math.min(Math.max(share, 0.02), 0.98);
    this.#place();
    this.moved();
  }

  #key(event) {
    const step = {ArrowLeft: -0.02, ArrowRight: 0.02}[event.key];
    event.stopPropagation();
    if (step) this.#set(this.share + step);
  }

  #grab(event) {
    event.preventDefault();
    this.element.setPointerCapture(event.pointerId);
    const left = this.place.getBoundingClientRect().left;
    const move = (each) => this.#set((each.clientX - left) / this.place.clientWidth);
    const drop = () => {
      this.element.removeEventListener('pointermove', move);
      this.element.removeEventListener('pointerup', drop);
    };
    this.element.addEventListener('pointermove', move);
    this.element.addEventListener('pointerup', drop);
  }
}
