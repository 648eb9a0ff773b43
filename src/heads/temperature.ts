// The temperature of the metric classifier (tau of eq. 7), fitted after the prediction so that scores mean what they say.

export interface TemperatureFit {
  readonly temperature: number;
  /** Mean negative log-likelihood of the (smoothed) labels at that temperature. */
  readonly loss: number;
}

const SMALLEST = 0.1;
const LARGEST = 1000;

/**
 * The temperature that makes labels most likely under softmax(temperature * cosines): cosines [n, ways], labels [n].
 * The likelihood is log-concave in the temperature, so a golden-section search finds it. Labels are smoothed by Laplace's
 * rule (the right class counts (n + 1) / (n + ways)): a few images without a mistake must not give full certainty. There
 * must be at least one image.
 */
export function fitTemperature(cosines: Float32Array, labels: ArrayLike<number>, ways: number): TemperatureFit {
  const at = (logTemperature: number): number => smoothedLoss(cosines, labels, ways, Math.exp(logTemperature));
  const golden = (Math.sqrt(5) - 1) / 2;
  let [low, high] = [Math.log(SMALLEST), Math.log(LARGEST)];
  let [a, b] = [high - golden * (high - low), low + golden * (high - low)];
  let [lossA, lossB] = [at(a), at(b)];
  while (high - low > 1e-4) {
    if (lossA < lossB) {
      [high, b, lossB] = [b, a, lossA];
      a = high - golden * (high - low);
      lossA = at(a);
    } else {
      [low, a, lossA] = [a, b, lossB];
      b = low + golden * (high - low);
      lossB = at(b);
    }
  }
  const temperature = Math.exp((low + high) / 2);
  return { temperature, loss: smoothedLoss(cosines, labels, ways, temperature) };
}

function smoothedLoss(cosines: Float32Array, labels: ArrayLike<number>, ways: number, temperature: number): number {
  const n = labels.length;
  const wrong = 1 / (n + ways);
  const right = 1 - (ways - 1) * wrong;
  let total = 0;
  for (let from = 0; from < n * ways; from += ways) {
    let largest = -1;
    for (let at = from; at < from + ways; at++) largest = Math.max(largest, cosines[at]!);
    let sum = 0;
    let mean = 0;
    for (let at = from; at < from + ways; at++) {
      sum += Math.exp(temperature * (cosines[at]! - largest));
      mean += wrong * (cosines[at]! - largest);
    }
    mean += (right - wrong) * (cosines[from + labels[from / ways]!]! - largest);
    total += Math.log(sum) - temperature * mean;
  }
  return total / n;
}

/** softmax(temperature * cosines) of each row, [n, ways]. */
export function probabilities(cosines: Float32Array, ways: number, temperature: number): Float32Array {
  const out = new Float32Array(cosines.length);
  for (let from = 0; from < cosines.length; from += ways) {
    const row = cosines.subarray(from, from + ways);
    const largest = row.reduce((most, value) => Math.max(most, value), -1);
    const powers = Array.from(row, (value) => Math.exp(temperature * (value - largest)));
    const sum = powers.reduce((total, power) => total + power, 0);
    powers.forEach((power, way) => (out[from + way] = power / sum));
  }
  return out;
}
