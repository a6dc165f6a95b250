package dev.dwindle.calibrate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.dwindle.backend.TargetProfile;
import dev.dwindle.backend.cpu.CpuBackend;
import dev.dwindle.data.Sample;
import dev.dwindle.data.Samples;
import dev.dwindle.graph.Graph;
import dev.dwindle.graph.GraphText;
import dev.dwindle.pass.PassContext;
import dev.dwindle.pass.Progress;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RecordingTest {
  private static final Graph NET = GraphText.parse("""
      net (float[1,n] x) => (y)
      {
        h = Neg(x)
        y = Relu(h)
      }
      """).graph();

  private static Recording.Answer record(String value, long bytes, float[]... rows) {
    Samples samples = Samples.of(Arrays.stream(rows)
        .map(row -> new Sample(Map.of("x", Tensor.of(Shape.of(1, row.length), row)), null, true)).toList());
    try (CpuBackend backend = new CpuBackend()) {
      return Recording.of(NET, new PassContext(null, TargetProfile.of("cpu"), backend, samples, 1, 0, Progress.SILENT),
          value, bytes);
    }
  }

  private static Recording made(Recording.Answer answer) {
    return ((Recording.Made) answer).recording();
  }

  @Test
  void rowsJoinAlongTheFirstAxis() {
    Recording recording = made(record("h", 1000, new float[] {1, 2}, new float[] {3, 4}, new float[] {5, 6}));
    Tensor batch = recording.batch(2, 0);
    assertEquals(Shape.of(2, 2), batch.shape());
    assertArrayEquals(new float[] {-5, -6, -1, -2}, batch.floats());
    assertArrayEquals(new float[] {3, 4},
        made(record("x", 1000, new float[] {1, 2}, new float[] {3, 4})).rows().get(1));
  }

  @Test
  void noMoreIsKeptThanFits() {
    float[][] rows = {{1, 2}, {3, 4}, {5, 6}};
    assertEquals(2, made(record("y", 16, rows)).rows().size());
    assertEquals(1, made(record("y", 1, rows)).rows().size(), "one at least");
  }

  @Test
  void shapesMustBeAlike() {
    assertEquals(new Recording.Refused("samples give it values of different shapes"),
        record("y", 1000, new float[] {1, 2}, new float[] {3}));
  }
}
