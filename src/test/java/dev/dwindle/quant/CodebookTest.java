package dev.dwindle.quant;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dwindle.quant.Codebook.Method;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class CodebookTest {
  private static float[] gaussian(int count, int seed) {
    Random random = new Random(seed);
    float[] values = new float[count];
    for (int i = 0; i < count; i++) values[i] = (float) random.nextGaussian();
    return values;
  }

  private static double error(float[] values, Codebook codebook) {
    float[] shared = codebook.values(codebook.indices(values));
    double sum = 0;
    for (int i = 0; i < values.length; i++) sum += Math.pow(values[i] - (double) shared[i], 2);
    return sum;
  }

  /** The least error of all divisions of sorted numbers into runs. */
  private static double least(float[] sorted, int from, int clusters) {
    if (from == sorted.length) return 0;
    if (clusters == 0) return Double.POSITIVE_INFINITY;
    double best = Double.POSITIVE_INFINITY;
    for (int to = from + 1; to <= sorted.length; to++) {
      double mean = 0;
      for (int i = from; i < to; i++) mean += sorted[i] / (double) (to - from);
      double error = 0;
      for (int i = from; i < to; i++) error += (sorted[i] - mean) * (sorted[i] - mean);
      if (error < best) best = Math.min(best, error + least(sorted, to, clusters - 1));
    }
    return best;
  }

  @ParameterizedTest
  @CsvSource({"1, 3", "2, 2", "5, 2", "9, 3", "12, 4", "13, 5"})
  void noDivisionIsBetter(int count, int entries) {
    for (int seed = 0; seed < 20; seed++) {
      float[] values = gaussian(count, seed);
      float[] sorted = values.clone();
      Arrays.sort(sorted);
      assertEquals(least(sorted, 0, entries), error(values, Codebook.of(values, entries, Method.EXACT, false)), 1e-6);
    }
  }

  @ParameterizedTest
  @CsvSource({"1000, 16, 1000", "70000, 16, 100", "200000, 256, 20"})
  void theStartsOfOthersAreNotBetter(int count, int entries, int seed) {
    float[] values = gaussian(count, seed);
    double exact = error(values, Codebook.of(values, entries, Method.EXACT, false));
    for (Method method : Method.values()) {
      Codebook other = Codebook.of(values, entries, method, false);
      assertTrue(other.entries().length <= entries);
      assertTrue(exact <= error(values, other) * (1 + 1e-4), method.toString());
    }
  }

  @ParameterizedTest
  @EnumSource(Method.class)
  void fewNumbersStayAsTheyAre(Method method) {
    float[] values = {3, -1, 3, 0.5f, -1};
    Codebook codebook = Codebook.of(values, 4, method, false);
    assertArrayEquals(new float[] {-1, 0.5f, 3}, codebook.entries());
    assertArrayEquals(values, codebook.values(codebook.indices(values)));
    assertEquals(0, Codebook.of(new float[0], 4, method, true).entries().length);
    assertArrayEquals(new float[] {7}, Codebook.of(new float[] {7, 7}, 4, method, true).entries());
  }

  @Test
  void zeroStandsApart() {
    float[] values = gaussian(5000, 4);
    for (int i = 0; i < values.length; i++) values[i] = i % 10 < 7 ? 0 : values[i] + Math.signum(values[i]);
    Codebook codebook = Codebook.of(values, 8, Method.EXACT, true);
    float[] shared = codebook.values(codebook.indices(values));
    assertEquals(8, codebook.entries().length);
    for (int i = 0; i < values.length; i++) assertEquals(values[i] == 0, shared[i] == 0, "at " + i);
  }

  @ParameterizedTest
  @CsvSource({"2", "3", "16", "17", "256"})
  void eachNumberGoesToTheNearest(int entries) {
    float[] values = gaussian(20_000, 5);
    Codebook codebook = Codebook.of(values, entries, Method.DENSITY, false);
    byte[] places = codebook.indices(values);
    for (int i = 0; i < values.length; i++) {
      double distance = Math.abs((double) values[i] - codebook.entries()[Byte.toUnsignedInt(places[i])]);
      for (float entry : codebook.entries()) assertTrue(distance <= Math.abs((double) values[i] - entry), "at " + i);
    }
  }

  /** Numbers whose range is far wider than where most of them are. */
  @Test
  void outliersDoNotCoarsenTheRest() {
    float[] values = gaussian(300_000, 6);
    values[17] = 1e4f;
    values[18] = -3e3f;
    Codebook codebook = Codebook.of(values, 16, Method.EXACT, false);
    float[] rest = Arrays.copyOfRange(values, 19, values.length);
    Codebook far = Codebook.of(values, 256, Method.EXACT, false);
    assertTrue(far.entries().length > 200, far.entries().length + " entries");
    double alone = error(rest, Codebook.of(rest, 14, Method.EXACT, false));
    assertTrue(error(values, codebook) <= alone * 1.05, error(values, codebook) + " beside " + alone);
  }
}
