package dev.dwindle.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dwindle.backend.Backend;
import dev.dwindle.backend.CompileOptions.Precision;
import dev.dwindle.backend.openvino.InstalledOpenVino;
import dev.dwindle.catalog.Backends;
import dev.dwindle.engine.SampleFiles;
import dev.dwindle.report.JsonReport;
import dev.dwindle.result.BenchResult;
import dev.dwindle.result.Gate.Outcome;
import dev.dwindle.result.JobResult;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code openvino:CPU} in each precision: those that this processor has run and are told, the others are refused. */
@Tag("openvino")
class PrecisionTest {
  @TempDir
  Path folder;

  private Path model;
  private List<Precision> here;

  @BeforeEach
  void sample() {
    SampleFiles.copyTo(folder);
    model = folder.resolve("glyphs.onnx");
    InstalledOpenVino.cpu().close();
    try (Backend backend = Backends.open("openvino:CPU")) {
      here = backend.precisions();
    }
  }

  @Test
  void benchTellsThePrecisionOrWhatThereIs() {
    assertEquals(Precision.F32, here.getFirst());
    for (Precision precision : Precision.values()) {
      Console console = Console.run("bench", model, "--device", "openvino:cpu", "--precision", precision.word(),
          "--runs", 20, "--json");
      if (here.contains(precision)) {
        BenchResult result = JsonReport.read("bench", console.out(), BenchResult.class);
        assertEquals(precision.word(), result.precision());
        assertEquals(precision == Precision.F32 ? "openvino:CPU" : "openvino:CPU@" + precision.word(), result.device());
      } else {
        assertEquals(ExitCode.INPUT, console.code());
        assertEquals("dwindle: device 'openvino:CPU': found precision " + precision.word() + ", expected what it"
            + " computes in here: " + String.join(", ", here.stream().map(Precision::word).toList()),
            console.err().strip());
      }
    }
  }

  @Test
  void aSmallerPrecisionRoundsMoreAndIsRightAllTheSame() {
    double exact = error(Precision.F32);
    for (Precision precision : here.subList(1, here.size())) assertTrue(error(precision) > 10 * exact);
  }

  /** How far the device is from the plain meaning. */
  private double error(Precision precision) {
    Console console = Console.run("validate", model, model, "--data", folder.resolve("glyphs.yaml"), "--device",
        "openvino:CPU", "--precision", precision.word(), "--evaluation-samples", 20, "--runs", 20, "--json");
    JobResult result = JsonReport.read("validate", console.out(), JobResult.class);
    assertEquals(precision.word(), result.latency().precision());
    assertEquals(Outcome.PASSED, result.gates().getLast().outcome(), result.gates().toString());
    assertNotEquals(ExitCode.INTERNAL, console.code());
    return result.agreement().error();
  }
}
