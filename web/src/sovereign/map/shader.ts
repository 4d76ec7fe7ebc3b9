/**
 * How the map is painted: ground like an old atlas, land in its owner's colour, borders where two owners meet. Between the
 * middles of tiles an owner's weight fades from one to the next, and in time from the owner before to the owner now; the
 * border lies where two weights are equal. So coasts are round and fronts flow, whatever the zoom.
 */
import { FLOW_UNIT_MS, STAMP_MS, STAMPS } from "./owners";
import { HIDDEN, WATER } from "./palette";

export const VERTEX = `#version 300 es
in vec2 aPosition;
out vec2 vTile;
uniform mat3 uProjectionMatrix;
uniform mat3 uWorldTransformMatrix;
uniform mat3 uTransformMatrix;
void main() {
  mat3 place = uProjectionMatrix * uWorldTransformMatrix * uTransformMatrix;
  gl_Position = vec4((place * vec3(aPosition, 1.0)).xy, 0.0, 1.0);
  vTile = aPosition;
}
`;

export const FRAGMENT = `#version 300 es
precision highp float;
precision highp int;
precision highp usampler2D;
in vec2 vTile;
out vec4 finalColor;
uniform usampler2D uOwners;
uniform sampler2D uGround;
uniform sampler2D uPalette;
uniform vec2 uSize;
uniform float uScale;
uniform float uNow;
uniform float uFlow;
uniform float uHover;
uniform float uThick;

const uint WATER = ${WATER}u;
const uint HIDDEN = ${HIDDEN}u;

uint wordAt(ivec2 at) {
  return texelFetch(uOwners, clamp(at, ivec2(0), ivec2(uSize) - 1), 0).r;
}

float settled(uint word) {
  float age = mod(uNow - float((word >> 20) & ${STAMPS - 1}u) + ${STAMPS}.0, ${STAMPS}.0);
  float flow = float(word >> 28) * ${(FLOW_UNIT_MS / STAMP_MS).toFixed(1)} * uFlow;
  return clamp(age / max(flow, 0.01), 0.0, 1.0);
}

uint shownAt(ivec2 at) {
  uint word = wordAt(at);
  return settled(word) < 0.5 ? (word >> 10) & 1023u : word & 1023u;
}

/** Whose weight is the most among the four tiles around, and by how much. */
void weigh(uint words[4], vec2 part, inout uint here, inout uint other, inout float away) {
  float shares[4];
  shares[0] = (1.0 - part.x) * (1.0 - part.y);
  shares[1] = part.x * (1.0 - part.y);
  shares[2] = (1.0 - part.x) * part.y;
  shares[3] = part.x * part.y;
  uint who[8];
  float weight[8];
  for (int i = 0; i < 4; i++) {
    float now = settled(words[i]);
    who[i] = words[i] & 1023u;
    weight[i] = shares[i] * now;
    who[i + 4] = (words[i] >> 10) & 1023u;
    weight[i + 4] = shares[i] * (1.0 - now);
  }
  float sums[8];
  float most = -1.0;
  for (int i = 0; i < 8; i++) {
    float sum = 0.0;
    for (int j = 0; j < 8; j++) sum += who[j] == who[i] ? weight[j] : 0.0;
    sums[i] = sum;
    if (sum > most) { most = sum; here = who[i]; }
  }
  float next = 0.0;
  for (int i = 0; i < 8; i++) {
    if (who[i] != here && sums[i] > next) { next = sums[i]; other = who[i]; }
  }
  if (next > 0.0) away = (most - next) * 0.5 * uScale;
}

/** The owner here, the next one, and how many pixels away the border to it is. */
void look(out uint here, out uint other, out float away) {
  away = 1e3;
  if (uScale < 1.6) {
    ivec2 at = ivec2(floor(vTile));
    here = shownAt(at);
    other = here;
    int reach = int(max(1.0, ceil(0.8 / uScale)));
    uint right = shownAt(at + ivec2(reach, 0));
    uint down = shownAt(at + ivec2(0, reach));
    if (right != here) other = right;
    if (down != here) other = down;
    if (other != here) away = 0.4;
    return;
  }
  vec2 place = vTile - 0.5;
  ivec2 corner = ivec2(floor(place));
  vec2 part = fract(place);
  part = mix(part, part * part * (3.0 - 2.0 * part), 0.25);
  uint words[4];
  words[0] = wordAt(corner);
  words[1] = wordAt(corner + ivec2(1, 0));
  words[2] = wordAt(corner + ivec2(0, 1));
  words[3] = wordAt(corner + ivec2(1, 1));
  here = words[0] & 1023u;
  other = here;
  uint alike = words[0] & 1048575u;
  bool mixed = alike != (here | (here << 10)) || (words[1] & 1048575u) != alike || (words[2] & 1048575u) != alike ||
    (words[3] & 1048575u) != alike;
  // A loop and no branch: where graphics are reckoned by the processor, only loops are left early.
  for (int once = 0; mixed && once < 1; once++) weigh(words, part, here, other, away);
}

vec3 landColour(vec4 ground) {
  float height = ground.r;
  vec3 low = vec3(0.80, 0.79, 0.62);
  vec3 mid = vec3(0.74, 0.69, 0.50);
  vec3 high = vec3(0.60, 0.53, 0.43);
  vec3 peak = vec3(0.95, 0.94, 0.91);
  vec3 colour = mix(low, mid, smoothstep(0.05, 0.35, height));
  colour = mix(colour, high, smoothstep(0.35, 0.70, height));
  return mix(colour, peak, smoothstep(0.78, 0.95, height)) * (0.98 + 0.04 * ground.a);
}

void main() {
  uint here;
  uint other;
  float away;
  look(here, other, away);
  vec4 ground = texture(uGround, vTile / uSize);
  float light = 0.62 + 0.76 * ground.g;
  vec3 ink = vec3(0.16, 0.12, 0.12);
  vec3 colour;
  if (here == WATER) {
    colour = mix(vec3(0.56, 0.74, 0.75), vec3(0.36, 0.56, 0.63), smoothstep(0.02, 0.35, ground.b));
    colour = mix(colour, vec3(0.23, 0.40, 0.50), smoothstep(0.35, 1.0, ground.b));
    if (other != WATER) colour = mix(vec3(0.80, 0.88, 0.85), colour, smoothstep(0.0, 3.5, away));
  } else {
    colour = landColour(ground) * light;
    float stripe = step(fract((gl_FragCoord.x + gl_FragCoord.y) / 11.0), 0.36);
    if (here == HIDDEN) {
      colour = mix(colour, vec3(0.36, 0.37, 0.41), 0.72) * (0.94 + 0.06 * stripe);
    } else if (here > 0u) {
      vec4 owner = texelFetch(uPalette, ivec2(int(here), 0), 0);
      bool mine = owner.a > 0.9;
      bool foe = owner.a > 0.5 && !mine;
      bool ally = owner.a > 0.2 && owner.a < 0.5;
      vec3 tint = owner.rgb * (0.70 + 0.42 * ground.g + 0.10 * ground.r);
      colour = mix(colour, tint, mine ? 0.86 : 0.76);
      if (ally) colour = mix(colour, vec3(1.0), stripe * 0.26);
      if (float(here) == uHover) colour = mix(colour, vec3(1.0), 0.13);
      if (other != WATER && away < 40.0) {
        float thick = uThick * (mine ? 1.5 : foe ? 1.35 : 1.0);
        vec3 edge = mine ? vec3(1.0, 0.97, 0.90) : foe ? vec3(0.09, 0.03, 0.05) : owner.rgb * 0.46;
        colour = mix(edge, colour, smoothstep(thick * 0.6, thick * 1.25, away));
        // A soft shade inside the border gives land a body.
        colour *= mix(0.86, 1.0, smoothstep(0.0, 7.0, away));
      }
    }
    if (other == WATER) colour = mix(ink, colour, smoothstep(0.5, 1.5, away));
  }
  finalColor = vec4(colour, 1.0);
}
`;
