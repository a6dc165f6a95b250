package dev.dwindle.train;

import dev.dwindle.backend.Backend;
import dev.dwindle.backend.TargetProfile;
import dev.dwindle.backend.cpu.CpuBackend;
import dev.dwindle.data.Augmentation;
import dev.dwindle.data.MetricSpec;
import dev.dwindle.data.Sample;
import dev.dwindle.data.Samples;
import dev.dwindle.graph.GraphText;
import dev.dwindle.graph.GraphVerifier;
import dev.dwindle.graph.Model;
import dev.dwindle.pass.Pass;
import dev.dwindle.pass.PassContext;
import dev.dwindle.pass.Progress;
import dev.dwindle.pass.Training;
import dev.dwindle.pass.TrainingFiles;
import dev.dwindle.result.PassResult;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** A task that a small net learns in a second, and passes that train on it. */
public final class Lesson {
  private Lesson() {}

  /** Two classes of images {@code [1, 1, 6, 6]}: brighter on the left, or on the right. */
  public static Samples images(int count, boolean labelled) {
    Random random = new Random(3);
    List<Sample> samples = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      float[] x = new float[36];
      for (int k = 0; k < 36; k++) x[k] = random.nextFloat() + (k % 6 < 3 == (i % 2 == 0) ? 0.5f : 0);
      samples.add(new Sample(Map.of("x", Tensor.of(Shape.of(1, 1, 6, 6), x)),
          labelled ? Tensor.scalar((long) (i % 2)) : null, true));
    }
    return Samples.of(samples);
  }

  /** A net that tells them apart: the sum of the left half less that of the right, through eight channels of two layers, six of which are weak. */
  public static Model teacher(String end) {
    return GraphText.parse(
        """
            <ir_version: 8, opset_import: ["": 13]>
            net (float[N,1,6,6] x) => (float[N,2] y)
            <float[8,1,3,3] w = random(1), float[8] b = random(4), float[8,8,3,3] u = random(5), float[8] d = random(6), float[128,2] v = random(2), float[2] c = {0}>
            { h = Conv(x, w, b)  r = Relu(h)  g = Conv<pads=[1,1,1,1]>(r, u, d)  s = Relu(g)  f = Flatten(s)  %s }
            """
            .formatted(end));
  }

  /** Runs a pass; settings as in a recipe. */
  public static PassResult run(Pass pass, Model model, Model original, Samples samples, Map<String, Object> settings,
      int threads, TrainingFiles files) {
    try (Backend cpu = new CpuBackend()) {
      PassContext context = new PassContext(pass.settings().check("test", settings), TargetProfile.of("cpu"), cpu,
          samples, threads, 7, Progress.SILENT).withTraining(
              new Training(original, samples, Augmentation.NONE, List.of(new MetricSpec.TopK(1, 0)), files, 0));
      PassResult result = pass.apply(model.graph(), context);
      GraphVerifier.verify(model.graph());
      return result;
    }
  }
}
