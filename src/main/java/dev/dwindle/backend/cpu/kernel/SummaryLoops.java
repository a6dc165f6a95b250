package dev.dwindle.backend.cpu.kernel;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** The smallest and the largest of some floats and the means of their planes, all in one reading. */
public final class SummaryLoops {
  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
  private static final int LANES = SPECIES.length();

  /** Floats of scratch: the smallest and the largest so far in each lane, and the sums of a block. */
  public static final int SCRATCH = 3 * LANES;

  private SummaryLoops() {}

  /**
   * Writes the smallest and the largest of {@code planes * plane} floats, of which a NaN is either.
   *
   * @param y takes two floats
   * @param means takes the mean of each plane; null for none
   * @param planeEnds takes the smallest of each plane, then the largest of each; null for none
   * @param scratch {@link #SCRATCH} floats
   */
  public static void run(Slice x, int planes, int plane, Slice y, Slice means, Slice planeEnds, Slice scratch) {
    if (planeEnds != null) {
      ofPlanes(x, planes, plane, means, planeEnds, scratch);
      y.array()[y.offset()] = Reductions.min(planeEnds.array(), planeEnds.offset(), planes);
      y.array()[y.offset() + 1] = Reductions.max(planeEnds.array(), planeEnds.offset() + planes, planes);
      return;
    }
    float[] lanes = scratch.array();
    int at = scratch.offset();
    empty(lanes, at);
    double total = 0;
    if (means == null || plane == 1) {
      total = sum(x.array(), x.offset(), planes * plane, lanes, at);
    }
    if (means != null && plane == 1) {
      System.arraycopy(x.array(), x.offset(), means.array(), means.offset(), planes);
    } else if (means != null) {
      for (int p = 0; p < planes; p++) {
        double sum = sum(x.array(), x.offset() + p * plane, plane, lanes, at);
        means.array()[means.offset() + p] = (float) (sum / plane);
        total += sum;
      }
    }
    ends(x, planes * plane, Double.isFinite(total), lanes, at, y, 1);
  }

  private static void ofPlanes(Slice x, int planes, int plane, Slice means, Slice planeEnds, Slice scratch) {
    float[] lanes = scratch.array();
    int at = scratch.offset();
    for (int p = 0; p < planes; p++) {
      Slice from = new Slice(x.array(), x.offset() + p * plane);
      empty(lanes, at);
      double sum = sum(x.array(), from.offset(), plane, lanes, at);
      if (means != null) means.array()[means.offset() + p] = (float) (sum / plane);
      ends(from, plane, Double.isFinite(sum), lanes, at, new Slice(planeEnds.array(), planeEnds.offset() + p), planes);
    }
  }

  private static void empty(float[] lanes, int at) {
    Arrays.fill(lanes, at, at + LANES, Float.POSITIVE_INFINITY);
    Arrays.fill(lanes, at + LANES, at + 2 * LANES, Float.NEGATIVE_INFINITY);
  }

  /**
   * The loop below passes over a NaN; where a sum tells that there may be one, all is read again.
   *
   * @param y takes the smallest, and so many floats on the largest
   */
  private static void ends(Slice x, int n, boolean finite, float[] lanes, int at, Slice y, int apart) {
    float min = finite ? Reductions.min(lanes, at, LANES) : Reductions.min(x.array(), x.offset(), n);
    float max = finite ? Reductions.max(lanes, at + LANES, LANES) : Reductions.max(x.array(), x.offset(), n);
    // Which of two zeros comes first depends on the vectors: a zero has no sign.
    y.array()[y.offset()] = min + 0f;
    y.array()[y.offset() + apart] = max + 0f;
  }

  /** As {@link Reductions#sum}, to the bit; takes the floats into the lanes. */
  private static double sum(float[] x, int offset, int n, float[] lanes, int at) {
    double sum = 0;
    for (int from = 0; from < n; from += Reductions.BLOCK) {
      sum += block(x, offset + from, Math.min(Reductions.BLOCK, n - from), lanes, at);
    }
    return sum;
  }

  private static float block(float[] x, int offset, int n, float[] lanes, int at) {
    FloatVector low = FloatVector.fromArray(SPECIES, lanes, at);
    FloatVector high = FloatVector.fromArray(SPECIES, lanes, at + LANES);
    FloatVector a = FloatVector.zero(SPECIES);
    FloatVector b = a;
    int i = offset;
    int end = offset + n;
    for (; i <= end - 2 * LANES; i += 2 * LANES) {
      FloatVector u = FloatVector.fromArray(SPECIES, x, i);
      FloatVector v = FloatVector.fromArray(SPECIES, x, i + LANES);
      a = a.add(u);
      b = b.add(v);
      // Compare and blend need half of the instructions of min and max, which mind a NaN.
      FloatVector less = u.blend(v, v.compare(VectorOperators.LT, u));
      FloatVector more = v.blend(u, v.compare(VectorOperators.LT, u));
      low = low.blend(less, less.compare(VectorOperators.LT, low));
      high = more.blend(high, more.compare(VectorOperators.LT, high));
    }
    low.intoArray(lanes, at);
    high.intoArray(lanes, at + LANES);
    a.add(b).intoArray(lanes, at + 2 * LANES);
    float sum = LaneSum.of(lanes, at + 2 * LANES);
    for (; i < end; i++) {
      sum += x[i];
      lanes[at] = x[i] < lanes[at] ? x[i] : lanes[at];
      lanes[at + LANES] = x[i] > lanes[at + LANES] ? x[i] : lanes[at + LANES];
    }
    return sum;
  }
}
