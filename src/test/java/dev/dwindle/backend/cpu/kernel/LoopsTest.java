package dev.dwindle.backend.cpu.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class LoopsTest {
  private static final int A = 3;
  private static final int B = 5;
  private static final int Y = 2;

  private interface Two {
    void run(float[] a, int ao, float[] b, int bo, float[] y, int yo, int n);
  }

  private interface One {
    void run(float[] a, int ao, float b, float[] y, int yo, int n);
  }

  private interface Unary {
    void run(float[] x, int xo, float[] y, int yo, int n);
  }

  private interface Meaning {
    float of(float a, float b);
  }

  @Test
  void computesAsTheLanguageDoes() {
    check((a, b) -> a + b, BinaryLoops::add, BinaryLoops::add);
    check((a, b) -> a - b, BinaryLoops::subtract, null);
    check((a, b) -> b - a, null, BinaryLoops::subtractFrom);
    check((a, b) -> a * b, BinaryLoops::multiply, BinaryLoops::multiply);
    check((a, b) -> a / b, BinaryLoops::divide, BinaryLoops::divide);
    check((a, b) -> b / a, null, BinaryLoops::divideInto);
    check(Math::min, BinaryLoops::min, BinaryLoops::min);
    check(Math::max, BinaryLoops::max, BinaryLoops::max);
  }

  @Test
  void computesFunctionsOfOneNumber() {
    check((a, b) -> (float) Math.sqrt(a), UnaryLoops::sqrt);
    check((a, b) -> -a, UnaryLoops::negate);
    check((a, b) -> Math.abs(a), UnaryLoops::abs);
    check((a, b) -> 1 / a, UnaryLoops::reciprocal);
    check((a, b) -> a * a, UnaryLoops::square);
  }

  @Test
  void takesEverySecond() {
    for (int n : PlainLoops.AWKWARD) {
      float[] x = PlainLoops.random(A + 2 * n - 1, 1);
      float[] y = new float[Y + n + 1];
      UnaryLoops.everySecond(x, A, y, Y, n);
      for (int i = 0; i < n; i++) {
        assertEquals(x[A + 2 * i], y[Y + i]);
      }
      assertEquals(0, y[Y + n]);
    }
  }

  private static float[] values(int n, long seed) {
    float[] values = PlainLoops.random(n, seed);
    for (int i = 0; i < n; i += 7) {
      values[i] = new float[] {Float.NaN, -0f, 0f, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY}[i / 7 % 5];
    }
    return values;
  }

  private static void check(Meaning meaning, Two two, One one) {
    for (int n : PlainLoops.AWKWARD) {
      float[] a = values(A + n, 1);
      float[] b = values(B + n, 2);
      float[] y = new float[Y + n + 1];
      for (int i = 0; two != null && i < n; i++) {
        two.run(a, A, b, B, y, Y, n);
        assertEquals(meaning.of(a[A + i], b[B + i]), y[Y + i]);
      }
      if (one != null) {
        one.run(a, A, 1.5f, y, Y, n);
        float[] inPlace = a.clone();
        one.run(inPlace, A, 1.5f, inPlace, A, n);
        for (int i = 0; i < n; i++) {
          assertEquals(meaning.of(a[A + i], 1.5f), y[Y + i]);
          assertEquals(y[Y + i], inPlace[A + i]);
        }
      }
      assertEquals(0, y[Y + n]);
    }
  }

  private static void check(Meaning meaning, Unary loop) {
    for (int n : PlainLoops.AWKWARD) {
      float[] x = values(A + n, 1);
      float[] y = new float[Y + n + 1];
      loop.run(x, A, y, Y, n);
      for (int i = 0; i < n; i++) {
        assertEquals(meaning.of(x[A + i], 0), y[Y + i]);
      }
      assertEquals(0, y[Y + n]);
    }
  }
}
