// Distances along great circles, and the area inside once the line is closed. Everything stays in the browser.
import {h, iconButton} from './dom.js';
import {areaText, distanceText} from './format.js';
import {greatCircle, lengthKm, ringKm2} from './geodesy.js';

const SOURCE = 'hb-measure';
const CLOSE_PIXELS = 12;

export class Measure {
  /** @param {import('maplibre-gl').Map} map @param {HTMLElement} place where the readout goes @param {() => string} units */
  constructor(map, place, units) {
    this.map = map;
    this.units = units;
    this.points = [];
    this.closed = false;
    this.on = false;
    this.text = h('span', {'aria-live': 'polite'});
    this.element = h('div', {class: 'hb-card hb-measure', hidden: true}, this.text, iconButton('close', 'Stop measuring', () => this.stop()));
    place.append(this.element);
    this.clicked = (event) => this.#add(event);
    this.moved = (event) => { if (!this.closed && this.points.length) this.#draw([event.lngLat.lng, event.lngLat.lat]); };
    this.keyed = (event) => { if (event.key === 'Escape') this.stop(); };
  }

  start() {
    if (this.on) return this.stop();
    this.on = true;
    [this.points, this.closed] = [[], false];
    this.element.hidden = false;
    const {map} = this;
    if (!map.getSource(SOURCE)) this.addLayers();
    map.getCanvas().style.cursor = 'crosshair';
    map.doubleClickZoom.disable();
    map.on('click', this.clicked);
    map.on('mousemove', this.moved);
    map.getContainer().addEventListener('keydown', this.keyed);
    this.#draw();
  }

  stop() {
    if (!this.on) return;
    this.on = false;
    this.element.hidden = true;
    const {map} = this;
    map.off('click', this.clicked);
    map.off('mousemove', this.moved);
    map.getContainer().removeEventListener('keydown', this.keyed);
    map.getCanvas().style.cursor = '';
    map.doubleClickZoom.enable();
    map.getSource(SOURCE)?.setData({type: 'FeatureCollection', features: []});
  }

  addLayers() {
    const {map} = this;
    map.addSource(SOURCE, {type: 'geojson', data: {type: 'FeatureCollection', features: []}});
    map.addLayer({id: `${SOURCE}-fill`, type: 'fill', source: SOURCE, filter: ['==', '$type', 'Polygon'], paint: {'fill-color': '#ff3d81', 'fill-opacity': 0.15}});
    map.addLayer({id: `${SOURCE}-line`, type: 'line', source: SOURCE, filter: ['==', '$type', 'LineString'], paint: {'line-color': '#ff3d81', 'line-width': 2.2}});
    map.addLayer({id: `${SOURCE}-dots`, type: 'circle', source: SOURCE, filter: ['==', '$type', 'Point'], paint: {'circle-color': '#fff', 'circle-radius': 4, 'circle-stroke-color': '#ff3d81', 'circle-stroke-width': 2}});
  }

  #add(event) {
    if (this.closed) [this.points, this.closed] = [[], false];
    const first = this.points[0];
    if (first && this.points.length > 2) {
      const at = this.map.project(first);
      if (Math.hypot(at.x - event.point.x, at.y - event.point.y) < CLOSE_PIXELS) {
        this.closed = true;
        return this.#draw();
      }
    }
    this.points.push([event.lngLat.lng, event.lngLat.lat]);
    this.#draw();
  }

  #draw(cursor = null) {
    const line = [...this.points, ...(cursor ? [cursor] : this.closed ? [this.points[0]] : [])];
    const features = this.points.map((point) => ({type: 'Feature', properties: {}, geometry: {type: 'Point', coordinates: point}}));
    const path = line.slice(1).flatMap((point, i) => greatCircle(line[i], point).slice(i ? 1 : 0));
    if (path.length > 1) features.push({type: 'Feature', properties: {}, geometry: {type: 'LineString', coordinates: path}});
    if (this.closed) features.push({type: 'Feature', properties: {}, geometry: {type: 'Polygon', coordinates: [path]}});
    this.map.getSource(SOURCE)?.setData({type: 'FeatureCollection', features});
    if (!this.points.length) this.text.textContent = 'Click to measure; click the first point again for an area';
    else if (this.closed) this.text.textContent = `${areaText(ringKm2(this.points), this.units())} · around ${distanceText(lengthKm(line), this.units())}`;
    else this.text.textContent = distanceText(lengthKm(line), this.units());
  }
}
