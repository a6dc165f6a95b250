package dev.dwindle.backend.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.dwindle.graph.GraphText;
import dev.dwindle.graph.Node;
import dev.dwindle.op.Evaluation;
import dev.dwindle.op.Ops;
import dev.dwindle.rewrite.ShapeInference;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A Transpose moved by the runs that follow from strides, against its plain meaning. */
class MovementRunsTest {
  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {"2,3|1,0", "3,1,4|2,1,0", "1,5,12,4|0,2,1,3", "1,5,12,4|0,2,3,1",
      "2,3,4,5|0,1,3,2", "2,3,4,5|3,2,1,0",
      "2,1,3,1|1,3,0,2", "2,3,4,5|2,3,0,1", "1,1,1|2,0,1", "7|0", "2,0,3|2,1,0", "4,1|1,0", "2,3,4|1,2,0"})
  void runsMoveAsThePlainMeaningDoes(String shape, String perm) {
    Node node = transpose(shape, perm);
    long[] dims = Arrays.stream(shape.split(",")).mapToLong(Long::parseLong).toArray();
    Tensor numbers = Tensor.of(Shape.of(dims), LongStream.range(0, Shape.of(dims).size()).toArray());
    long[] expected = Ops.find(node).evaluate(new Evaluation(node, List.of(numbers), null)).getFirst().longs();
    long[] moved = new long[expected.length];
    Arrays.fill(moved, -1);
    for (Movement.Run run : Movement.of(node).outputs().getFirst()) {
      for (int i = 0; i < run.length(); i++) {
        moved[run.to() + i] = run.from() + (long) i * run.step();
      }
    }
    assertArrayEquals(expected, moved);
  }

  @Test
  void whatStaysInOrderIsOneRun() {
    assertEquals(0, Movement.viewStart(Movement.of(transpose("1,6,1,5", "2,1,0,3")).outputs().getFirst()));
    assertEquals(-1, Movement.viewStart(Movement.of(transpose("1,6,5", "0,2,1")).outputs().getFirst()));
  }

  private static Node transpose(String shape, String perm) {
    var graph = GraphText.parse(
        "<ir_version: 8, opset_import: [\"\" : 17]>\ng (float[" + shape + "] x) => (y) { y = Transpose<perm = [" + perm
            + "]>(x) }")
        .graph();
    ShapeInference.of(graph).store();
    return graph.nodes().getFirst();
  }
}
