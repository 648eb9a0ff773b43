// How good a classifier is on pictures with known classes that it has never seen, and what it takes for what.
//
//   node examples/test-classifier.mjs CLASSIFIER FOLDER

import { evaluateFolder, loadClassifier } from "pudnet";

const [place = "out/fashion", folder = "samples/fashion-unseen"] = process.argv.slice(2);
const percent = (/** @type {number} */ share) => `${(100 * share).toFixed(1)} %`;

const { classifier, description } = await loadClassifier(place);
const evaluation = await evaluateFolder(classifier, folder, { description });
const { accuracy, interval, n, classes, confused, notes } = evaluation;
for (const note of notes) console.log(`note: ${note}`); // such as: the classifier was made from these very images

const [low, high] = interval;
console.log(`right: ${percent(accuracy)} of ${n} (95 % interval ${percent(low)} to ${percent(high)})`);
for (const [label, { right, n: all }] of classes.entries())
  console.log(`  ${classifier.classes[label]}: ${right} of ${all}`);
for (const { actual, predicted, count } of confused.slice(0, 3))
  console.log(`  ${count} x ${classifier.classes[actual]} taken for ${classifier.classes[predicted]}`);
