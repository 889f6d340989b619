// What MapLibre's custom layers share here: programs for each projection, boxes of latitude and longitude as meshes.
import {VERTEX} from './shaders.js';

const RADIANS = Math.PI / 180;
const LAST_VERTEX = 89.99; // degrees; the hole that is left at the pole is a kilometer wide

/** Mercator y of a latitude, not clamped at 85 degrees: the globe draws beyond. */
export function mercatorY(latitude) {
  const s = Math.sin(latitude * RADIANS);
  return 0.5 - Math.log((1 + s) / (1 - s)) / (4 * Math.PI);
}

/** A box as triangles: Mercator x and y, and 0..1 east and south within the box. */
export function boxMesh(west, south, east, north, step) {
  const across = Math.max(1, Math.round((east - west) / step)), down = Math.max(1, Math.round((north - south) / step));
  const vertices = new Float32Array((across + 1) * (down + 1) * 4), indices = new Uint32Array(across * down * 6);
  let at = 0;
  for (let j = 0; j <= down; j++) for (let i = 0; i <= across; i++) {
    const exact = north + (south - north) * j / down;
    const latitude = Math.max(-LAST_VERTEX, Math.min(LAST_VERTEX, exact));
    vertices[at++] = (west + (east - west) * i / across + 180) / 360;
    vertices[at++] = mercatorY(latitude);
    vertices[at++] = i / across;
    vertices[at++] = (north - latitude) / (north - south);
  }
  at = 0;
  for (let j = 0; j < down; j++) for (let i = 0; i < across; i++) {
    const a = j * (across + 1) + i, c = a + across + 1;
    indices.set([a, c, a + 1, a + 1, c, c + 1], at);
    at += 6;
  }
  return {vertices, indices};
}

/** A texture that `fill` has filled. */
export function makeTexture(gl, fill, {min = gl.NEAREST, mag = min, wrap = gl.CLAMP_TO_EDGE} = {}) {
  const texture = gl.createTexture();
  gl.bindTexture(gl.TEXTURE_2D, texture);
  gl.pixelStorei(gl.UNPACK_PREMULTIPLY_ALPHA_WEBGL, false);
  gl.pixelStorei(gl.UNPACK_FLIP_Y_WEBGL, false);
  gl.pixelStorei(gl.UNPACK_ALIGNMENT, 4);
  fill();
  gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, min);
  gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MAG_FILTER, mag);
  gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_WRAP_S, wrap);
  gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_WRAP_T, gl.CLAMP_TO_EDGE);
  return texture;
}

export class GlLayer {
  constructor(id) {
    this.id = id;
    this.type = 'custom';
    this.renderingMode = '2d';
  }

  onAdd(map, gl) {
    this.map = map;
    this.gl = gl;
    this.programs = new Map();
    this.boxes = new Map();
    this.begin(gl);
  }

  /** Fill what belongs to a context; called again after one was lost. */
  begin() {}

  program(args, source) {
    const key = args.shaderData.variantName + source.length;
    if (!this.programs.has(key)) this.programs.set(key, this.#linked(args.shaderData, source));
    return this.programs.get(key);
  }

  #linked({vertexShaderPrelude, define}, source) {
    const {gl} = this, program = gl.createProgram();
    const vertex = `#version 300 es\n${vertexShaderPrelude}\n${define}\n${VERTEX}`;
    for (const [type, text] of [[gl.VERTEX_SHADER, vertex], [gl.FRAGMENT_SHADER, source]]) {
      const shader = gl.createShader(type);
      gl.shaderSource(shader, text);
      gl.compileShader(shader);
      gl.attachShader(program, shader);
    }
    gl.bindAttribLocation(program, 0, 'a_pos');
    gl.bindAttribLocation(program, 1, 'a_uv');
    gl.linkProgram(program);
    if (!gl.getProgramParameter(program, gl.LINK_STATUS) && !gl.isContextLost()) {
      const logs = gl.getAttachedShaders(program).map((shader) => gl.getShaderInfoLog(shader)).join('\n');
      throw new Error(`A map shader does not link: ${gl.getProgramInfoLog(program)} ${logs}`);
    }
    const uniforms = {}, count = gl.getProgramParameter(program, gl.ACTIVE_UNIFORMS) ?? 0;
    for (let i = 0; i < count; i++) {
      const {name} = gl.getActiveUniform(program, i);
      uniforms[name] = gl.getUniformLocation(program, name);
    }
    return {program, uniforms};
  }

  /** Use a program with MapLibre's projection; its uniforms. */
  use(args, source) {
    const {gl} = this, {program, uniforms: u} = this.program(args, source), projection = args.defaultProjectionData;
    gl.useProgram(program);
    gl.uniformMatrix4fv(u.u_projection_matrix, false, projection.mainMatrix);
    if (u.u_projection_fallback_matrix) gl.uniformMatrix4fv(u.u_projection_fallback_matrix, false, projection.fallbackMatrix);
    if (u.u_projection_tile_mercator_coords) gl.uniform4f(u.u_projection_tile_mercator_coords, ...projection.tileMercatorCoords);
    if (u.u_projection_clipping_plane) gl.uniform4f(u.u_projection_clipping_plane, ...projection.clippingPlane);
    if (u.u_projection_transition) gl.uniform1f(u.u_projection_transition, projection.projectionTransition);
    return u;
  }

  #mesh(box, step) {
    const {gl} = this, key = [...box, step].join();
    if (!this.boxes.has(key)) {
      const {vertices, indices} = boxMesh(...box, step), array = gl.createVertexArray();
      gl.bindVertexArray(array);
      gl.bindBuffer(gl.ARRAY_BUFFER, gl.createBuffer());
      gl.bufferData(gl.ARRAY_BUFFER, vertices, gl.STATIC_DRAW);
      gl.enableVertexAttribArray(0);
      gl.vertexAttribPointer(0, 2, gl.FLOAT, false, 16, 0);
      gl.enableVertexAttribArray(1);
      gl.vertexAttribPointer(1, 2, gl.FLOAT, false, 16, 8);
      gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, gl.createBuffer());
      gl.bufferData(gl.ELEMENT_ARRAY_BUFFER, indices, gl.STATIC_DRAW);
      gl.bindVertexArray(null);
      this.boxes.set(key, {array, count: indices.length});
    }
    return this.boxes.get(key);
  }

  /** How many times around the Earth the flat map is shown, as whole turns. */
  turns(args) {
    if (args.defaultProjectionData.projectionTransition > 0) return [0]; // the globe
    const bounds = this.map.getBounds(), turns = [];
    const last = Math.floor((bounds.getEast() + 180) / 360);
    for (let turn = Math.floor((bounds.getWest() + 180) / 360); turn <= last; turn++) turns.push(turn);
    return turns;
  }

  /** @param {[number, number, number, number]} box west, south, east, north in degrees */
  drawBox(args, u, box, step) {
    const {gl} = this, [, south, , north] = box, {array, count} = this.#mesh(box, step);
    gl.uniform2f(u.u_latitude, north, north - south);
    gl.uniform1i(u.u_exact, args.defaultProjectionData.projectionTransition < 0.5 ? 1 : 0);
    gl.bindVertexArray(array);
    for (const turn of this.turns(args)) {
      gl.uniform1f(u.u_shift, turn);
      gl.drawElements(gl.TRIANGLES, count, gl.UNSIGNED_INT, 0);
    }
    gl.bindVertexArray(null);
  }
}
