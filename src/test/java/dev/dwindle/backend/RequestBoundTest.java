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

  private Request open(Map<String, Shape> shapes) {
    Shape name = shapes.get("x");
    events.add("open " + name);
    Map<String, Tensor> values = new HashMap<>();
    return new Request() {
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
      }

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

  @Test
  void shapesThatComeBackFindTheirBuffers() {
    try (RequestBound bound = new RequestBound(GraphText.parse("g (float[N] x) => (y) { y = Relu(x) }").graph(),
        this::open)) {
      for (int length : new int[] {1, 2, 1}) {
        bound.set("x", Tensor.of(Shape.of(length), new float[length]));
        bound.run();
        assertEquals(Shape.of(length), bound.outputs().get("y").shape());
      }
      bound.run();
      assertEquals(List.of("open [1]", "run [1]", "open [2]", "run [2]", "run [1]", "run [1]"), events);
    }
    assertEquals(List.of("close [2]", "close [1]"), events.subList(6, 8));
  }
}
