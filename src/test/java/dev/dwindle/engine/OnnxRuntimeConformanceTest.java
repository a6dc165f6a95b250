package dev.dwindle.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dwindle.backend.Backend;
import dev.dwindle.catalog.Backends;
import dev.dwindle.pass.Progress;
import dev.dwindle.result.ConformanceResult;
import dev.dwindle.result.ConformanceResult.Status;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The ONNX project's node tests on {@code onnxruntime:CPU}, with the CPU for what it does not run. */
@Tag("nodetests")
class OnnxRuntimeConformanceTest {
  /** As many as on {@code cpu}. */
  private static final long LEAST = 1_810;

  @Test
  void noneFails() {
    ConformanceResult result;
    try (Backend backend = Backends.open("onnxruntime:CPU")) {
      result = new Conformance(Conformance.on(backend)).run(Path.of(System.getProperty("dwindle.nodetests")), n -> true,
          Progress.SILENT);
    }
    assertEquals(List.of(), result.tests().entrySet().stream().filter(e -> e.getValue().status() == Status.FAIL)
        .map(Map.Entry::toString).toList());
    assertTrue(result.count(Status.PASS) >= LEAST, result.count(Status.PASS) + " pass, expected at least " + LEAST);
  }
}
