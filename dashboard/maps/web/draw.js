// Drawing and changing an area: polygons and boxes with Terra Draw, circles by middle and edge. A module of its own that
// only loads where somebody draws. Sends what the map of the evidence dialog reads; see dashboard/evidence/draw_map.py:
// {kind: 'polygon', ring}, {kind: 'polygons', polygons} or {kind: 'circle', latitude, longitude, radius_m}; rings are open,
// [latitude, longitude], straight in degrees.
import {TerraDraw, TerraDrawPolygonMode, TerraDrawRectangleMode, TerraDrawSelectMode} from 'terra-draw';
import {TerraDrawMapLibreGLAdapter} from 'terra-draw-maplibre-gl-adapter';
import {h} from './dom.js';
import {circleRing, distanceKm, ringInDegrees} from './geodesy.js';

const SOURCE = 'hb-drawn';
const COLOR = '#4cc9f0';
/** Rings of [latitude, longitude] as closed rings of [longitude, latitude], in the nine decimals that Terra Draw takes. */
const nine = (value) => Number(value.toFixed(9));
const closed = (rings) => rings.map((ring) => [...ring, ring[0]].map(([lat, lng]) => [nine(lng), nine(lat)]));

/**
 * @param {import('maplibre-gl').Map} map @param {HTMLElement} place @param {typeof import('maplibre-gl').Marker} Marker
 * @param {{shape: object|null, editable: boolean, repeat: boolean}} drawing `repeat`: each shape is sent and cleared, and the next one begins @param {(shape: object) => void} done
 */
export function startDrawing(map, place, Marker, drawing, done) {
  const tool = new Drawing(map, place, Marker, done);
  tool.show(drawing);
  return tool;
}

/** Whether two shapes are one, but for the last digits that Python's own units cost. */
function same(a, b) {
  if (typeof a === 'number' && typeof b === 'number') return Math.abs(a - b) <= 1e-7 * Math.max(Math.abs(a), 1);
  if (a === null || b === null || typeof a !== 'object' || typeof b !== 'object') return a === b;
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => same(a[name], b[name]));
}

class Drawing {
  constructor(map, place, Marker, done) {
    this.map = map;
    this.Marker = Marker; // MapLibre's own: this module carries no second copy
    this.done = done;
    this.handles = [];
    map.addSource(SOURCE, {type: 'geojson', data: {type: 'FeatureCollection', features: []}});
    map.addLayer({id: `${SOURCE}-fill`, type: 'fill', source: SOURCE, paint: {'fill-color': COLOR, 'fill-opacity': 0.15}});
    map.addLayer({id: `${SOURCE}-line`, type: 'line', source: SOURCE, paint: {'line-color': COLOR, 'line-width': 2.5}});
    this.draw = new TerraDraw({
      adapter: new TerraDrawMapLibreGLAdapter({map}),
      modes: [
        new TerraDrawPolygonMode({styles: {fillColor: COLOR, outlineColor: COLOR, fillOpacity: 0.15}}),
        new TerraDrawRectangleMode({styles: {fillColor: COLOR, outlineColor: COLOR, fillOpacity: 0.15}}),
        new TerraDrawSelectMode({flags: {polygon: {feature: {draggable: false, coordinates: {midpoints: true, draggable: true, deletable: true}}}}}),
      ],
    });
    this.draw.start();
    this.draw.setMode('select');
    this.draw.on('finish', (id, {action}) => this.#finished(id, action));
    const button = (name, title, pressed) => h('button', {type: 'button', class: 'hb-option', 'aria-pressed': 'false', 'data-name': name, onclick: pressed}, title);
    this.bar = h('div', {class: 'hb-card hb-draw', role: 'toolbar', 'aria-label': 'Draw'},
      button('polygon', 'Polygon', () => this.#mode('polygon')), button('rectangle', 'Rectangle', () => this.#mode('rectangle')),
      button('circle', 'Circle', () => this.#mode('circle')));
    place.append(this.bar);
  }

  /** Show a shape to be changed, unless it is what was sent last: somebody may hold one of its corners. */
  show({shape, editable, repeat}) {
    if (repeat && !this.repeat) this.#mode('polygon');
    this.repeat = repeat;
    if (this.known !== undefined && same(shape, this.known)) return;
    this.known = shape;
    this.#clear();
    if (!shape) return;
    if (shape.kind === 'circle') return this.#circle([shape.longitude, shape.latitude], shape.radius_m / 1000, editable);
    const polygons = shape.kind === 'polygon' ? [[shape.ring]] : shape.polygons;
    this.kind = shape.kind;
    if (!editable || polygons.some((rings) => rings.length > 1)) return this.#see(polygons.map((rings) => ({type: 'Polygon', coordinates: closed(rings)})));
    const features = polygons.map((rings) => ({type: 'Feature', properties: {mode: 'polygon'}, geometry: {type: 'Polygon', coordinates: closed(rings)}}));
    const refused = this.draw.addFeatures(features).some(({valid}) => !valid);
    if (refused) this.#see(features.map(({geometry}) => geometry));
    else this.draw.selectFeature(this.draw.getSnapshot().find(({properties}) => properties.mode === 'polygon').id);
  }

  #mode(name) {
    for (const button of this.bar.children) button.setAttribute('aria-pressed', String(button.dataset.name === name));
    this.map.off('click', this.clicked);
    if (name !== 'circle') return this.draw.setMode(name);
    this.draw.setMode('select');
    this.map.getCanvas().style.cursor = 'crosshair';
    this.clicked = ({lngLat}) => this.#placeCircle([lngLat.lng, lngLat.lat]);
    this.map.on('click', this.clicked);
  }

  #placeCircle(point) {
    if (!this.middle) {
      this.#clear();
      this.middle = point;
      this.moved = ({lngLat}) => this.#seeCircle(this.middle, distanceKm(this.middle, [lngLat.lng, lngLat.lat]));
      this.map.on('mousemove', this.moved);
      return;
    }
    const radius = distanceKm(this.middle, point);
    this.map.off('mousemove', this.moved);
    this.map.off('click', this.clicked);
    this.map.getCanvas().style.cursor = '';
    this.#mode('select');
    const middle = this.middle;
    this.middle = null;
    if (!(radius > 0)) return;
    if (!this.repeat) return this.#sendCircle(middle, radius);
    this.#see([]);
    this.done({kind: 'circle', latitude: middle[1], longitude: middle[0], radius_m: 1000 * radius});
    this.#mode('circle');
  }

  #finished(id, action) {
    const {geometry} = this.draw.getSnapshotFeature(id) ?? {};
    if (!geometry) return;
    if (action === 'draw' && this.repeat) {
      setTimeout(() => { if (this.draw.hasFeature(id)) this.draw.removeFeatures([id]); }); // not while Terra Draw tells of it
      return this.done({kind: 'polygon', ring: ringInDegrees(geometry.coordinates[0])});
    }
    if (action === 'draw') {
      this.#mode('select');
      const others = this.draw.getSnapshot().map(({id: other}) => other).filter((other) => other !== id);
      if (others.length) this.draw.removeFeatures(others);
      this.#dropHandles();
      this.#see([]);
      this.draw.selectFeature(id);
      return this.#send({kind: 'polygon', ring: ringInDegrees(geometry.coordinates[0])});
    }
    const polygons = this.draw.getSnapshot().filter(({properties}) => properties.mode === 'polygon' || properties.mode === 'rectangle');
    const rings = polygons.map(({geometry: each}) => each.coordinates.map(ringInDegrees));
    this.#send(this.kind === 'polygons' ? {kind: 'polygons', polygons: rings} : {kind: 'polygon', ring: rings[0][0]});
  }

  #send(shape) {
    this.known = shape;
    this.kind = shape.kind;
    this.done(shape);
  }

  #sendCircle(middle, radiusKm) {
    this.#circle(middle, radiusKm, true);
    this.#send({kind: 'circle', latitude: middle[1], longitude: middle[0], radius_m: 1000 * radiusKm});
  }

  /** A circle with a handle in its middle and one on its edge. */
  #circle(middle, radiusKm, editable) {
    this.#dropHandles();
    this.#seeCircle(middle, radiusKm);
    if (!editable) return;
    const handle = (at, name) => new this.Marker({element: h('div', {class: 'hb-handle', role: 'img', 'aria-label': name}), draggable: true}).setLngLat(at).addTo(this.map);
    const center = handle(middle, 'Middle of the circle'), edge = handle(circleRing(middle, radiusKm, 4)[1], 'Edge of the circle');
    const current = () => [center.getLngLat().lng, center.getLngLat().lat];
    const rim = () => [edge.getLngLat().lng, edge.getLngLat().lat];
    center.on('drag', () => {
      this.#seeCircle(current(), radiusKm);
      edge.setLngLat(circleRing(current(), radiusKm, 4)[1]);
    });
    edge.on('drag', () => { radiusKm = Math.max(distanceKm(current(), rim()), 0.01); this.#seeCircle(current(), radiusKm); });
    for (const each of [center, edge]) each.on('dragend', () => this.#send({kind: 'circle', latitude: current()[1], longitude: current()[0], radius_m: 1000 * radiusKm}));
    this.handles = [center, edge];
  }

  #seeCircle(middle, radiusKm) {
    this.#see([{type: 'Polygon', coordinates: [circleRing(middle, radiusKm)]}]);
  }

  #see(geometries) {
    const features = geometries.map((geometry) => ({type: 'Feature', properties: {}, geometry}));
    this.map.getSource(SOURCE)?.setData({type: 'FeatureCollection', features});
  }

  #dropHandles() {
    for (const handle of this.handles) handle.remove();
    this.handles = [];
  }

  #clear() {
    this.#dropHandles();
    this.draw.clear();
    this.#see([]);
  }

  stop() {
    this.#clear();
    this.map.off('click', this.clicked);
    this.map.off('mousemove', this.moved);
    this.draw.stop();
    for (const id of [`${SOURCE}-fill`, `${SOURCE}-line`]) if (this.map.getLayer(id)) this.map.removeLayer(id);
    if (this.map.getSource(SOURCE)) this.map.removeSource(SOURCE);
    this.bar.remove();
  }
}
