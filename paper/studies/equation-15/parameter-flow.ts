// Eq. 12 to 15 in numbers: the optimal parameters theta*(D) follow the data along a differential equation. A logistic model
// of two parameters, data D(gamma) = (1 - gamma) D1 + gamma D2 with the same labels: integrating eq. 15 from theta*(D1) must
// arrive at theta*(D2) as found directly, and the error must fall with the number of steps as the integrator's order says.

import { fold, key, normal, uniform, UserError } from "pudnet/engine";

export type Pair = readonly [number, number];

export interface FlowProblem {
  /** D1 and D2, [n, 2] each. */
  readonly first: Float64Array;
  readonly second: Float64Array;
  /** [n], 0 or 1. */
  readonly labels: Uint8Array;
  /** Weight of |theta|² / 2 in the loss: with it the Hessian is regular whatever the data. */
  readonly decay: number;
}

/** Steps of order 1 and of order 2. */
export type Integrator = "euler" | "midpoint";
const ORDER_OF: Readonly<Record<Integrator, number>> = { euler: 1, midpoint: 2 };

export interface FlowRow {
  readonly integrator: Integrator;
  readonly steps: number;
  /** |theta arrived at - theta*(D2)| */
  readonly error: number;
  /** log of the error's ratio to that of the row before, by the ratio of the steps; absent in an integrator's first row. */
  readonly order?: number;
  /** What `order` tends to. */
  readonly expectedOrder: number;
}

export interface ParameterFlow {
  /** theta*(D1), theta*(D2) */
  readonly start: Pair;
  readonly end: Pair;
  readonly rows: readonly FlowRow[];
}

const STEPS: readonly number[] = [1, 2, 4, 8, 16, 32, 64, 128, 256];

/**
 * The whole demonstration.
 * @example parameterFlow(flowProblem(0)).rows.at(-1)!.error < 1e-5 // true: midpoint, 256 steps
 */
export function parameterFlow(problem: FlowProblem): ParameterFlow {
  const [start, end] = [optimum(problem, 0), optimum(problem, 1)];
  const rows = (Object.keys(ORDER_OF) as Integrator[]).flatMap((integrator) => {
    const errors = STEPS.map((steps) => distance(followFlow(problem, start, steps, integrator), end));
    return STEPS.map((steps, i): FlowRow => {
      const row = { integrator, steps, error: errors[i]!, expectedOrder: ORDER_OF[integrator] };
      if (i === 0) return row;
      return { ...row, order: Math.log(errors[i - 1]! / errors[i]!) / Math.log(steps / STEPS[i - 1]!) };
    });
  });
  return { start, end, rows };
}

/** Two overlapping classes in D1; D2 is D1 turned by an angle, stretched, and with noise of its own. */
export function flowProblem(seed: number): FlowProblem {
  const source = fold(key(seed), "parameter flow");
  const labels = Uint8Array.from(uniform(fold(source, "labels"), IMAGES), (u) => (u < 0.5 ? 0 : 1));
  const noise = normal(fold(source, "first"), 2 * IMAGES);
  const first = noise.map((z, at) => z + (labels[at >> 1]! - 0.5) * (at % 2 === 0 ? 2 : 1));
  const own = normal(fold(source, "second"), 2 * IMAGES, 0.3);
  const [cos, sin] = [Math.cos(ANGLE), Math.sin(ANGLE)];
  const second = own.map((z, at) => {
    const [x, y] = [first[at & ~1]!, first[at | 1]!];
    return z + STRETCH * (at % 2 === 0 ? cos * x - sin * y : sin * x + cos * y);
  });
  return { first, second, labels, decay: DECAY };
}
const IMAGES = 200;
const DECAY = 0.01;
const ANGLE = Math.PI / 3;
const STRETCH = 1.5;

/** Derivatives of the loss at theta: mean cross entropy of sigmoid(theta x) plus decay |theta|² / 2. */
interface Derivatives {
  readonly gradient: Pair;
  /** Eq. 13; f = theta x is linear in theta, so its second term is zero. */
  readonly hessian: Symmetric;
  /** Eq. 14 in the direction D2 - D1. */
  readonly mixed: Pair;
}

/** [a, b, c] of the matrix a b / b c. */
type Symmetric = readonly [number, number, number];

function derivatives({ first, second, labels, decay }: FlowProblem, theta: Pair, gamma: number): Derivatives {
  const n = labels.length;
  const gradient: [number, number] = [decay * theta[0], decay * theta[1]];
  const hessian: [number, number, number] = [decay, 0, decay];
  const mixed: [number, number] = [0, 0];
  for (let i = 0; i < n; i++) {
    const [dx, dy] = [second[2 * i]! - first[2 * i]!, second[2 * i + 1]! - first[2 * i + 1]!];
    const [x, y] = [first[2 * i]! + gamma * dx, first[2 * i + 1]! + gamma * dy];
    const probability = 1 / (1 + Math.exp(-(theta[0] * x + theta[1] * y)));
    const slope = (probability - labels[i]!) / n; // dL/df
    const curvature = (probability * (1 - probability)) / n; // d²L/df²
    gradient[0] += slope * x;
    gradient[1] += slope * y;
    hessian[0] += curvature * x * x;
    hessian[1] += curvature * x * y;
    hessian[2] += curvature * y * y;
    const change = curvature * (theta[0] * dx + theta[1] * dy); // d²L/df² df/dD (D2 - D1)
    mixed[0] += change * x + slope * dx;
    mixed[1] += change * y + slope * dy;
  }
  return { gradient, hessian, mixed };
}

/** theta*(D(gamma)) by Newton's method: the loss is strictly convex. */
export function optimum(problem: FlowProblem, gamma: number): Pair {
  let theta: Pair = [0, 0];
  for (let i = 0; i < NEWTON_STEPS; i++) {
    const { gradient, hessian } = derivatives(problem, theta, gamma);
    const step = solved(hessian, gradient);
    theta = along(theta, step, -1);
    if (Math.hypot(...step) < 1e-14 * (1 + Math.hypot(...theta))) return theta;
  }
  throw new UserError(`Newton's method did not settle in ${NEWTON_STEPS} steps`, { hint: "use a larger decay" });
}
const NEWTON_STEPS = 50;

/** Eq. 12 solved for d theta / d gamma = -H⁻¹ (d²L / dtheta dD) (D2 - D1), at any theta. */
export function velocity(problem: FlowProblem, theta: Pair, gamma: number): Pair {
  const { hessian, mixed } = derivatives(problem, theta, gamma);
  return along([0, 0], solved(hessian, mixed), -1);
}

/** Eq. 15: theta at gamma = 1, from theta at gamma = 0, in equal steps. No step corrects the error of those before. */
export function followFlow(problem: FlowProblem, start: Pair, steps: number, integrator: Integrator): Pair {
  const size = 1 / steps;
  let theta = start;
  for (let i = 0; i < steps; i++) {
    let v = velocity(problem, theta, i * size);
    if (integrator === "midpoint") v = velocity(problem, along(theta, v, size / 2), (i + 0.5) * size);
    theta = along(theta, v, size);
  }
  return theta;
}

const along = (from: Pair, direction: Pair, length: number): Pair => [
  from[0] + length * direction[0],
  from[1] + length * direction[1],
];
const distance = (a: Pair, b: Pair): number => Math.hypot(a[0] - b[0], a[1] - b[1]);
const solved = ([a, b, c]: Symmetric, [p, q]: Pair): Pair => {
  const determinant = a * c - b * b;
  return [(c * p - b * q) / determinant, (a * q - b * p) / determinant];
};
