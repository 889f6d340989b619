// Elements in one line each, and the icons of the map's buttons (drawn here; strokes take the color of the text).

/** @param {string} tag @param {Record<string, any>} [attributes] @param {...(Node|string|null)} children */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else if (name === 'class') element.className = value;
    else if (name in element && typeof value !== 'string') element[name] = value;
    else if (value !== null && value !== undefined && value !== false) element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

const PATHS = {
  plus: 'M12 5v14M5 12h14', minus: 'M5 12h14', layers: 'M12 4 3 9l9 5 9-5-9-5ZM3.5 14 12 18.5 20.5 14',
  measure: 'M4 16 16 4l4 4L8 20ZM8 12l2 2M11 9l2 2M14 6l2 2', full: 'M4 9V4h5M20 9V4h-5M4 15v5h5M20 15v5h-5',
  camera: 'M4 8h4l2-3h4l2 3h4v11H4ZM12 10.5a3 3 0 1 0 0 6 3 3 0 0 0 0-6Z', home: 'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18ZM3 12h18M12 3c3 2.5 4 5.500 4 9s-1 6.500-4 9c-3-2.500-4-5.500-4-9s1-6.500 4-9Z',
  close: 'M6 6l12 12M18 6 6 18', copy: 'M9 9h10v11H9ZM6 15H5V4h10v2', search: 'M11 4a7 7 0 1 0 0 14 7 7 0 0 0 0-14ZM16 16l5 5',
  compare: 'M12 3v18M4 7h5v10H4ZM15 7h5v10h-5Z',
};

/** @param {keyof typeof PATHS | 'compass'} name */
export function icon(name) {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('aria-hidden', 'true');
  const path = (d, fill) => {
    const element = document.createElementNS('http://www.w3.org/2000/svg', 'path');
    element.setAttribute('d', d);
    element.setAttribute('fill', fill);
    if (fill === 'none') {
      element.setAttribute('stroke', 'currentColor');
      element.setAttribute('stroke-width', '1.8');
      element.setAttribute('stroke-linecap', 'round');
      element.setAttribute('stroke-linejoin', 'round');
    }
    svg.append(element);
  };
  if (name === 'compass') {
    path('M12 3.500 15.200 12H8.800Z', '#ef4444');
    path('M12 20.500 8.800 12h6.400Z', 'currentColor');
  } else path(PATHS[name], 'none');
  return svg;
}

/** A button with an icon. */
export function iconButton(name, label, pressed) {
  return h('button', {type: 'button', class: 'hb-button', 'aria-label': label, title: label, onclick: pressed}, icon(name));
}
