import { describe, expect, test } from "vitest";
import {
  flowProblem,
  followFlow,
  type Integrator,
  optimum,
  type Pair,
  parameterFlow,
  velocity,
} from "./parameter-flow.ts";

const problem = flowProblem(0);

/** The loss, written again from its definition. */
function loss(theta: Pair, gamma: number): number {
  const { first, second, labels, decay } = problem;
  const losses = Array.from(labels, (label, i) => {
    const x = [0, 1].map((j) => (1 - gamma) * first[2 * i + j]! + gamma * second[2 * i + j]!);
    const margin = (2 * label - 1) * (theta[0] * x[0]! + theta[1] * x[1]!);
    return Math.log1p(Math.exp(-margin));
  });
  return losses.reduce((a, b) => a + b) / labels.length + (decay / 2) * (theta[0] ** 2 + theta[1] ** 2);
}

test.each([0, 0.4, 1])("the optimum has a smaller loss than its surroundings (gamma %d)", (gamma) => {
  const theta = optimum(problem, gamma);
  for (const angle of [0, 1, 2, 3, 4, 5, 6]) {
    const near: Pair = [theta[0] + 1e-3 * Math.cos(angle), theta[1] + 1e-3 * Math.sin(angle)];
    expect(loss(near, gamma)).toBeGreaterThan(loss(theta, gamma));
  }
});

test.each([0.1, 0.5, 0.9])("eq. 12 is the derivative of the optimum (gamma %d)", (gamma) => {
  const h = 1e-5;
  const [before, after] = [optimum(problem, gamma - h), optimum(problem, gamma + h)];
  const v = velocity(problem, optimum(problem, gamma), gamma);
  expect(v[0]).toBeCloseTo((after[0] - before[0]) / (2 * h), 6);
  expect(v[1]).toBeCloseTo((after[1] - before[1]) / (2 * h), 6);
});

describe.each([0, 1, 2])("eq. 15 with seed %d", (seed) => {
  const { start, end, rows } = parameterFlow(flowProblem(seed));

  test.each([
    ["euler", 1, 0.01],
    ["midpoint", 2, 1e-5],
  ] as [Integrator, number, number][])("%s arrives at theta*(D2) with order %d", (integrator, order, last) => {
    const own = rows.filter((row) => row.integrator === integrator);
    expect(own.map(({ steps }) => steps)).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256]);
    for (const row of own.filter(({ steps }) => steps >= 64)) expect(Math.abs(row.order! - order)).toBeLessThan(0.1);
    expect(own[0]).not.toHaveProperty("order");
    expect(own.at(-1)!.error).toBeLessThan(last);
    expect(own.at(-1)!.expectedOrder).toBe(order);
  });

  test("the way is long enough to be a test", () => {
    expect(Math.hypot(end[0] - start[0], end[1] - start[1])).toBeGreaterThan(0.5);
  });
});

test("nothing moves where the data stay", () => {
  const still = { ...problem, second: problem.first };
  const start = optimum(still, 0);
  expect(followFlow(still, start, 3, "midpoint")).toEqual(start);
});
