package dev.dwindle.report;

import dev.dwindle.result.Accuracy;
import dev.dwindle.result.Agreement;
import dev.dwindle.result.BenchResult.Step;
import dev.dwindle.result.Curve;
import dev.dwindle.result.Decision;
import dev.dwindle.result.DeviceResult;
import dev.dwindle.result.Estimate;
import dev.dwindle.result.Gate;
import dev.dwindle.result.JobResult;
import dev.dwindle.result.Latency;
import dev.dwindle.result.LayerFidelity;
import dev.dwindle.result.MachineInfo;
import dev.dwindle.result.ModelFile;
import dev.dwindle.result.PassResult;
import dev.dwindle.result.Timing;
import dev.dwindle.result.WeightChange;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** A result with something in every field, for tests of reports. */
public final class SampleResult {
  private SampleResult() {}

  public static Estimate estimate(double value, double low, double high) {
    return new Estimate(value, low, high, 0.95);
  }

  public static LayerFidelity layer(String name, double sqnr, double maxDifference) {
    WeightChange weights = new WeightChange("int8", "[2,3]", 24, 10, 40.5, -1, 1, List.of(4, 2), List.of(3, 3));
    return new LayerFidelity(name, "Conv", sqnr, maxDifference, 33.5, "uint8", weights);
  }

  private static Timing timing(double median, double p90, double p99) {
    List<Double> quantiles = IntStream.rangeClosed(0, 100).mapToObj(i -> median * (0.9 + i * i * 1e-4)).toList();
    return new Timing(500, 60, estimate(median, median * 0.99, median * 1.01), p90, p99, median * 0.9, 0.08, quantiles);
  }

  /** Everything measured, one gate passed. */
  public static JobResult complete() {
    return new JobResult(
        JobResult.SCHEMA, "0.1", "dwindle compress a.onnx -o b.onnx --int8", "2026-01-01T00:00:00Z", 3.5, "cpu",
        "passes: [fold]", 0,
        new MachineInfo("a processor", 2, List.of("avx2"), 1L << 34, "Linux", "25", 0.1, Map.of("vector", "256 bits")),
        new ModelFile("a.onnx", 1_092_166, 1_076_328, "aa", 8, 13),
        new ModelFile("b.onnx", 314_498, 280_494, "bb", 8, 13),
        List.of(new PassResult("quantize", "20 of 21 layers quantized to INT8", Map.of(),
            Map.of("Conv 'c1'", "excluded by the recipe"), Map.of("samples", "300"),
            List.of(new Curve("loss", "", 1, List.of(2.1, 0.9, 0.62, 0.5, 0.47), null),
                new Curve("held-out top-1", "%", 1, List.of(71.5, 83.25, 88.0, 89.5, 90.25), 91.5)))),
        List.of(
            new Accuracy("top-1", "%", true, 1, 3000, estimate(90.633, 89.54, 91.63), estimate(90.733, 89.64, 91.72),
                estimate(0.1, -0.35, 0.55))),
        new Latency("cpu", "f32", "input [1,3,32,32]", 1, timing(0.801, 0.9, 1.25), timing(0.7, 0.8, 1.1),
            estimate(1.144, 1.12, 1.17), List.of("the machine drifted"))
            .withSteps(List.of(new Step(List.of("conv1", "relu1"), "convolution, sparse: 92 % zeros left out", 0.45),
                new Step(List.of("fc"), "matrix product, dense: 50 % zeros, 88 % are worth leaving out", 0.05))),
        List.of(layer("conv1", 31.25, 0.2)), 138_000_000L,
        List.of(new Gate("max-drop", Gate.Outcome.PASSED, "-0.10pt", "0.5pt", "")),
        List.of(new Decision("max-drop 0.5pt", "left alone", List.of("fc"), "drop 0.40pt; with all compressed 0.60pt")),
        null,
        "passed: 3.47x smaller", List.of());
  }

  /** The complete result with other files and layers. */
  public static JobResult with(ModelFile before, ModelFile after, List<LayerFidelity> layers) {
    JobResult r = complete();
    return new JobResult(r.schema(), r.version(), r.command(), r.started(), r.seconds(), r.target(), r.recipe(),
        r.seed(), r.machine(), before, after, r.passes(), r.accuracy(), r.latency(), layers, r.peakMemoryBytes(),
        r.gates(), r.decisions(), r.agreement(), r.verdict(), r.devices());
  }

  /** The complete result as a job without measuring leaves it. */
  public static JobResult unmeasured() {
    JobResult r = complete();
    return new JobResult(r.schema(), r.version(), r.command(), r.started(), r.seconds(), r.target(), r.recipe(),
        r.seed(), r.machine(), r.original(), r.compressed(), r.passes(), List.of(), null, List.of(), 0, List.of(),
        List.of(), null,
        "done: 3.47x smaller, latency not measured, accuracy not measured", List.of());
  }

  /** The complete result on two devices, of which the second breaks a gate. */
  public static JobResult onTwoDevices() {
    JobResult r = complete();
    List<Accuracy> worse = List.of(new Accuracy("top-1", "%", true, 1, 3000, estimate(90.612, 89.5, 91.6),
        estimate(89.312, 88.1, 90.4), estimate(-1.3, -1.9, -0.7)));
    Latency second = new Latency("onnxruntime:CPU", "f32", "input [1,3,32,32]", 1, timing(0.76, 0.83, 1.2),
        timing(0.4, 0.45, 0.6), estimate(1.9, 1.85, 1.96), List.of("the machine drifted"));
    Latency first = new Latency("openvino:CPU", "f32", "input [1,3,32,32]", 1, r.latency().original(),
        r.latency().compressed(), r.latency().speedup(), List.of());
    Agreement right = new Agreement("openvino:CPU", 8, 1e-6, 0.02, 0, null, null, null);
    Agreement wrong = new Agreement("onnxruntime:CPU", 8, 0.004, 0.02, 0, null, null, null);
    List<Gate> passed = List.of(r.gates().getFirst(),
        new Gate("right-on-device", Gate.Outcome.PASSED, "1.0e-04 % from the plain meaning", "2.00 %", ""));
    List<Gate> failed = List.of(new Gate("max-drop", Gate.Outcome.FAILED, "1.30pt", "0.5pt", ""),
        new Gate("right-on-device", Gate.Outcome.PASSED, "0.40 % from the plain meaning", "2.00 %", ""));
    List<DeviceResult> devices = List.of(
        new DeviceResult("openvino:CPU", Map.of("library", "2026.4"), r.accuracy(), first, passed, right,
            "passed: 3.47x smaller"),
        new DeviceResult("onnxruntime:CPU", Map.of("library", "1.29"), worse, second, failed, wrong,
            "FAILED: 3.47x smaller"));
    return new JobResult(r.schema(), r.version(), r.command(), r.started(), r.seconds(), "openvino,onnxruntime",
        r.recipe(), r.seed(), r.machine(), r.original(), r.compressed(), r.passes(), worse, second, r.layers(),
        r.peakMemoryBytes(), failed, r.decisions(), wrong,
        "FAILED: 3.47x smaller; on openvino:CPU passed, 1.14x as fast, top-1 +0.10 pt (not significant); on"
            + " onnxruntime:CPU FAILED, 1.90x as fast, top-1 -1.30 pt",
        devices);
  }
}
