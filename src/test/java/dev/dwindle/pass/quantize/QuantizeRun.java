package dev.dwindle.pass.quantize;

import dev.dwindle.backend.TargetProfile;
import dev.dwindle.backend.cpu.CpuBackend;
import dev.dwindle.data.Sample;
import dev.dwindle.data.Samples;
import dev.dwindle.graph.GraphVerifier;
import dev.dwindle.graph.Model;
import dev.dwindle.pass.PassContext;
import dev.dwindle.pass.Progress;
import dev.dwindle.result.PassResult;
import dev.dwindle.tensor.Tensor;
import java.util.Arrays;
import java.util.Map;

/** The pass on a model of one input, for the processor. */
final class QuantizeRun {
  private static final Quantize PASS = new Quantize();

  private QuantizeRun() {}

  /** Changes a model by these settings, with a sample for each tensor. */
  static PassResult of(Model model, Map<String, Object> settings, String input, Tensor... samples) {
    Samples calibration = Samples
        .of(Arrays.stream(samples).map(t -> new Sample(Map.of(input, t), null, true)).toList());
    try (CpuBackend backend = new CpuBackend()) {
      PassResult result = PASS.apply(model.graph(), new PassContext(PASS.settings().check("test", settings),
          TargetProfile.of("cpu"), backend, calibration, 1, 0, Progress.SILENT));
      GraphVerifier.verify(model.graph());
      return result;
    }
  }
}
