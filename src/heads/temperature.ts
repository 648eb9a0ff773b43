// The temperature of the metric classifier (tau of eq. 7), fitted after the prediction so that scores mean what they say.

export interface TemperatureFit {
  readonly temperature: number;
  /** Mean negative log-likelihood of the (smoothed) labels at that temperature. */
  readonly loss: number;
}

const SMALLEST = 0.1;
const LARGEST = 1000;

/** Of the temperature itself. */
const PRECISION = 1e-5;
/** Newton's steps are a handful; halving alone, in which it may fall back, takes about half as many as this. */
const MOST_STEPS = 40;

/**
 * The temperature that makes labels most likely under softmax(temperature * scores): scores [n, ways], such as cosines, labels [n].
 * The loss is convex in the temperature, so Newton's method finds where its slope is zero, kept between what is known to lie
 * below and above. Labels are smoothed by Laplace's rule (the right class counts (n + 1) / (n + ways)): a few images without a
 * mistake must not give full certainty. There must be at least one image.
 */
export function fitTemperature(scores: Float32Array, labels: ArrayLike<number>, ways: number): TemperatureFit {
  const at = (temperature: number): SmoothedLoss => smoothedLoss(scores, labels, ways, temperature);
  let [low, high] = [SMALLEST, LARGEST];
  let temperature = Math.sqrt(low * high);
  for (let step = 0; step < MOST_STEPS; step++) {
    const { slope, curvature } = at(temperature);
    if (slope > 0) high = temperature;
    else low = temperature;
    const newton = temperature - slope / curvature;
    const next = newton > low && newton < high ? newton : Math.sqrt(low * high);
    const isThere = Math.abs(next - temperature) <= PRECISION * temperature;
    temperature = next;
    if (isThere) break;
  }
  return { temperature, loss: at(temperature).loss };
}

interface SmoothedLoss {
  readonly loss: number;
  /** Derivatives of the loss by the temperature. */
  readonly slope: number;
  readonly curvature: number;
}

function smoothedLoss(
  scores: Float32Array,
  labels: ArrayLike<number>,
  ways: number,
  temperature: number,
): SmoothedLoss {
  const n = labels.length;
  const wrong = 1 / (n + ways);
  const right = 1 - (ways - 1) * wrong;
  let [loss, slope, curvature] = [0, 0, 0];
  for (let from = 0; from < n * ways; from += ways) {
    let largest = -Infinity;
    for (let at = from; at < from + ways; at++) largest = Math.max(largest, scores[at]!);
    let [sum, first, second] = [0, 0, 0]; // of powers, and of these times the score and its square
    let mean = 0;
    for (let at = from; at < from + ways; at++) {
      const score = scores[at]! - largest;
      const power = Math.exp(temperature * score);
      sum += power;
      first += power * score;
      second += power * score * score;
      mean += wrong * score;
    }
    mean += (right - wrong) * (scores[from + labels[from / ways]!]! - largest);
    const expected = first / sum;
    loss += Math.log(sum) - temperature * mean;
    slope += expected - mean;
    curvature += second / sum - expected * expected;
  }
  return { loss: loss / n, slope: slope / n, curvature: curvature / n };
}

/** softmax(temperature * scores) of each row, [n, ways]. */
export function probabilities(scores: Float32Array, ways: number, temperature: number): Float32Array {
  const out = new Float32Array(scores.length);
  for (let from = 0; from < scores.length; from += ways) {
    const row = scores.subarray(from, from + ways);
    const largest = row.reduce((most, value) => Math.max(most, value), -Infinity);
    const powers = Array.from(row, (value) => Math.exp(temperature * (value - largest)));
    const sum = powers.reduce((total, power) => total + power, 0);
    powers.forEach((power, way) => (out[from + way] = power / sum));
  }
  return out;
}
