// The programs on the graphics card. `projectTile` and its uniforms come from MapLibre, for globe and Mercator alike.

export const VERTEX = `
in vec2 a_pos; in vec2 a_uv;
uniform float u_shift;
out vec2 v_uv; out float v_mercator;
void main() {
  v_uv = a_uv;
  v_mercator = a_pos.y;
  gl_Position = projectTile(a_pos + vec2(u_shift, 0.0));
}`;

// Where a pixel lies within its box, 0..1 east and south. On the globe latitude runs evenly between vertices; in Mercator
// it is worked out from the Mercator coordinate, so that large triangles are exact.
const PLACE = `#version 300 es
precision highp float; precision highp int; precision highp usampler2D; precision highp sampler2D;
in vec2 v_uv; in float v_mercator;
out vec4 fragment;
uniform vec2 u_latitude; // north edge and height of the box, degrees
uniform int u_exact;
const float PI = 3.141592653589793;
float latitudeOf(float mercator) { return degrees(2.0 * atan(exp(PI - mercator * 2.0 * PI)) - PI / 2.0); }
vec2 place() {
  if (u_exact == 0) return v_uv;
  return vec2(v_uv.x, clamp((u_latitude.x - latitudeOf(v_mercator)) / u_latitude.y, 0.0, 1.0));
}
`;

export const PICTURE = `${PLACE}
uniform sampler2D u_image; uniform float u_opacity;
void main() { vec4 color = texture(u_image, place()); fragment = vec4(color.rgb * color.a, color.a) * u_opacity; }`;

// A ranked map: the rank of the cell under a pixel, compared with the number of cells of a region.
export const RANKED = `${PLACE}
uniform usampler2D u_cells;    // cell ids of a tile with its apron, or the best rank of each overview tile
uniform usampler2D u_rank;     // rank by cell
uniform sampler2D u_probability; // by rank: how much lies in denser cells
uniform sampler2D u_ramp; uniform sampler2D u_colors; // colors of heat; colors by cell
uniform vec4 u_origin; // of the box on the overview lattice, and the size of that lattice
uniform int u_overview; uniform int u_levels; uniform ivec2 u_size; uniform float u_apron; uniform int u_width;
uniform int u_mode; uniform vec3 u_n; uniform vec4 u_fill; uniform vec4 u_line; uniform float u_thickness;
uniform float u_opacity; uniform float u_least; uniform vec2 u_clip;
uniform float u_share; uniform vec4 u_cut; uniform vec2 u_longitude; // the next cell: share, middle and chord; west and width
const int REGION = 0, HEAT = 1, CONTOURS = 2, COLORS = 3;

ivec2 slot(int i) { return ivec2(i % u_width, i / u_width); }
uint idAt(vec2 g, int level) {
  if (u_overview == 1) return textureLod(u_cells, (g + u_origin.xy) / u_origin.zw, float(level)).r;
  return texelFetch(u_cells, clamp(ivec2(floor(g + u_apron)), ivec2(0), textureSize(u_cells, 0) - 1), 0).r;
}
float rankAt(vec2 g, int level) {
  uint id = idAt(g, level);
  return u_overview == 1 ? float(id) : float(texelFetch(u_rank, slot(int(id)), 0).r);
}
float lowest(vec2 g, vec2 dx, vec2 dy, int level, float per) { // the densest of a pixel that spans several texels
  float r = rankAt(g, level);
  if (u_overview == 1 || per <= 1.2) return r;
  r = min(r, min(rankAt(g + 0.25 * (dx + dy), 0), rankAt(g - 0.25 * (dx + dy), 0)));
  return min(r, min(rankAt(g + 0.25 * (dx - dy), 0), rankAt(g - 0.25 * (dx - dy), 0)));
}
// Whether a place of the next cell, the one that is cut to the budget, is inside: its pixels nearest to its middle are.
// While the middle is not known (a moving slider) the answer is: unknown.
bool inCut(vec2 g, bool unknown) {
  if (u_cut.w < 0.0) return unknown;
  vec2 texel = u_overview == 1 ? g / vec2(u_size) : (floor(g) + 0.5) / vec2(u_size);
  float phi = radians(u_latitude.x - texel.y * u_latitude.y), lambda = radians(u_longitude.x + texel.x * u_longitude.y);
  vec3 away = vec3(cos(phi) * cos(lambda), cos(phi) * sin(lambda), sin(phi)) - u_cut.xyz;
  return length(away) <= u_cut.w + (u_overview == 1 ? 0.0015 : 0.0);
}
bool inside(vec2 g, int level) {
  float r = rankAt(g, level);
  return r < u_n.x || (r == u_n.x && u_share > 0.0 && inCut(g, true));
}
vec4 premultiplied(vec4 color) { return vec4(color.rgb * color.a, color.a) * u_opacity; }
vec4 heat(float r) {
  int width = textureSize(u_probability, 0).x, i = int(r);
  float warmth = 1.0 - texelFetch(u_probability, ivec2(i % width, i / width), 0).r / u_least;
  return warmth <= 0.0 ? vec4(0.0) : premultiplied(texture(u_ramp, vec2(warmth, 0.5)));
}
vec4 contours(vec2 g, vec2 dx, vec2 dy, int level) { // the share of a neighborhood that lies inside, for three regions
  vec3 inside = vec3(0.0); float total = 0.0;
  for (int j = -2; j <= 2; j++) for (int i = -2; i <= 2; i++) {
    float weight = exp(-0.35 * float(i * i + j * j));
    inside += weight * vec3(lessThan(vec3(rankAt(g + 1.7 * (float(i) * dx + float(j) * dy), level)), u_n));
    total += weight;
  }
  inside /= total;
  vec3 line = 1.0 - smoothstep(vec3(0.08), vec3(0.24), abs(inside - 0.5));
  float depth = dot(step(0.5, inside), vec3(0.13, 0.11, 0.09)), edge = max(line.x, max(0.8 * line.y, 0.6 * line.z));
  return premultiplied(mix(vec4(u_fill.rgb, depth), u_line, edge));
}
void main() {
  if (gl_FragCoord.x < u_clip.x || gl_FragCoord.x >= u_clip.y) discard;
  vec2 g = place() * vec2(u_size);
  vec2 dx = dFdx(v_uv) * vec2(u_size), dy = dFdy(v_uv) * vec2(u_size);
  float per = max(length(dx), length(dy)); // texels in a screen pixel
  int level = u_overview == 1 ? clamp(int(floor(log2(max(per, 1.0)) + 0.3)), 0, u_levels) : 0;
  if (u_mode == COLORS) { fragment = premultiplied(texelFetch(u_colors, slot(int(idAt(g, 0))), 0)); return; }
  if (u_mode == CONTOURS) { fragment = contours(g, dx, dy, level); return; }
  float r = lowest(g, dx, dy, level, per), n = u_n.x;
  if (u_mode == HEAT) {
    if (u_overview == 1) // glows onto the neighbors: a single hot tile is seen on the whole globe
      r = min(r, min(min(rankAt(g + dx, level), rankAt(g - dx, level)), min(rankAt(g + dy, level), rankAt(g - dy, level))));
    fragment = heat(r);
    return;
  }
  bool striped = mod(gl_FragCoord.x + gl_FragCoord.y, 8.0) < 8.0 * u_share;
  if (r < n || (r == n && u_share > 0.0 && inCut(g, striped))) { fragment = premultiplied(u_fill); return; }
  vec2 ax = dx * u_thickness, ay = dy * u_thickness, c1 = 0.7 * (ax + ay), c2 = 0.7 * (ax - ay);
  bool near = inside(g + ax, level) || inside(g - ax, level) || inside(g + ay, level) || inside(g - ay, level)
    || inside(g + c1, level) || inside(g - c1, level) || inside(g + c2, level) || inside(g - c2, level);
  if (!near) discard;
  fragment = premultiplied(u_line);
}`;
