// The parts of an exported C file that are the same for all classifiers, after its tables: no allocation, no library.

export const C_CODE = String.raw`
/* The nearest whole number, halves to the even one. */
static int32_t nearest(float x) {
  if (x < -1000.0f) return -1000;
  if (x > 1000.0f) return 1000;
  int32_t whole = (int32_t)x;
  float rest = x - (float)whole;
  if (rest > 0.5f || (rest == 0.5f && (whole & 1))) whole++;
  if (rest < -0.5f || (rest == -0.5f && (whole & 1))) whole--;
  return whole;
}

static int32_t cut(int32_t x, int32_t low, int32_t high) { return x < low ? low : x > high ? high : x; }

/* One value: a sum of products and bias, in the units of what is made, after addition and ReLU. */
static uint8_t finished(const step *s, int32_t sum, int32_t channel, int32_t at) {
  int32_t value = nearest((float)sum * s->scale[channel]);
  if (!s->adds) return (uint8_t)(s->relu ? cut(value, 0, 255) : cut(value, -128, 127) + 128);
  int32_t other = (int32_t)arena[s->add + at] - s->add_zero;
  return (uint8_t)cut(nearest((float)cut(value, -128, 127) * s->own_unit + (float)other * s->add_unit), 0, 255);
}

static void convolve(const step *s) {
  const uint8_t *x = arena + s->from;
  int32_t places = (s->side + 2 * s->padding - s->kernel) / s->stride + 1;
  int32_t line = s->kernel * s->in;
  for (int32_t place = 0; place < places * places; place++) {
    int32_t top = place / places * s->stride - s->padding;
    int32_t left = place % places * s->stride - s->padding;
    int32_t first = left < 0 ? -left : 0;
    int32_t last = left + s->kernel > s->side ? s->side - left : s->kernel;
    int32_t count = (last - first) * s->in;
    for (int32_t channel = 0; channel < s->out; channel++) {
      int32_t sum = s->bias[channel];
      for (int32_t row = 0; row < s->kernel; row++) {
        if (top + row < 0 || top + row >= s->side) continue;
        const uint8_t *p = x + ((top + row) * s->side + left + first) * s->in;
        const int8_t *w = s->weight + (channel * s->kernel + row) * line + first * s->in;
        for (int32_t i = 0; i < count; i++) sum += (p[i] - s->zero) * w[i];
      }
      int32_t at = place * s->out + channel;
      arena[s->to + at] = finished(s, sum, channel, at);
    }
  }
}

/* In place: what is written was read before. */
static void pool(const step *s) {
  uint8_t *x = arena + s->to;
  int32_t side = (s->side + 2 * s->padding - s->kernel) / s->stride + 1;
  int32_t places = (side + 2 * s->pool_padding - s->pool_kernel) / s->pool_stride + 1;
  for (int32_t place = 0; place < places * places; place++) {
    int32_t top = place / places * s->pool_stride - s->pool_padding;
    int32_t left = place % places * s->pool_stride - s->pool_padding;
    for (int32_t channel = 0; channel < s->out; channel++) {
      uint8_t most = 0;
      for (int32_t row = top < 0 ? 0 : top; row < top + s->pool_kernel && row < side; row++) {
        for (int32_t column = left < 0 ? 0 : left; column < left + s->pool_kernel && column < side; column++) {
          uint8_t value = x[(row * side + column) * s->out + channel];
          if (value > most) most = value;
        }
      }
      x[place * s->out + channel] = most;
    }
  }
}

/* e to the power of x, which is not above 0. */
static float power(float x) {
  if (x < -80.0f) return 0.0f;
  int32_t halvings = (int32_t)(0.5f - x * 1.44269504f);
  float r = x + (float)halvings * 0.693359375f - (float)halvings * 2.12194440e-4f;
  float sum = 1.0f;
  for (int i = 7; i > 0; i--) sum = 1.0f + sum * r / (float)i;
  for (; halvings > 0; halvings--) sum *= 0.5f;
  return sum;
}
`;

/** For readouts by means. */
export const C_MEAN = String.raw`
/* The mean of a channel over size x size places. */
static float mean(const uint8_t *x, int32_t side, int32_t channels, int32_t top, int32_t left, int32_t size) {
  int32_t sum = 0;
  for (int32_t row = top; row < top + size; row++) {
    for (int32_t column = left; column < left + size; column++) sum += x[(row * side + column) * channels];
  }
  return (float)sum / (float)(size * size);
}
`;

/** For heads with a centre. */
export const C_ROOT = String.raw`
/* Newton's square root. */
static float root(float x) {
  float r = x > 1.0f ? x : 1.0f;
  for (int i = 0; i < 64; i++) r = 0.5f * (r + x / r);
  return r;
}
`;
