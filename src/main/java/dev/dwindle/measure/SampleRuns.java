package dev.dwindle.measure;

import dev.dwindle.backend.Bound;
import dev.dwindle.backend.CompileOptions;
import dev.dwindle.backend.Executable;
import dev.dwindle.backend.SampleFeed;
import dev.dwindle.backend.SharedRuns;
import dev.dwindle.data.Sample;
import dev.dwindle.data.Samples;
import dev.dwindle.graph.Model;
import dev.dwindle.pass.PassContext;
import dev.dwindle.tensor.Tensor;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.stream.Stream;

/** Runs a whole model over samples on the device. */
public final class SampleRuns {
  private SampleRuns() {}

  /** Runs all samples; what they give is told in their order, and is valid until the next is told. */
  public static void run(Model model, PassContext context, Samples samples,
      BiConsumer<Sample, Map<String, Tensor>> each) {
    int cores = context.threads() > 0 ? context.threads() : Runtime.getRuntime().availableProcessors();
    boolean shared = cores > 1 && samples.carried().isEmpty();
    CompileOptions options = CompileOptions.DEFAULT.withThreads(shared ? cores / 2 : cores);
    try (Executable executable = context.backend().compile(model.graph(), options);
        Stream<Sample> stream = samples.stream()) {
      if (shared) {
        SharedRuns.of(executable, model.graph(), stream.iterator(), each).run(done -> true);
      } else {
        inOrder(executable, model, samples, stream, each);
      }
    }
  }

  private static void inOrder(Executable executable, Model model, Samples samples, Stream<Sample> stream,
      BiConsumer<Sample, Map<String, Tensor>> each) {
    try (Bound bound = executable.bind()) {
      SampleFeed feed = new SampleFeed(bound, model.graph(), samples.carried());
      stream.forEachOrdered(sample -> {
        feed.run(sample);
        each.accept(sample, bound.outputs());
      });
    }
  }
}
