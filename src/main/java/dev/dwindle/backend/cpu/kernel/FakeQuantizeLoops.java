package dev.dwindle.backend.cpu.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;

/**
 * Loops of fake quantization and its gradient: over a run of elements that share a scale, and over a row whose every element has its own. The ends are those of
 * the integer type less the zero point: whole numbers, so that it is the same to clamp before rounding.
 */
public final class FakeQuantizeLoops {
  private static final float ROUND = ByteLoops.ROUND;
  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
  private static final int LANES = SPECIES.length();

  private final int low;
  private final int high;

  /** Loops for an integer type of these ends. */
  public FakeQuantizeLoops(int low, int high) {
    this.low = low;
    this.high = high;
  }

  /** {@code n} elements of one scale. */
  public void run(float[] x, int xo, float[] y, int yo, int n, float scale, float zero) {
    float least = low - zero;
    float most = high - zero;
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      FloatVector v = FloatVector.fromArray(SPECIES, x, xo + i).div(scale).max(least).min(most);
      v.add(ROUND).sub(ROUND).mul(scale).intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      float v = Math.min(Math.max(x[xo + i] / scale, least), most);
      y[yo + i] = (v + ROUND - ROUND) * scale;
    }
  }

  /** {@code n} elements, each of its own scale. */
  public void each(float[] x, int xo, float[] y, int yo, int n, Slice scales, Slice zeros) {
    float[] scale = scales.array();
    float[] zero = zeros.array();
    int so = scales.offset();
    int zo = zeros.offset();
    for (int i = 0; i < n; i++) {
      float v = Math.min(Math.max(x[xo + i] / scale[so + i], low - zero[zo + i]), high - zero[zo + i]);
      y[yo + i] = (v + ROUND - ROUND) * scale[so + i];
    }
  }

  /**
   * The gradient of {@code n} elements of one scale.
   *
   * @param g of the output
   * @param to where the input's goes; may be g
   * @return what they add to the scale's, before the share
   */
  public float runGradient(Slice x, Slice g, Slice to, int n, float scale, float zero) {
    float least = low - zero;
    float most = high - zero;
    FloatVector sums = FloatVector.zero(SPECIES);
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      FloatVector v = FloatVector.fromArray(SPECIES, x.array(), x.offset() + i).div(scale);
      FloatVector slope = FloatVector.fromArray(SPECIES, g.array(), g.offset() + i);
      FloatVector end = v.max(least).min(most);
      VectorMask<Float> inside = end.eq(v);
      FloatVector zeros = FloatVector.zero(SPECIES);
      FloatVector factor = end.add(ROUND).sub(ROUND).sub(zeros.blend(end, inside));
      sums = sums.add(slope.mul(factor));
      zeros.blend(slope, inside).intoArray(to.array(), to.offset() + i);
    }
    float sum = LaneSum.of(sums);
    for (; i < n; i++) {
      float v = x.array()[x.offset() + i] / scale;
      float slope = g.array()[g.offset() + i];
      float end = Math.min(Math.max(v, least), most);
      sum += slope * factor(v, end);
      to.array()[to.offset() + i] = end == v ? slope : 0;
    }
    return sum;
  }

  /** What an element's gradient is times for the scale: the error of rounding, or the end. */
  private static float factor(float v, float end) {
    return end + ROUND - ROUND - (end == v ? end : 0);
  }

  /** The gradient of a row of {@code n} elements, each of its own scale; adds to the sums what they add to the scales'. */
  public void eachGradient(Slice x, Slice g, Slice to, int n, Slice scales, Slice zeros, Slice sums) {
    float[] in = x.array();
    float[] slopes = g.array();
    float[] out = to.array();
    for (int i = 0; i < n; i++) {
      float zero = zeros.array()[zeros.offset() + i];
      float v = in[x.offset() + i] / scales.array()[scales.offset() + i];
      float slope = slopes[g.offset() + i];
      float end = Math.min(Math.max(v, low - zero), high - zero);
      sums.array()[sums.offset() + i] += slope * factor(v, end);
      out[to.offset() + i] = end == v ? slope : 0;
    }
  }
}
