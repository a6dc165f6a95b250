package dev.dwindle.backend;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.dwindle.graph.GraphText;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Buffers for each combination of shapes, of a device that hands its input on. */
class RequestBoundTest {
  private final List<String> events = new ArrayList<>();

  /** Opens requests; the first for each shape is outgrown when it has run. */
  private Request open(Map<String, Shape> shapes) {
    Shape shape = shapes.get("x");
    String name = shape + (events.contains("open " + shape) ? "'" : "");
    events.add("open " + name);
    Map<String, Tensor> values = new HashMap<>();
    return new Request() {
      private boolean ran;

      @Override
      public void set(String input, Tensor value) {
        values.put(input, value);
      }

      @Override
      public Tensor input(String input) {
        return values.get(input);
      }

      @Override
      public void run() {
        events.add("run " + name);
        ran = true;
      }

      @Override
      public boolean isOutgrown() { return ran && !name.endsWith("'"); }

      @Override
      public Map<String, Tensor> outputs() {
        return Map.of("y", values.get("x"));
      }

      @Override
      public List<NodeTime> profile() {
        return List.of();
      }

      @Override
      public long bytes() {
        return 4;
      }

      @Override
      public void close() {
        events.add("close " + name);
      }
    };
  }

  private RequestBound bound() {
    return new RequestBound(GraphText.parse("g (float[N] x) => (y) { y = Relu(x) }").graph(), this::open);
  }

  @Test
  void whatIsOutgrownGivesItsInputsToTheNext() {
    try (RequestBound bound = bound()) {
      bound.set("x", Tensor.of(Shape.of(2), 1f, 2f));
      for (int i = 0; i < 3; i++) bound.run();
      assertEquals(List.of("open [2]", "run [2]", "close [2]", "open [2]'", "run [2]'", "run [2]'"), events);
      assertEquals(2f, bound.outputs().get("y").floats()[1]);
    }
  }

  @Test
  void whatComesBackOutgrownIsOpenedAnew() {
    try (RequestBound bound = bound()) {
      for (int length : new int[] {1, 2, 1}) {
        bound.set("x", Tensor.of(Shape.of(length), new float[length]));
        bound.run();
      }
      assertEquals(List.of("open [1]", "run [1]", "open [2]", "run [2]", "close [1]", "open [1]'", "run [1]'"), events);
    }
  }
}
