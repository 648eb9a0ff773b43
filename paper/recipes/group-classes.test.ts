import { expect, test } from "vitest";
import { CLASS_SPLITS } from "pudnet/datasets";
import { evaluationKey, evaluationGroup } from "pudnet/evaluation";
import { withinProtocol } from "./datasets.ts";
import { classesOfGroups } from "./group-classes.ts";

test("the classes are those of the groups that are evaluated", () => {
  const { test: names } = CLASS_SPLITS["cifar-100-set"];
  const protocol = withinProtocol("cifar-100-set", 30);
  const found = classesOfGroups(protocol, 30)!;
  // a data set of 40 classes, every second a test class, with as many images as a group takes
  const each = protocol.generation + protocol.test;
  const positions = Array.from({ length: 40 }, (_, c) => Array.from({ length: each }, (__, i) => c * each + i));
  const pool = { positions, classes: names.map((_, i) => 2 * i) };
  const classes = positions.map((_, c) => String(c));
  const dataset = { name: "", side: 0, images: new Uint8Array(), labels: new Uint16Array(), classes };
  found.forEach((drawn, group) => {
    const pair = evaluationGroup({ dataset, pool }, protocol, evaluationKey(protocol.seed), group);
    expect(drawn.map((i) => 2 * i)).toEqual(pair.classes);
  });
});

test("groups of all classes, and of splits that we do not know, have none to choose from", () => {
  expect(classesOfGroups(withinProtocol("fashion-set", 9), 9)).toBeUndefined();
  expect(classesOfGroups({ ...withinProtocol("cifar-100-set", 9), classes: "all" }, 9)).toBeUndefined();
  expect(classesOfGroups({ ...withinProtocol("cifar-100-set", 9), classes: { testOf: "x.json" } }, 9)).toBeUndefined();
});
