// Candidates and the claimed place as buttons on the map: reachable by keyboard, hidden behind the globe.
import {Marker} from 'maplibre-gl';
import {h} from './dom.js';

/**
 * @typedef {{latitude: number, longitude: number, label: string, text: string, kind: string, rank: number|null, chosen: boolean}} MapMarker
 */

export class Markers {
  /** @param {import('maplibre-gl').Map} map @param {(marker: MapMarker) => void} pressed */
  constructor(map, pressed) {
    this.map = map;
    this.pressed = pressed;
    this.shown = [];
    this.key = '';
  }

  /** @param {MapMarker[]} markers best first; a better one is drawn over a worse one */
  show(markers) {
    const key = JSON.stringify(markers);
    if (key === this.key) return;
    this.key = key;
    this.markers = markers;
    for (const marker of this.shown) marker.remove();
    this.shown = [...markers].reverse().map((each) => {
      const element = h('button', {
        type: 'button', class: `hb-pin hb-pin-${each.kind}${each.chosen ? ' hb-pin-chosen' : ''}`, 'aria-label': each.text, title: each.text,
        onclick: (event) => { event.stopPropagation(); this.pressed(each); },
      }, each.label);
      const marker = new Marker({element, opacityWhenCovered: '0'}).setLngLat([each.longitude, each.latitude]).addTo(this.map);
      return marker;
    });
  }
}
