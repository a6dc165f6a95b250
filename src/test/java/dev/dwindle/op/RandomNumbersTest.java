package dev.dwindle.op;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dwindle.graph.Attribute;
import dev.dwindle.quant.Elements;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class RandomNumbersTest {
  private static final int MANY = 20000;

  private static double[] drawn(String operator, Attribute... attributes) {
    OneNode node = new OneNode(22, operator).with(Attribute.of("shape", new long[] {MANY}));
    for (Attribute attribute : attributes) {
      node.with(attribute);
    }
    return Elements.doubles(node.result());
  }

  @Test
  void distributionsHaveTheirMeanAndSpread() {
    double[] normal = drawn("RandomNormal", Attribute.of("mean", 3f), Attribute.of("scale", 2f));
    double mean = Arrays.stream(normal).average().orElseThrow();
    assertEquals(3, mean, 0.1);
    assertEquals(2, Math.sqrt(Arrays.stream(normal).map(v -> (v - mean) * (v - mean)).average().orElseThrow()), 0.1);
    double[] uniform = drawn("RandomUniform", Attribute.of("low", -1f), Attribute.of("high", 3f));
    assertEquals(1, Arrays.stream(uniform).average().orElseThrow(), 0.1);
    assertTrue(Arrays.stream(uniform).allMatch(v -> v >= -1 && v < 3));
  }

  @Test
  void aSeedDrawsTheSameNumbersAgain() {
    Attribute seed = Attribute.of("seed", 5f);
    assertArrayEquals(drawn("RandomNormal", seed), drawn("RandomNormal", seed));
    assertFalse(Arrays.equals(drawn("RandomNormal", seed), drawn("RandomNormal", Attribute.of("seed", 6f))));
  }

  @Test
  void likeTakesShapeAndTypeOfTheInput() {
    Tensor x = Elements.ofDoubles(DType.FLOAT16, Shape.of(0, 2), new double[0]);
    assertEquals(DType.FLOAT16, new OneNode(22, "RandomUniformLike", x).result().dtype());
    Tensor wide = new OneNode(22, "RandomNormalLike", x).with(Attribute.of("dtype", DType.DOUBLE.code())).result();
    assertEquals("double[0,2]", wide.toString());
  }

  @Test
  void probabilitiesAreKept() {
    float[] p = new float[MANY];
    Arrays.fill(p, 0, MANY / 2, 0.25f);
    Arrays.fill(p, MANY / 2, MANY, 1f);
    double[] flips = Elements.doubles(new OneNode(22, "Bernoulli", Tensor.of(Shape.of(MANY), p)).result());
    assertEquals(0.25, Arrays.stream(flips, 0, MANY / 2).average().orElseThrow(), 0.02);
    assertTrue(Arrays.stream(flips, MANY / 2, MANY).allMatch(v -> v == 1));
    Tensor logs = Tensor.of(Shape.of(1, 3), (float) Math.log(1), Float.NEGATIVE_INFINITY, (float) Math.log(3));
    Tensor classes = new OneNode(22, "Multinomial", logs).with(Attribute.of("sample_size", MANY)).result();
    double[] chosen = Elements.doubles(classes);
    assertTrue(Arrays.stream(chosen).noneMatch(v -> v == 1));
    assertEquals(1.5, Arrays.stream(chosen).average().orElseThrow(), 0.05);
  }
}
