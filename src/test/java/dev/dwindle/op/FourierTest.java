package dev.dwindle.op;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.dwindle.graph.Attribute;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FourierTest {
  private static final Attribute INVERSE = Attribute.of("inverse", 1);
  private static final Attribute HALF = Attribute.of("onesided", 1);

  private static double[] random(int n) {
    return new Random(n).doubles(n, -1, 1).toArray();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 7, 8, 12, 30, 49, 64, 97, 100})
  void isTheSumOverRootsOfUnity(int n) {
    double[] re = random(n);
    double[] im = random(n);
    double[] expectedRe = new double[n];
    double[] expectedIm = new double[n];
    for (int k = 0; k < n; k++) {
      for (int t = 0; t < n; t++) {
        double angle = -2 * Math.PI * ((long) k * t % n) / n;
        expectedRe[k] += re[t] * Math.cos(angle) - im[t] * Math.sin(angle);
        expectedIm[k] += re[t] * Math.sin(angle) + im[t] * Math.cos(angle);
      }
    }
    new FourierSeries(n).transform(re, im, false);
    assertArrayEquals(expectedRe, re, 1e-11 * n);
    assertArrayEquals(expectedIm, im, 1e-11 * n);
  }

  @ParameterizedTest
  @ValueSource(ints = {4, 5, 10})
  void theHalfOfARealSignalComesBack(int n) {
    Tensor signal = Tensor.of(Shape.of(1, n, 1), random(n));
    Tensor half = new OneNode(20, "DFT", signal).with(HALF).result();
    assertEquals(Shape.of(1, n / 2 + 1, 2), half.shape());
    Tensor back = new OneNode(20, "DFT", half, Tensor.scalar((long) n)).with(HALF).with(INVERSE).result();
    assertEquals(Shape.of(1, n, 1), back.shape());
    assertArrayEquals(signal.doubles(), back.doubles(), 1e-12);
  }

  @Test
  void theLengthCutsOrFills() {
    Tensor signal = Tensor.of(Shape.of(3, 1), 1.0, 2.0, 3.0);
    Tensor cut = new OneNode(20, "DFT", signal, Tensor.scalar(2L), Tensor.scalar(0L)).result();
    assertArrayEquals(new double[] {3, 0, -1, 0}, cut.doubles(), 1e-15);
    Tensor filled = new OneNode(20, "DFT", signal, Tensor.scalar(4L), Tensor.scalar(-2L)).result();
    assertArrayEquals(new double[] {6, 0, -2, -2, 2, 0, -2, 2}, filled.doubles(), 1e-15);
  }

  @Test
  void framesThatDoNotFitAreLeftOut() {
    Tensor signal = Tensor.of(Shape.of(1, 5, 1), 1.0, 1.0, 1.0, 1.0, 1.0);
    Tensor frames = new OneNode(17, "STFT", signal, Tensor.scalar(2L), null, Tensor.scalar(4L)).result();
    assertEquals(Shape.of(1, 1, 3, 2), frames.shape());
    assertEquals(4, frames.doubles()[0], 1e-15);
    Tensor none = new OneNode(17, "STFT", signal, Tensor.scalar(1L), null, Tensor.scalar(9L)).result();
    assertEquals(0, none.size());
  }
}
