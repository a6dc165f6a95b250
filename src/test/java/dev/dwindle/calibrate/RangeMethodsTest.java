package dev.dwindle.calibrate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dwindle.backend.TargetProfile;
import dev.dwindle.backend.cpu.CpuBackend;
import dev.dwindle.data.Sample;
import dev.dwindle.data.Samples;
import dev.dwindle.graph.GraphText;
import dev.dwindle.graph.Model;
import dev.dwindle.pass.PassContext;
import dev.dwindle.pass.Progress;
import dev.dwindle.quant.Affine;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.DoubleSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Ranges from histograms against computations over all elements, one by one. */
class RangeMethodsTest {
  private static final int ELEMENTS = 20_000;

  /** Shapes that activations take. */
  private enum Spread {
    BELL,
    RECTIFIED,
    HEAVY,
    NEGATIVE;

    float[] elements() {
      Random random = new Random(5);
      DoubleSupplier draw = switch (this) {
        case BELL -> () -> random.nextGaussian() + 0.3;
        case RECTIFIED -> () -> Math.max(0, random.nextGaussian());
        case HEAVY -> () -> Math.pow(random.nextGaussian(), 5);
        case NEGATIVE -> () -> -0.2 - Math.abs(random.nextGaussian());
      };
      float[] elements = new float[ELEMENTS];
      for (int i = 0; i < ELEMENTS; i++) elements[i] = (float) draw.getAsDouble();
      return elements;
    }
  }

  private static Distribution distribution(float[] elements) {
    Model model = GraphText.parse("net (float[N] x) => (y) { y = Neg(x) }");
    Samples samples = Samples
        .of(List.of(new Sample(Map.of("x", Tensor.of(Shape.of(elements.length), elements)), null, true)));
    return new Calibration(model.graph(),
        new PassContext(null, TargetProfile.of("cpu"), new CpuBackend(), samples, 1, 0, Progress.SILENT))
        .distributions(List.of("x")).get("x");
  }

  private static Affine uint8(Range range) {
    return Affine.covering(range.min(), range.max(), DType.UINT8, false);
  }

  private static Affine int8(Range range) {
    return Affine.covering(range.min(), range.max(), DType.INT8, true);
  }

  private static double squaredError(float[] elements, Affine affine) {
    double sum = 0;
    for (float x : elements) sum += Math.pow(x - affine.dequantize(affine.quantize(x)), 2);
    return sum;
  }

  @ParameterizedTest
  @EnumSource
  void percentileKeepsTheShareAndNotMuchMore(Spread spread) {
    float[] elements = spread.elements();
    Range range = distribution(elements).percentile(99);
    long inside = 0;
    for (float x : elements) inside += x >= range.min() && x <= range.max() ? 1 : 0;
    assertTrue(inside >= 0.99 * ELEMENTS && inside <= 0.992 * ELEMENTS, inside + " of " + ELEMENTS);
  }

  @Test
  void percentile100IsTheWholeRange() {
    Distribution distribution = distribution(Spread.BELL.elements());
    assertEquals(distribution.range(), distribution.percentile(100));
  }

  @ParameterizedTest
  @EnumSource
  void leastSquaredErrorIsThatOfASearchOverAllElements(Spread spread) {
    float[] elements = spread.elements();
    Range full = distribution(elements).range();
    Range found = SquaredError.least(distribution(elements), RangeMethodsTest::uint8);
    double least = squaredError(elements, uint8(full));
    for (int i = 1; i <= 40; i++) {
      for (int k = 1; k <= 40; k++) {
        Range cut = new Range(Math.min(full.min(), 0) * i / 40, Math.max(full.max(), 0) * k / 40);
        least = Math.min(least, squaredError(elements, uint8(cut)));
      }
    }
    double error = squaredError(elements, uint8(found));
    assertTrue(error <= 1.02 * least, found + " errs by " + error + ", the best of the search by " + least);
  }

  @ParameterizedTest
  @EnumSource
  void leastSquaredErrorOfASymmetricTypeToo(Spread spread) {
    float[] elements = spread.elements();
    Range full = distribution(elements).range();
    float largest = Math.max(-full.min(), full.max());
    double least = Double.POSITIVE_INFINITY;
    for (int k = 1; k <= 200; k++) {
      least = Math.min(least, squaredError(elements, int8(new Range(-largest * k / 200, largest * k / 200))));
    }
    double error = squaredError(elements, int8(SquaredError.least(distribution(elements), RangeMethodsTest::int8)));
    assertTrue(error <= 1.02 * least, error + " against " + least);
  }

  @ParameterizedTest
  @EnumSource
  void entropyIsTheLeastDivergenceOverTheCuts(Spread spread) {
    Distribution distribution = Entropy.withoutPeakAtZero(distribution(spread.elements()));
    Range found = Entropy.least(distribution, RangeMethodsTest::uint8);
    List<Range> cuts = new ArrayList<>();
    double least = Double.POSITIVE_INFINITY;
    Range best = null;
    Range full = distribution.range();
    double largest = Math.max(-full.min(), full.max());
    for (int k = 128; k > 0; k--) {
      int low = (int) distribution.bins().place(Math.max(full.min(), -largest * k / 128));
      int high = (int) distribution.bins().place(Math.min(full.max(), largest * k / 128));
      if (k < 128 && high - low + 1 < 256) break;
      cuts.add(distribution.between(low, high));
      double divergence = divergence(distribution.counts(), low, high, uint8(cuts.getLast()), distribution);
      if (divergence < least) {
        least = divergence;
        best = cuts.getLast();
      }
    }
    assertEquals(best, found, "of " + cuts.size() + " cuts");
  }

  /** By the definition: two distributions over the bins, then the sum. */
  private static double divergence(long[] counts, int low, int high, Affine affine, Distribution d) {
    double[] p = new double[high - low + 1];
    double[] q = new double[p.length];
    int[] steps = new int[p.length];
    for (int i = low; i <= high; i++) steps[i - low] = affine.quantize((float) d.middle(i));
    for (int i = 0; i < counts.length; i++) p[Math.clamp(i, low, high) - low] += counts[i];
    for (int i = low; i <= high; i++) {
      double together = 0;
      int filled = 0;
      for (int k = low; k <= high; k++) {
        if (steps[k - low] == steps[i - low]) {
          together += counts[k];
          filled += counts[k] > 0 ? 1 : 0;
        }
      }
      q[i - low] = counts[i] > 0 ? together / filled : 0;
    }
    double sumP = Arrays.stream(p).sum();
    double sumQ = Arrays.stream(q).sum();
    double divergence = 0;
    for (int i = 0; i < p.length; i++) {
      if (p[i] > 0) divergence += p[i] / sumP * Math.log(p[i] / sumP / (q[i] / sumQ));
    }
    return divergence;
  }

  @Test
  void entropyDoesNotSeeWhatAnActivationFunctionPutsAtZero() {
    float[] some = Spread.RECTIFIED.elements();
    float[] more = Arrays.copyOf(some, 10 * some.length);
    assertEquals(Entropy.least(distribution(some), RangeMethodsTest::uint8),
        Entropy.least(distribution(more), RangeMethodsTest::uint8));
  }
}
