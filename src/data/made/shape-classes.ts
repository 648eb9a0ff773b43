// The table of shapes: a class is an outline, or several, as SVG paths about the origin within a circle of radius 1.

/** Parts of a shape, drawn one over the other; what is in `holes` shows the ground. */
export interface ShapeClass {
  readonly parts: readonly string[];
  readonly holes?: readonly string[];
}

type Point = readonly [x: number, y: number];

const one = (path: string): ShapeClass => ({ parts: [path] });
const all = (...parts: readonly string[]): ShapeClass => ({ parts });

/** A shape class a row. Names say what is drawn; turned and mirrored pictures are of the same class. */
export const SHAPE_CLASSES: Readonly<Record<string, ShapeClass>> = {
  disc: one(disc(0, 0, 0.9)),
  ellipse: one(ellipse(0, 0, 0.95, 0.45)),
  "half-disc": one(sector(180)),
  "quarter-disc": one(sector(90)),
  "three-quarter-disc": one(sector(270)),
  wedge: one(sector(45)),
  ring: { parts: [disc(0, 0, 0.9)], holes: [disc(0, 0, 0.55)] },
  "off-centre-ring": { parts: [disc(0, 0, 0.9)], holes: [disc(0.35, 0, 0.42)] },
  lens: one("M-0.95 0A1.15 1.15 0 0 1 0.95 0A1.15 1.15 0 0 1 -0.95 0Z"),
  drop: one("M0 -0.95C0.2 -0.4 0.65 0 0.65 0.35A0.65 0.6 0 0 1 -0.65 0.35C-0.65 0 -0.2 -0.4 0 -0.95Z"),
  stadium: one("M-0.5 -0.4H0.5A0.4 0.4 0 0 1 0.5 0.4H-0.5A0.4 0.4 0 0 1 -0.5 -0.4Z"),
  triangle: one(regular(3)),
  "thin-triangle": one("M0 -0.95L0.35 0.75L-0.35 0.75Z"),
  "right-triangle": one("M-0.7 -0.7L0.85 0.6L-0.7 0.6Z"),
  square: one(regular(4)),
  rectangle: one(box(0, 0, 1.7, 0.8)),
  bar: one(box(0, 0, 1.9, 0.3)),
  parallelogram: one("M-0.5 -0.45L0.95 -0.45L0.5 0.45L-0.95 0.45Z"),
  trapezium: one("M-0.4 -0.55L0.4 -0.55L0.9 0.55L-0.9 0.55Z"),
  kite: one("M0 -0.95L0.55 -0.3L0 0.95L-0.55 -0.3Z"),
  pentagon: one(regular(5)),
  hexagon: one(regular(6)),
  octagon: one(regular(8)),
  "three-pointed-star": one(star(3, 0.25)),
  "four-pointed-star": one(star(4, 0.35)),
  "five-pointed-star": one(star(5, 0.4)),
  "six-pointed-star": one(star(6, 0.55)),
  "eight-pointed-star": one(star(8, 0.5)),
  sun: one(star(14, 0.7)),
  flower: all(...around(6, 0.55).map(([x, y]) => disc(x, y, 0.36))),
  clover: all(...around(3, 0.45).map(([x, y]) => disc(x, y, 0.42))),
  "wheel-of-teeth": {
    parts: [disc(0, 0, 0.68), ...around(8, 0.72).map(([x, y]) => disc(x, y, 0.2))],
    holes: [disc(0, 0, 0.3)],
  },
  plus: all(box(0, 0, 1.8, 0.55), box(0, 0, 0.55, 1.8)),
  "T-shape": all(box(0, -0.55, 1.7, 0.5), box(0, 0.1, 0.5, 1.6)),
  "L-shape": all(box(-0.4, 0, 0.5, 1.7), box(0.1, 0.6, 1.4, 0.5)),
  "U-shape": all(box(-0.55, 0, 0.42, 1.5), box(0.55, 0, 0.42, 1.5), box(0, 0.6, 1.5, 0.42)),
  "S-shape": all(box(-0.3, -0.3, 1.1, 0.55), box(0.3, 0.25, 1.1, 0.55)),
  "H-shape": all(box(-0.6, 0, 0.4, 1.6), box(0.6, 0, 0.4, 1.6), box(0, 0, 1.2, 0.4)),
  arrow: all(box(-0.3, 0, 1.2, 0.35), "M0.2 -0.6L0.95 0L0.2 0.6Z"),
  "double-arrow": all(box(0, 0, 1, 0.3), "M0.4 -0.5L0.95 0L0.4 0.5Z", "M-0.4 -0.5L-0.95 0L-0.4 0.5Z"),
  chevron: one("M-0.6 -0.8L0 -0.8L0.65 0L0 0.8L-0.6 0.8L0.05 0Z"),
  bolt: one("M0.15 -0.95L-0.5 0.15L-0.05 0.15L-0.2 0.95L0.5 -0.25L0.05 -0.25Z"),
  frame: { parts: [box(0, 0, 1.5, 1.5)], holes: [box(0, 0, 0.9, 0.9)] },
  "disc-in-square-frame": { parts: [box(0, 0, 1.5, 1.5)], holes: [disc(0, 0, 0.5)] },
  "triangle-in-ring": { parts: [disc(0, 0, 0.95), regular(3, 0.5)], holes: [disc(0, 0, 0.72)] },
  target: { parts: [disc(0, 0, 0.95), disc(0, 0, 0.3)], holes: [disc(0, 0, 0.65)] },
  "square-in-ring": { parts: [disc(0, 0, 0.95), regular(4, 0.5)], holes: [disc(0, 0, 0.72)] },
  "star-in-disc": { parts: [disc(0, 0, 0.95)], holes: [star(5, 0.4, 0.7)] },
  "cross-in-square": { parts: [box(0, 0, 1.5, 1.5)], holes: [box(0, 0, 1.1, 0.32), box(0, 0, 0.32, 1.1)] },
  "two-discs": all(disc(-0.5, 0, 0.42), disc(0.5, 0, 0.42)),
  "big-and-small-disc": all(disc(-0.3, 0, 0.6), disc(0.68, 0, 0.25)),
  "three-discs-in-a-row": all(disc(-0.66, 0, 0.27), disc(0, 0, 0.27), disc(0.66, 0, 0.27)),
  "three-discs-in-a-triangle": all(...around(3, 0.58).map(([x, y]) => disc(x, y, 0.33))),
  "four-discs": all(...around(4, 0.65).map(([x, y]) => disc(x, y, 0.3))),
  "five-discs": all(disc(0, 0, 0.23), ...around(4, 0.75).map(([x, y]) => disc(x, y, 0.23))),
  "two-bars": all(box(0, -0.4, 1.6, 0.4), box(0, 0.4, 1.6, 0.4)),
  "three-bars": all(...[-0.6, 0, 0.6].map((y) => box(0, y, 1.5, 0.3))),
  "disc-and-square": all(disc(-0.5, 0, 0.42), box(0.5, 0, 0.76, 0.76)),
  "disc-on-bar": all(box(0, 0.5, 1.6, 0.32), disc(0, -0.2, 0.48)),
  "triangle-on-square": all(box(0, 0.35, 0.95, 0.95), "M0 -0.95L0.75 -0.2L-0.75 -0.2Z"),
};

function polygon(corners: readonly Point[]): string {
  return `M${corners.map(([x, y]) => `${rounded(x)} ${rounded(y)}`).join("L")}Z`;
}

/** Points evenly about the origin, the first above it. */
function around(count: number, radius: number): Point[] {
  return Array.from({ length: count }, (_, i): Point => {
    const angle = (2 * Math.PI * i) / count;
    return [radius * Math.sin(angle), -radius * Math.cos(angle)];
  });
}

function regular(corners: number, radius = 0.95): string {
  return polygon(around(corners, radius));
}

/** Every other corner lies `inner` times as far out. */
function star(points: number, inner: number, radius = 0.95): string {
  return polygon(around(2 * points, radius).map(([x, y], i): Point => (i % 2 === 0 ? [x, y] : [x * inner, y * inner])));
}

function box(x: number, y: number, width: number, height: number): string {
  const [w, h] = [width / 2, height / 2];
  return polygon([
    [x - w, y - h],
    [x + w, y - h],
    [x + w, y + h],
    [x - w, y + h],
  ]);
}

function disc(x: number, y: number, radius: number): string {
  return ellipse(x, y, radius, radius);
}

function ellipse(x: number, y: number, rx: number, ry: number): string {
  const arc = (to: number): string => `A${rx} ${ry} 0 1 1 ${rounded(to)} ${rounded(y)}`;
  return `M${rounded(x - rx)} ${rounded(y)}${arc(x + rx)}${arc(x - rx)}Z`;
}

/** A pie's piece of so many degrees. */
function sector(degrees: number): string {
  const angle = (Math.PI * degrees) / 180;
  const end = `${rounded(0.9 * Math.cos(angle))} ${rounded(0.9 * Math.sin(angle))}`;
  return `M0 0L0.9 0A0.9 0.9 0 ${degrees > 180 ? 1 : 0} 1 ${end}Z`;
}

/** Short paths, the same on every machine: the last digits of sines are not. */
function rounded(value: number): string {
  return String(Math.round(value * 1e4) / 1e4);
}
