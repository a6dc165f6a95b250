package dev.dwindle.calibrate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dwindle.backend.TargetProfile;
import dev.dwindle.backend.cpu.CpuBackend;
import dev.dwindle.data.Sample;
import dev.dwindle.data.Samples;
import dev.dwindle.graph.Graph;
import dev.dwindle.graph.GraphText;
import dev.dwindle.graph.Value;
import dev.dwindle.pass.PassContext;
import dev.dwindle.pass.Progress;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ModelErrorsTest {
  private static Sample sample(float... x) {
    return new Sample(Map.of("x", Tensor.of(Shape.of(x.length), x)), null, true);
  }

  private static double[] errors(Graph graph, Samples samples, long limit, List<Map<Value, Tensor>> ways) {
    try (CpuBackend backend = new CpuBackend()) {
      return new ModelErrors(graph,
          new PassContext(null, TargetProfile.of("cpu"), backend, samples, 1, 0, Progress.SILENT))
          .of(ways, limit);
    }
  }

  private static Map<Value, Tensor> way(Value constant, float... numbers) {
    return Map.of(constant, Tensor.of(Shape.of(numbers.length), numbers));
  }

  @Test
  void theWorstOutputCountsOverTheSamplesThatAreAskedFor() {
    Graph graph = GraphText.parse("""
        net (float[2] x) => (float[2] y, float[2] z)
        <float[2] a = {1, 2}, float[2] b = {1, 1}, float[1] unread = {3}>
        {
          h = Mul(x, a)
          y = Mul(h, b)
          z = Add(x, b)
        }
        """).graph();
    Value a = graph.value("a");
    Value b = graph.value("b");
    String before = GraphText.print(graph);
    double[] found = errors(graph, Samples.of(List.of(sample(3, 2), sample(0, 0.5f), sample(9, 9))), 2,
        List.of(way(a, 1, 2.5f), way(b, 1, 1.5f), way(graph.value("unread"), 7), Map.of()));
    // y: [3, 4] and [0, 1]; z: [4, 3] and [1, 1.5].
    double first = Math.sqrt((1 + 0.25 * 0.25) / (25 + 1));
    double second = Math.max(Math.sqrt((4 + 0.25) / 26), Math.sqrt((0.25 + 0.25) / (25 + 3.25)));
    assertArrayEquals(new double[] {first, second, 0, 0}, found, 1e-6);
    assertEquals(before, GraphText.print(graph), "the model itself is not changed");
  }

  @Test
  void moreWaysThanOneGraphHoldsKeepTheirOrder() {
    Graph graph = GraphText.parse("net (float[2] x) => (float[2] y) <float[2] a = {1, 1}> { y = Mul(x, a) }").graph();
    Value a = graph.value("a");
    List<Map<Value, Tensor>> ways = Stream.iterate(0, i -> i + 1).limit(20).map(i -> way(a, 1 + i, 1 + i)).toList();
    double[] found = errors(graph, Samples.of(List.of(sample(1, 2))), 1, ways);
    for (int i = 0; i < 20; i++) assertEquals(i, found[i], 1e-5);
  }

  @Test
  void bodiesReadWhatChangesAroundThemAndInThem() {
    Graph graph = GraphText.parse("""
        net (float[2] x) => (float[2] y)
        <float[2] a = {1, 1}, bool[] yes = {1}>
        {
          h = Mul(x, a)
          y = If<then_branch = inner () => (t) <float[2] c = {2, 2}> { t = Mul(h, c) },
                 else_branch = other () => (e) { e = Neg(h) }>(yes)
        }
        """).graph();
    Value inside = graph.nodes().get(1).subgraphs().getFirst().value("c");
    double[] found = errors(graph, Samples.of(List.of(sample(1, 1))), 1,
        List.of(way(graph.value("a"), 3, 3), way(inside, 3, 3), Map.of()));
    assertArrayEquals(new double[] {2, 0.5, 0}, found, 1e-6);
  }

  @Test
  void outputsThatAreNotFiniteHaveNoError() {
    Graph graph = GraphText.parse("net (float[1] x) => (float[1] y) <float[1] a = {1}> { y = Mul(x, a) }").graph();
    double[] found = errors(graph, Samples.of(List.of(sample(1))), 1,
        List.of(way(graph.value("a"), Float.POSITIVE_INFINITY)));
    assertTrue(!(found[0] <= Double.MAX_VALUE), "found " + found[0]);
  }

  @Test
  void eachRunBeginsWithTheModelsOwnState() {
    Graph graph = GraphText.parse("""
        net (float[1] x, float[1] s) => (float[1] y, float[1] t) <float[1] a = {1}>
        {
          t = Add(s, x)
          y = Mul(t, a)
        }
        """).graph();
    List<Sample> three = List.of(
        new Sample(Map.of("x", Tensor.of(Shape.of(1), 1f), "s", Tensor.of(Shape.of(1), 0f)), null, true),
        new Sample(Map.of("x", Tensor.of(Shape.of(1), 1f)), null, false));
    double[] found = errors(graph, new Carried(Samples.of(three)), 2, List.of(way(graph.value("a"), 1.5f)));
    assertEquals(0.5, found[0], 1e-6);
  }

  /** Samples between which {@code t} goes on as {@code s}. */
  private record Carried(Samples samples) implements Samples {
    @Override
    public long count() {
      return samples.count();
    }

    @Override
    public Stream<Sample> stream() {
      return samples.stream();
    }

    @Override
    public Map<String, String> carried() {
      return Map.of("t", "s");
    }
  }
}
