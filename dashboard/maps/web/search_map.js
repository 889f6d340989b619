// The map of a search: base map, region, layers, markers, and the controls on it. One object for each place on a page.
import {addProtocol, AttributionControl, LngLat, Map as BaseMap, Marker, Popup, ScaleControl, setWorkerUrl} from 'maplibre-gl';
import {applyLook, baseStyle, DIVERGING, LOOKS, RAMPS} from './base_style.js';
import {BudgetPanel} from './budget_panel.js';
import {Container} from './container.js';
import {h, iconButton} from './dom.js';
import {areaText, percentText, pointText} from './format.js';
import {circleRing, graticule, graticuleStep, greatCircle} from './geodesy.js';
import {LayerPanel, USUAL_LOOK} from './layer_panel.js';
import {showLegend} from './legend.js';
import {cellGrid, classColors, differenceColors, rankedMap} from './map_data.js';
import {Markers} from './markers.js';
import {Measure} from './measure.js';
import {PictureLayer} from './picture_layer.js';
import {clickCard, CursorReadout, nearestPlace, placeText} from './place_readout.js';
import {loadTile} from './pmtiles.js';
import {RegionLayer} from './region_layer.js';
import {snapshot} from './snapshot.js';
import {Swipe} from './swipe.js';

const BELOW = {picture: 'lakes', regions: 'coast'}; // custom layers and the style layers that they lie below
const CAMERA_REST_MS = 350;
const DEEPEST_ZOOM = 20;
const RAD = Math.PI / 180;
const absolute = (url) => new URL(url, location.href).href;

/** Zoom that shows at a latitude what `zoom` shows at the equator, and back. */
const zoomAt = (latitude, zoom) => zoom + Math.log2(Math.cos(Math.min(Math.abs(latitude), 85) * RAD));
const zoomAtEquator = (latitude, zoom) => zoom - Math.log2(Math.cos(Math.min(Math.abs(latitude), 85) * RAD));

/** A point with a radius as the circle that it stands for; an arc as its great circle. */
function asDrawn(feature) {
  const {geometry, properties} = feature, radius = properties?.radius_m;
  if (properties?.arc) return {...feature, geometry: {type: 'LineString', coordinates: greatCircle(...geometry.coordinates)}};
  if (geometry.type !== 'Point' || !radius) return feature;
  return {...feature, geometry: {type: 'Polygon', coordinates: [circleRing(geometry.coordinates, radius / 1000)]}};
}

export class SearchMap {
  /**
   * @param {HTMLElement} place @param {object} data what Python sent; see MapData in map_component.py
   * @param {{state: (name: string, value: any) => void, trigger: (name: string, value: any) => void}} tell
   */
  constructor(place, data, tell) {
    this.place = place;
    this.data = data;
    this.tell = tell;
    this.look = {...USUAL_LOOK, ...data.look};
    this.asked = data.region ?? {km2: 1e5};
    this.loaded = {};
    this.#build();
    this.started = new Promise((resolve) => this.map.once('load', resolve)).then(() => this.#begin());
    this.started.catch((error) => this.#fail(error));
  }

  // --- what is on the page -----------------------------------------------------------------------------------------

  #build() {
    const {data} = this, camera = data.camera;
    setWorkerUrl(absolute(data.assets.worker));
    addProtocol('hbtiles', loadTile);
    this.canvas = h('div', {class: 'hb-canvas'});
    this.notice = h('div', {class: 'hb-card hb-notice', role: 'status', hidden: true});
    this.place.replaceChildren(this.canvas, this.notice);
    this.map = new BaseMap({
      container: this.canvas, style: baseStyle(this.shownLook, `hbtiles://${absolute(data.assets.tiles)}|{z}/{x}/{y}`),
      center: [camera.longitude, camera.latitude], zoom: zoomAt(camera.latitude, camera.zoom), minZoom: 0.3, maxZoom: DEEPEST_ZOOM,
      attributionControl: false, maxPitch: 60, canvasContextAttributes: {antialias: false, preserveDrawingBuffer: Boolean(data.testing)},
      locale: {'Map.Title': data.label}, fadeDuration: 120, dragRotate: true,
    });
    this.map.addControl(new AttributionControl({compact: true, customAttribution: data.attribution}), 'bottom-right');
    this.scale = new ScaleControl({maxWidth: 110, unit: this.look.units});
    this.map.addControl(this.scale, 'bottom-left');
    this.cursor = new CursorReadout(this.map, () => ({ranked: this.loaded[this.data.main]?.ranked ?? null, ...this.look}));
    this.swipe = new Swipe(this.place, () => this.paint());
    this.layerPanel = new LayerPanel((change) => this.setLook(change), data.tools.includes('picture') ? () => this.copyPicture() : null);
    this.budget = new BudgetPanel({
      moved: (request) => { this.asked = request; this.paint(); },
      released: (request) => this.tell.state('region', {...request, turn: this.data.region?.turn ?? 0}),
    });
    this.buttons = h('div', {class: 'hb-buttons'}, ...this.#buttons());
    this.legend = h('section', {class: 'hb-card hb-legend', 'aria-label': 'Legend', hidden: true});
    this.place.append(this.buttons, this.layerPanel.element, this.budget.element, this.cursor.element, this.legend);
    this.measure = new Measure(this.map, this.place, () => this.look.units);
    this.markers = new Markers(this.map, (marker) => this.#pressed(marker));
    this.pictures = new PictureLayer('picture', absolute(this.#picture()), () => this.place.classList.add('hb-ready'));
    this.regions = new RegionLayer('regions-of-search');
    this.#listen();
    this.#dress();
  }

  #buttons() {
    const {map} = this, tools = this.data.tools;
    const compass = iconButton('compass', 'North up', () => map.easeTo({bearing: 0, pitch: 0}));
    map.on('rotate', () => { compass.firstChild.style.transform = `rotate(${-map.getBearing()}deg)`; });
    const layers = iconButton('layers', 'Layers', () => this.layerPanel.toggle(layers));
    layers.setAttribute('aria-expanded', 'false');
    return [
      iconButton('plus', 'Zoom in', () => map.zoomIn()), iconButton('minus', 'Zoom out', () => map.zoomOut()), compass,
      iconButton('home', 'The whole Earth', () => map.flyTo({zoom: zoomAt(map.getCenter().lat, 1.6), bearing: 0, pitch: 0, duration: 900})),
      tools.includes('layers') ? layers : null,
      tools.includes('measure') ? iconButton('measure', 'Measure distance or area', () => this.measure.start()) : null,
      tools.includes('picture') ? iconButton('camera', 'Save the map as a picture', () => this.savePicture()) : null,
      tools.includes('full') ? iconButton('full', 'Full screen', () => this.#fullScreen()) : null,
    ].filter(Boolean);
  }

  #fullScreen() {
    if (document.fullscreenElement) document.exitFullscreen();
    else this.place.requestFullscreen?.();
  }

  #listen() {
    const {map} = this;
    map.on('moveend', () => this.#cameraRests());
    map.on('zoomend', () => this.#drawGraticule());
    map.on('click', (event) => { if (!this.measure.on && !this.drawing) this.#clicked(event.lngLat); });
    map.on('error', ({error}) => console.warn('map:', error?.message));
    map.on('webglcontextrestored', () => this.#restored());
    this.#tellShapes();
  }

  #cameraRests() {
    clearTimeout(this.resting);
    this.resting = setTimeout(() => {
      const center = this.map.getCenter(), camera = {
        latitude: +center.lat.toFixed(5), longitude: +center.wrap().lng.toFixed(5), zoom: +zoomAtEquator(center.lat, this.map.getZoom()).toFixed(3),
        turn: this.data.camera.turn,
      };
      const text = JSON.stringify(camera);
      if (text !== this.toldCamera) this.tell.state('camera', camera);
      this.toldCamera = text;
    }, CAMERA_REST_MS);
  }

  // --- custom layers -----------------------------------------------------------------------------------------------

  async #begin() {
    const center = this.map.getCenter();
    this.toldCamera = JSON.stringify({latitude: +center.lat.toFixed(5), longitude: +center.wrap().lng.toFixed(5), zoom: +zoomAtEquator(center.lat, this.map.getZoom()).toFixed(3), turn: this.data.camera.turn});
    this.#addLayers();
    await this.#refresh(null);
  }

  #addLayers() {
    const {map} = this;
    if (!map.getLayer(this.pictures.id)) map.addLayer(this.pictures, BELOW.picture);
    if (!map.getLayer(this.regions.id)) map.addLayer(this.regions, BELOW.regions);
    if (!map.getSource('shapes')) this.#addShapes();
  }

  /** MapLibre brings its own layers back after a lost context, custom ones not. */
  #restored() {
    const again = () => {
      if (!this.map.getLayer(BELOW.regions)) return void this.map.once('styledata', again);
      for (const layer of [this.pictures, this.regions]) if (this.map.getLayer(layer.id)) this.map.removeLayer(layer.id);
      this.#addLayers();
      this.paint();
    };
    again();
  }

  #addShapes() {
    const {map} = this, colors = LOOKS[this.shownLook], empty = {type: 'FeatureCollection', features: []};
    map.addSource('shapes', {type: 'geojson', data: empty});
    const color = ['coalesce', ['get', 'color'], '#ffbf00'];
    map.addLayer({id: 'shapes-fill', type: 'fill', source: 'shapes', filter: ['in', ['geometry-type'], ['literal', ['Polygon', 'MultiPolygon']]], paint: {'fill-color': color, 'fill-opacity': ['coalesce', ['get', 'opacity'], 0.08]}}, 'place-dots');
    map.addLayer({id: 'shapes-line', type: 'line', source: 'shapes', paint: {'line-color': color, 'line-width': ['coalesce', ['get', 'width'], 2]}}, 'place-dots');
    map.addLayer({id: 'shapes-dot', type: 'circle', source: 'shapes', filter: ['all', ['==', ['geometry-type'], 'Point'], ['!', ['has', 'label']]], paint: {'circle-color': color, 'circle-radius': 5, 'circle-stroke-color': '#0b1a2b', 'circle-stroke-width': 1.5}});
    map.addLayer({id: 'shapes-names', type: 'symbol', source: 'shapes', filter: ['all', ['==', ['geometry-type'], 'Point'], ['has', 'label']], layout: {'text-field': ['get', 'label'], 'text-font': ['Source Sans'], 'text-size': ['coalesce', ['get', 'size'], 14], 'text-padding': 1}, paint: {'text-color': colors.text, 'text-halo-color': colors.halo, 'text-halo-width': 1.6}});
    map.addSource('graticule', {type: 'geojson', data: empty});
    map.addLayer({id: 'graticule', type: 'line', source: 'graticule', paint: {'line-color': colors.grid, 'line-width': 0.7, 'line-opacity': 0.5}}, 'place-dots');
    map.addLayer({id: 'graticule-names', type: 'symbol', source: 'graticule', layout: {'symbol-placement': 'line', 'text-field': ['get', 'label'], 'text-font': ['Source Sans'], 'text-size': 11, 'symbol-spacing': 300}, paint: {'text-color': colors.grid, 'text-halo-color': colors.halo, 'text-halo-width': 1.2}}, 'place-dots');
  }

  // --- what Python sends -------------------------------------------------------------------------------------------

  /** @param {object} data the next message */
  update(data) {
    this.started.then(() => {
      const before = this.data;
      this.data = data;
      return this.#refresh(before);
    }).catch((error) => this.#fail(error));
  }

  /**
   * Go on for another element of the page, with the camera, base map and units of before.
   * @param {object} data its first message
   */
  adopt(data) {
    this.started.then(() => {
      const before = {camera: this.data.camera, look_turn: data.look_turn};
      this.data = data;
      this.look = {...this.look, ...data.look, base: this.look.base};
      this.asked = data.region ?? {km2: 1e5};
      this.toldWanted = '';
      this.popup?.remove();
      return this.#refresh(before);
    }).catch((error) => this.#fail(error));
  }

  async #refresh(before) {
    const {data, map} = this, changed = (name) => !before || JSON.stringify(before[name]) !== JSON.stringify(data[name]);
    if (before && data.camera.turn !== before.camera.turn) this.fly(data.camera);
    if (before && data.look_turn !== before.look_turn) this.look = {...this.look, ...data.look};
    if (before && changed('region') && data.region && data.region.turn !== before.region?.turn) this.asked = data.region;
    else if (!before && data.region) this.asked = data.region;
    if (changed('markers')) this.markers.show(data.markers);
    if (changed('shapes')) map.getSource('shapes').setData({type: 'FeatureCollection', features: data.shapes.map(asDrawn)});
    if (changed('images')) this.#showImages(data.images);
    if (changed('card')) this.#showCard();
    this.place.classList.toggle('hb-no-budget', !data.budget);
    await this.#load();
    this.#dress();
    if (changed('drawing')) await this.#draw();
    this.paint();
  }

  /** Pictures on the ground, below coasts and borders. */
  #showImages(images) {
    const {map} = this;
    (this.shownImages ?? []).forEach((id) => { map.removeLayer(id); map.removeSource(id); });
    this.shownImages = images.map(({url, corners}, i) => {
      const id = `image-${i}`;
      map.addSource(id, {type: 'image', url: absolute(url), coordinates: corners});
      map.addLayer({id, type: 'raster', source: id, paint: {'raster-fade-duration': 0}}, this.regions.id);
      return id;
    });
  }

  /** What a shape says of itself, under the pointer. */
  #tellShapes() {
    const {map} = this, tip = new Popup({closeButton: false, closeOnClick: false, className: 'hb-tip', offset: 10});
    map.on('mousemove', 'shapes-fill', ({lngLat, features}) => {
      const text = features[0].properties.text;
      if (text) tip.setLngLat(lngLat).setText(text).addTo(map);
      else tip.remove();
    });
    map.on('mouseleave', 'shapes-fill', () => tip.remove());
  }

  /** Fetch the layers that are shown; one that Python has not made yet is asked for once. */
  async #load() {
    const {data, look} = this, names = new Set([data.main, look.under, look.compare].filter(Boolean));
    const wanted = [];
    await Promise.all([...names].map(async (name) => {
      const layer = data.layers.find((each) => each.name === name);
      if (!layer) return;
      if (!layer.table) { wanted.push(name); return; }
      if (this.loaded[name]?.url === layer.table.url) return;
      const cells = await cellGrid(layer.grid);
      if (layer.kind === 'ranked') this.loaded[name] = {url: layer.table.url, cells, ranked: await rankedMap(layer.grid, layer.table)};
      else {
        const labels = await (await Container.open(layer.table)).array('labels');
        this.loaded[name] = {url: layer.table.url, cells, colors: classColors(labels, layer.palette)};
      }
    }));
    for (const name of Object.keys(this.loaded)) if (!names.has(name)) delete this.loaded[name];
    if (wanted.length && JSON.stringify(wanted) !== this.toldWanted) {
      this.toldWanted = JSON.stringify(wanted);
      this.tell.state('wanted', wanted);
    }
  }

  /** @param {{latitude: number, longitude: number, zoom: number}} camera */
  fly({latitude, longitude, zoom}) {
    const calm = matchMedia('(prefers-reduced-motion: reduce)').matches;
    this.map[calm ? 'jumpTo' : 'flyTo']({center: [longitude, Math.max(-88, Math.min(88, latitude))], zoom: zoomAt(latitude, zoom), duration: 1100});
  }

  // --- how it looks ------------------------------------------------------------------------------------------------

  get shownLook() {
    if (this.look.base !== 'auto') return this.look.base;
    return this.data.theme === 'light' ? 'light' : 'dark';
  }

  #picture() {
    return this.data.assets.pictures[LOOKS[this.shownLook].picture];
  }

  /** @param {Partial<import('./layer_panel.js').Look>} change by the user */
  setLook(change) {
    this.look = {...this.look, ...change};
    this.tell.state('look', this.look);
    this.started.then(() => this.#load()).then(() => { this.#dress(); this.paint(); });
  }

  #dress() {
    const {map, place, look, data} = this, name = this.shownLook, colors = LOOKS[name];
    if (name !== this.dressed) {
      this.dressed = name;
      place.style.background = colors.space;
      place.dataset.panel = colors.panel;
      if (map.isStyleLoaded() || map.getLayer('coast')) applyLook(map, name);
      this.pictures.setUrl?.(absolute(this.#picture()));
    }
    this.scale.setUnit(look.units);
    this.layerPanel.show(look, data.layers, data.main);
    this.#drawGraticule();
    this.#explain();
  }

  #explain() {
    const {look, data} = this, colors = LOOKS[this.shownLook], under = data.layers.find(({name}) => name === look.under) ?? null;
    showLegend(this.legend, {
      region: this.loaded[data.main] && look.display !== 'none' ? this.#title(data.main) : '', other: this.loaded[look.compare] ? this.#title(look.compare) : '',
      under: this.loaded[look.under] ? under : null, difference: look.comparison === 'difference' && Boolean(look.compare), colors, heat: RAMPS[this.shownLook], diverging: DIVERGING,
    });
  }

  #drawGraticule() {
    const source = this.map.getSource('graticule');
    if (!source) return;
    const zoom = this.map.getZoom(), step = graticuleStep(zoom), key = this.look.graticule ? `${step}` : '';
    if (zoom < 5 && key === this.graticuleKey) return;
    this.graticuleKey = key;
    const b = this.map.getBounds(), bounds = zoom < 5 ? undefined : [b.getWest() - step, b.getSouth() - step, b.getEast() + step, b.getNorth() + step];
    source.setData(key ? graticule(step, bounds) : {type: 'FeatureCollection', features: []});
  }

  // --- the region --------------------------------------------------------------------------------------------------

  /** Whole cells and the share of the next one for the budget on a map, and what they hold. */
  measureRegion(ranked) {
    const {probability} = this.asked;
    const km2 = probability ? ranked.areaOfProbability(probability) : Math.min(this.asked.km2, ranked.areaUpTo[ranked.support]);
    const cells = probability ? ranked.cellsForProbability(probability) : ranked.cellsForArea(km2);
    const next = cells < ranked.order.length ? ranked.areaUpTo[cells + 1] - ranked.areaUpTo[cells] : Infinity;
    return {km2, cells, share: Math.min(Math.max((km2 - ranked.areaUpTo[cells]) / next, 0), 1), probability: probability ?? ranked.probabilityOfArea(km2)};
  }

  /** Put budget and look on the map: a few numbers for the graphics card, whatever the budget. */
  paint() {
    const started = performance.now(), main = this.loaded[this.data.main], items = [], colors = LOOKS[this.shownLook];
    const other = this.loaded[this.look.compare], difference = other && this.look.comparison === 'difference';
    const swiping = Boolean(other) && !difference;
    this.#under(items, main, other, difference);
    if (main?.ranked && this.look.display !== 'none') {
      const clip = swiping ? [-1e6, this.swipe.x] : null;
      items.push(this.#regionItem(main, colors.fill, colors.line, clip, true));
      if (swiping) items.push(this.#regionItem(other, colors.other.fill, colors.other.line, [this.swipe.x, 1e6], false));
    }
    const titles = swiping ? [this.#title(this.data.main), this.#title(this.look.compare)] : null;
    if (JSON.stringify(titles) !== this.swipeTitles) this.swipe.show(titles);
    this.swipeTitles = JSON.stringify(titles);
    this.regions.show(items);
    if (main?.ranked) this.#showBudget(main.ranked, swiping ? other.ranked : null);
    this.painting = performance.now() - started;
  }

  #under(items, main, other, difference) {
    const {look} = this, under = this.loaded[look.under];
    if (difference && other.cells === main.cells) {
      if (this.difference?.first !== main.ranked || this.difference.second !== other.ranked) {
        this.difference = {first: main.ranked, second: other.ranked, colors: differenceColors(main.ranked, other.ranked, DIVERGING)};
      }
      items.push({mode: 'colors', cells: main.cells, colors: this.difference.colors, opacity: look.opacity});
    } else if (under?.ranked) items.push({mode: 'heat', cells: under.cells, ranked: under.ranked, ramp: RAMPS[this.shownLook], opacity: look.opacity});
    else if (under) items.push({mode: 'colors', cells: under.cells, colors: under.colors, opacity: look.opacity});
  }

  #regionItem({cells, ranked}, fill, line, clip, own) {
    const contours = this.look.display === 'contours', region = this.measureRegion(ranked), cut = own ? this.#cut(region.cells) : null;
    const n = contours ? [0.5, 0.8, 0.95].map((share) => ranked.cellsForProbability(share) + 1) : [region.cells, 0, 0];
    return {mode: contours ? 'contours' : 'region', cells, ranked, n, share: region.share, cut, fill, line, clip: clip ?? undefined, opacity: 1};
  }

  /** Which pixels of the next cell are inside, as the server knows it of the budget that was let go. */
  #cut(cells) {
    const {cut, km2, probability} = this.data.region ?? {}, same = this.asked.km2 === km2 && this.asked.probability === probability;
    return cut && cut.cells === cells && same ? cut : null;
  }

  #showBudget(ranked, other) {
    if (ranked !== this.curveOf || other !== this.otherCurveOf) this.budget.showCurve(ranked, other);
    [this.curveOf, this.otherCurveOf] = [ranked, other];
    const region = this.measureRegion(ranked), {km2, probability, parts, area_km2: area, held} = this.data.region ?? {};
    const known = area && this.asked.km2 === km2 && this.asked.probability === probability;
    this.region = region;
    this.budget.show({
      km2: known && probability ? area : region.km2, probability: known ? held : region.probability, cells: region.cells,
      parts: known ? parts : null, units: this.look.units, asked: this.asked,
    });
  }

  #title(name) {
    return this.data.layers.find((layer) => layer.name === name)?.title ?? '';
  }

  // --- clicks ------------------------------------------------------------------------------------------------------

  async #clicked(lngLat) {
    if (!Number.isFinite(lngLat.lat) || Math.abs(lngLat.lat) > 90) return;
    const point = lngLat.wrap(), at = this.map.project(lngLat), back = this.map.unproject(at);
    if (Math.abs(back.lat - lngLat.lat) > 0.5) return; // beside the globe
    if (!this.data.main && !this.data.actions.length) return;
    this.tell.trigger('clicked', {latitude: point.lat, longitude: point.lng});
    this.open = {latitude: point.lat, longitude: point.lng, rows: await this.#rows(point)};
    this.#showCard();
  }

  async #rows({lat, lng}) {
    const {units} = this.look, rows = [];
    for (const [name, {ranked}] of Object.entries(this.loaded)) {
      if (!ranked) continue;
      const cell = await ranked.cells.cellAt(lat, lng), reach = ranked.areaToReach(cell);
      const mine = name === this.data.main, inside = mine && reach <= this.measureRegion(ranked).km2 * (1 + 1e-9);
      rows.push([mine ? 'Search area to reach it' : this.#title(name), areaText(reach, units)]);
      if (mine) rows.push(['In this region', inside ? 'yes' : 'no'], ['Probability ranked above', percentText(ranked.probabilityUpTo[ranked.rank[cell]])]);
    }
    return rows;
  }

  #showCard() {
    const {open, data, look} = this;
    if (!open) return;
    const same = data.card && Math.abs(data.card.latitude - open.latitude) + Math.abs(data.card.longitude - open.longitude) < 1e-6;
    const lngLat = new LngLat(open.longitude, open.latitude);
    const card = clickCard({
      ...open, place: placeText(nearestPlace(this.map, lngLat), look.units), rows: [...open.rows, ...(same ? data.card.rows : [])],
      actions: data.actions, zoom: this.map.getZoom(),
    }, pointText(open.latitude, open.longitude, look.notation), (name) => {
      this.tell.trigger('action', {name, latitude: open.latitude, longitude: open.longitude});
      this.popup?.remove();
    });
    if (this.popup?.isOpen()) this.popup.setDOMContent(card).setLngLat(lngLat);
    else {
      this.popup = new Popup({maxWidth: '320px', focusAfterOpen: false}).setLngLat(lngLat).setDOMContent(card).addTo(this.map);
      this.popup.once('close', () => { this.open = null; });
    }
  }

  #pressed(marker) {
    this.tell.trigger('marker', {rank: marker.rank, kind: marker.kind, latitude: marker.latitude, longitude: marker.longitude});
    this.#clicked(new LngLat(marker.longitude, marker.latitude));
  }

  // --- the rest ----------------------------------------------------------------------------------------------------

  async #draw() {
    const {drawing, assets} = this.data;
    if (!drawing) {
      this.drawing?.stop();
      this.drawing = null;
    } else if (this.drawing) this.drawing.show(drawing);
    else {
      const module = await import(absolute(assets.draw));
      this.drawing = module.startDrawing(this.map, this.place, Marker, drawing, (shape) => this.tell.trigger('drawn', shape));
    }
  }

  /** The canvas of a picture with title, legend, scale and attribution. */
  picture() {
    const center = this.map.getCenter(), colors = LOOKS[this.shownLook], main = this.loaded[this.data.main]?.ranked;
    const css = ([r, g, b]) => `rgb(${[r, g, b].map((each) => Math.round(255 * each)).join()})`;
    const legend = main ? [{color: css(colors.line), text: `Search region: ${this.#title(this.data.main)}`}] : [];
    if (this.look.compare) legend.push({color: css(colors.other.line), text: this.#title(this.look.compare)});
    if (this.look.under) legend.push({color: '#f3781a', text: `Heat: ${this.#title(this.look.under)}`});
    const region = main ? this.measureRegion(main) : null;
    return snapshot(this.map, {
      title: this.data.title, headline: region ? `${percentText(region.probability)} in ${areaText(region.km2, this.look.units)}` : '', legend,
      markers: this.data.markers, space: colors.space, attribution: ['Natural Earth', 'GeoNames', this.data.attribution].filter(Boolean).join(' · '),
      kmPerPixel: 40030.2 * Math.cos(center.lat * RAD) / (512 * 2 ** this.map.getZoom()),
    });
  }

  async savePicture() {
    const canvas = await this.picture(), blob = await new Promise((resolve) => canvas.toBlob(resolve, 'image/png'));
    const link = h('a', {href: URL.createObjectURL(blob), download: 'hereabouts-map.png'});
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  }

  async copyPicture() {
    // The clipboard takes a promise, so that the click still counts as asked for once the picture is made.
    const png = this.picture().then((canvas) => new Promise((resolve) => canvas.toBlob(resolve, 'image/png')));
    try {
      await navigator.clipboard.write([new ClipboardItem({'image/png': png})]);
      this.#say('The map is on the clipboard.');
    } catch {
      this.#say('This browser keeps pages from the clipboard; save the map as a picture instead.');
    }
  }

  #say(text) {
    this.notice.textContent = text;
    this.notice.hidden = false;
    clearTimeout(this.saying);
    this.saying = setTimeout(() => { this.notice.hidden = true; }, 4000);
  }

  #fail(error) {
    console.warn('map:', error);
    this.notice.hidden = false;
    this.notice.textContent = `The map could not be drawn: ${error.message} Reload the page to try again.`;
  }

  remove() {
    clearTimeout(this.resting);
    this.drawing?.stop();
    this.map.remove();
  }
}
