// A flat map to draw on: Leaflet with Geoman's tools, over our own pictures. Asks no other host for anything.
// data: { libraries: [url], styles: [url], base, borders, others: GeoJSON, shape, editable, view: {latitude, longitude, zoom} }
// shape is what was drawn before, or null; it can be changed where editable says so. Triggers "drawn" with what was drawn
// or changed: { kind: "polygon", ring: [[latitude, longitude], ...] }, { kind: "polygons", polygons: [[ring, ...], ...] }
// with holes after the outer ring, or { kind: "circle", latitude, longitude, radius_m }. Rings are open, and straight in
// degrees as they were drawn.

const loaded = (window.__hereaboutsScripts ??= {});

function script(url) {
  return (loaded[url] ??= new Promise((done, failed) => {
    const element = document.createElement("script");
    element.src = url;
    element.onload = done;
    element.onerror = () => {
      delete loaded[url];  // the next draw tries again
      failed(new Error("a part of it did not load; reload the page"));
    };
    document.head.append(element);
  }));
}

function style(root, url) {
  const element = document.createElement("link");
  element.rel = "stylesheet";
  element.href = url;
  root.append(element);
}

const LOOK = { color: "#ffd166", weight: 2, fillOpacity: 0.12 };
const CHANGING = { color: "#4cc9f0", weight: 3, fillOpacity: 0.15 };

function build(box, data, send) {
  const L = window.L;
  box.style.background = "#0b1a2b"; // Leaflet's own style comes later than ours and would whiten the poles
  const map = L.map(box, {
    crs: L.CRS.EPSG4326,
    center: [data.view.latitude, data.view.longitude],
    zoom: data.view.zoom,
    minZoom: 0,
    maxZoom: 12,
    zoomSnap: 0.5,
    maxBounds: [[-100, -540], [100, 540]],
    maxBoundsViscosity: 1,
    attributionControl: false,
  });
  for (const shift of [-360, 0, 360]) {
    L.imageOverlay(data.base, [[-90, -180 + shift], [90, 180 + shift]]).addTo(map);
  }
  L.control.scale({ imperial: false }).addTo(map);
  map.pm.addControls({
    position: "topleft",
    drawMarker: false, drawCircleMarker: false, drawPolyline: false, drawText: false,
    editMode: false, dragMode: false, cutPolygon: false, removalMode: false, rotateMode: false,
  });
  for (const button of box.querySelectorAll(".leaflet-buttons-control-button")) {
    button.setAttribute("aria-label", button.parentElement.title);
  }
  map.on("layeradd", ({ layer }) => layer instanceof L.Marker && nameMarker(layer.getElement()));
  map.on("pm:create", ({ layer, shape }) => {
    send(shape === "Circle" ? circle(layer) : polygon(layer));
    layer.remove();
  });
  map.on("pm:drawstart", () => map.__shape?.pm.disable()); // its corners would take the clicks
  map.on("pm:drawend", () => map.__shape && map.__editable && edit(map.__shape));
  map.__send = send;
  fetch(data.borders).then((answer) => answer.json()).then((lines) => {
    L.geoJSON(lines, { interactive: false, style: { color: "#ffffff", weight: 0.7, opacity: 0.7 } }).addTo(map);
  });
  new ResizeObserver(() => map.invalidateSize()).observe(box);
  return map;
}

// For screen readers: Geoman's corners have no words.
const nameMarker = (element) => element?.setAttribute(
  "aria-label", element.classList.contains("marker-icon-middle") ? "Middle of a side" : "Corner of the shape");

const circle = (layer) => ({
  kind: "circle",
  latitude: layer.getLatLng().lat,
  longitude: layer.getLatLng().lng,
  radius_m: layer.getRadius(),
});

// Straight in degrees, as drawn: longitudes may lie beyond 180 where a shape crosses the date line.
const points = (ring) => ring.map((point) => [point.lat, point.lng]);
const polygon = (layer) => ({ kind: "polygon", ring: points(layer.getLatLngs()[0]) });
const polygons = (layer) => ({ kind: "polygons", polygons: layer.getLatLngs().map((rings) => rings.map(points)) });
const AS = { circle, polygon, polygons };

// A circle is moved by its middle; a polygon stays, so that a drag inside it moves the map.
const edit = (layer) => layer.pm.enable({ draggable: layer instanceof window.L.Circle, limitMarkersToCount: 60 });

function refresh(map, data) {
  const L = window.L;
  map.__others?.remove();
  map.__others = L.geoJSON(data.others, {
    interactive: false,
    pmIgnore: true,
    style: LOOK,
    pointToLayer: (feature, where) => L.circle(where, { ...LOOK, radius: feature.properties.radius_m, pmIgnore: true }),
  }).addTo(map);
  if (JSON.stringify(data.shape) !== map.__known) show(map, data);
}

// Draws the shape that can be changed, unless it is the one that is there: somebody may hold one of its corners.
function show(map, { shape, editable }) {
  const L = window.L;
  map.__known = JSON.stringify(shape);
  map.__shape?.remove();
  map.__shape = null;
  map.__editable = editable;
  if (!shape) return;
  const where = shape.kind === "polygon" ? [shape.ring] : shape.polygons;
  const layer = shape.kind === "circle"
    ? L.circle([shape.latitude, shape.longitude], { ...CHANGING, radius: shape.radius_m })
    : L.polygon(where, CHANGING);
  map.__shape = layer.addTo(map);
  if (!map.__begun) map.fitBounds(layer.getBounds(), { maxZoom: 9, padding: [30, 30] });
  if (!editable) return;
  edit(layer);
  layer.on("pm:edit", () => {
    const changed = AS[shape.kind](layer);
    map.__known = JSON.stringify(changed);
    map.__send(changed);
  });
}

export default function (component) {
  const { data, parentElement: root, setTriggerValue } = component;
  const box = root.querySelector(".draw-map");
  box.__send = (shape) => setTriggerValue("drawn", shape);
  box.__latest = data;
  box.__ready ??= (async () => {
    data.styles.forEach((url) => style(root, url));
    for (const url of data.libraries) await script(url);
    box.__map = build(box, data, (shape) => box.__send(shape));
  })().catch((fault) => { box.textContent = `The drawing map could not start: ${fault.message}.`; });
  box.__ready.then(() => {
    if (!box.__map) return;
    refresh(box.__map, box.__latest);
    box.__map.__begun = true; // from now on the map stays where it is
  });
}
