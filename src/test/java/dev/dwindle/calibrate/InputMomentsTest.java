package dev.dwindle.calibrate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.dwindle.backend.TargetProfile;
import dev.dwindle.backend.cpu.CpuBackend;
import dev.dwindle.data.Sample;
import dev.dwindle.data.Samples;
import dev.dwindle.graph.Attribute;
import dev.dwindle.graph.Graph;
import dev.dwindle.graph.GraphText;
import dev.dwindle.graph.Node;
import dev.dwindle.pass.Operand;
import dev.dwindle.pass.PassContext;
import dev.dwindle.pass.Progress;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class InputMomentsTest {
  private static final int CHANNELS = 4;
  private static final int SIDE = 8;

  private static List<float[]> pictures(int count) {
    Random random = new Random(3);
    List<float[]> pictures = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      float[] picture = new float[CHANNELS * SIDE * SIDE];
      for (int k = 0; k < picture.length; k++) picture[k] = (float) random.nextGaussian();
      pictures.add(picture);
    }
    return pictures;
  }

  private static Map<String, float[]> found(Graph graph, List<float[]> pictures, int rows) {
    Samples samples = Samples.of(pictures.stream()
        .map(each -> new Sample(Map.of("x", Tensor.of(Shape.of(1, CHANNELS, SIDE, SIDE), each)), null, true)).toList());
    List<Operand> operands = graph.nodes().stream().map(Operand::of).flatMap(List::stream).toList();
    try (CpuBackend backend = new CpuBackend()) {
      PassContext context = new PassContext(null, TargetProfile.of("cpu"), backend, samples, 1, 0, Progress.SILENT);
      return rows == 0 ? InputMoments.of(graph, context, operands)
          : InputMoments.sampled(graph, context, operands, rows);
    }
  }

  private static Graph conv(int groups) {
    return GraphText.parse("""
        net (float[1,4,8,8] x) => (y)
        <float[8,%d,3,3] w = random(1)>
        {
          y = Conv <group = %d, pads = [1, 1, 1, 1]> (x, w)
        }
        """.formatted(CHANNELS / groups, groups)).graph();
  }

  /** {@code [groups, inputs, inputs]} by loops, from places {@code step} apart. */
  private static float[] expected(List<float[]> pictures, int groups, int step) {
    int inputs = CHANNELS / groups * 9;
    float[] moments = new float[groups * inputs * inputs];
    for (float[] picture : pictures) {
      for (int y = 0; y < SIDE; y += step) {
        for (int x = 0; x < SIDE; x += step) {
          for (int g = 0; g < groups; g++) {
            float[] row = new float[inputs];
            for (int i = 0; i < inputs; i++) {
              int v = y + i % 9 / 3 - 1;
              int u = x + i % 3 - 1;
              boolean inside = v >= 0 && v < SIDE && u >= 0 && u < SIDE;
              if (inside) row[i] = picture[((g * inputs + i) / 9 * SIDE + v) * SIDE + u];
            }
            for (int i = 0; i < inputs; i++) {
              for (int k = 0; k < inputs; k++) moments[(g * inputs + i) * inputs + k] += row[i] * row[k];
            }
          }
        }
      }
    }
    return moments;
  }

  @ParameterizedTest
  @CsvSource({"1, 64, 1", "1, 16, 2", "2, 64, 1", "4, 16, 2", "4, 1000, 1"})
  void ofConvolutionsFromAGridOfPlaces(int groups, int rows, int step) {
    List<float[]> pictures = pictures(3);
    float[] moments = found(conv(groups), pictures, rows).get("w");
    assertArrayEquals(expected(pictures, groups, step), moments, 1e-3f);
  }

  @Test
  void ofAllPlacesWhereNothingElseIsAskedForAndOfNoGroups() {
    List<float[]> pictures = pictures(2);
    assertArrayEquals(expected(pictures, 1, 1), found(conv(1), pictures, 0).get("w"), 1e-3f);
    assertEquals(Map.of(), found(conv(2), pictures, 0));
  }

  @Test
  void ofConvolutionsThatReadOnePlace() {
    Graph graph = GraphText.parse("""
        net (float[1,4,8,8] x) => (y)
        <float[8,4,1,1] w = random(1)>
        {
          y = Conv <strides = [2, 2]> (x, w)
        }
        """).graph();
    List<float[]> pictures = pictures(2);
    float[] expected = new float[CHANNELS * CHANNELS];
    for (float[] picture : pictures) {
      for (int at = 0; at < SIDE * SIDE; at += at % SIDE == 4 ? 3 * SIDE + 4 : 4) {
        for (int i = 0; i < expected.length; i++) {
          expected[i] += picture[i / CHANNELS * SIDE * SIDE + at] * picture[i % CHANNELS * SIDE * SIDE + at];
        }
      }
    }
    assertArrayEquals(expected, found(graph, pictures, 4).get("w"), 1e-4f);
  }

  @Test
  void placesThatPaddingDependsOnAreAllLookedAt() {
    Graph graph = conv(4);
    Node node = graph.nodes().getFirst();
    node.setAttribute(Attribute.of("auto_pad", "SAME_UPPER"));
    node.removeAttribute("pads");
    List<float[]> pictures = pictures(2);
    assertArrayEquals(expected(pictures, 4, 1), found(graph, pictures, 4).get("w"), 1e-3f);
  }
}
