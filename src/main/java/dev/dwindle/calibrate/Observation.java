package dev.dwindle.calibrate;

import dev.dwindle.backend.Bound;
import dev.dwindle.backend.CompileOptions;
import dev.dwindle.backend.Executable;
import dev.dwindle.backend.SampleFeed;
import dev.dwindle.backend.SharedRuns;
import dev.dwindle.data.Sample;
import dev.dwindle.data.Samples;
import dev.dwindle.graph.Graph;
import dev.dwindle.graph.Model;
import dev.dwindle.graph.Node;
import dev.dwindle.graph.NodeBuilder;
import dev.dwindle.graph.Value;
import dev.dwindle.op.Operator;
import dev.dwindle.pass.PassContext;
import dev.dwindle.tensor.InvalidInputException;
import dev.dwindle.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** A copy of a model whose outputs are statistics, and its run over the calibration samples. */
final class Observation {
  /** Time that must be left for a second request to gain more than its memory and its beginning cost. */
  private static final long WORTH_NANOS = 100_000_000;

  private final Model model;
  private final PassContext context;
  private final Map<String, String> carried = new HashMap<>();

  Observation(Graph graph, PassContext context) {
    this.model = graph.model().copy();
    this.context = context;
    carried.putAll(context.calibration().carried());
    List<Integer> kept = new ArrayList<>();
    for (int i = 0; i < graph.outputs().size(); i++) {
      if (carried.containsKey(graph.outputs().get(i).name())) {
        kept.add(i);
      }
    }
    model.graph().retainOutputs(kept);
    model.graph().opsets().putIfAbsent(Operator.OWN_DOMAIN, 1);
  }

  Graph graph() {
    return model.graph();
  }

  /** The twin of a value of the observed graph. */
  Value twin(String name) {
    return model.graph().value(name);
  }

  /** Puts a reader of a value directly behind what makes it: there it is in the cache, and its memory is free soon. */
  Node behind(Value value, NodeBuilder reader) {
    List<Node> nodes = model.graph().nodes();
    return value.producer() != null ? reader.after(value.producer())
        : nodes.isEmpty() ? reader.append() : reader.before(nodes.getFirst());
  }

  /** Lets an output of one run be an input of the next. */
  void carry(String output, String input) {
    carried.put(output, input);
  }

  /**
   * Runs all samples; what they give is told in their order.
   *
   * @param initial first values of the inputs that statistics are carried in
   * @param each sees the outputs after each run
   * @param last sees those of the last run, where something is carried from run to run
   */
  void run(String stage, Map<String, Tensor> initial, Consumer<Map<String, Tensor>> each,
      Consumer<Map<String, Tensor>> last) {
    model.graph().removeDead();
    Samples samples = context.calibration();
    if (samples.count() == 0) {
      throw new InvalidInputException(
          "calibration: found no samples, expected at least 1; name a data set with a calibration part");
    }
    context.progress().begin(stage, samples.count());
    if (carried.isEmpty()) {
      runShared(samples, each);
    } else {
      runInOrder(samples, initial, each, last);
    }
    context.progress().end();
  }

  /** Where no run needs what another has made, two requests share the samples. */
  private void runShared(Samples samples, Consumer<Map<String, Tensor>> each) {
    int requests = cores() == 1 ? 1 : 2;
    IdleCore core = new IdleCore();
    long begun = System.nanoTime();
    try (Executable executable = compile(Math.max(1, cores() / requests)); Stream<Sample> stream = samples.stream()) {
      SharedRuns.of(executable, model.graph(), stream.iterator(), (sample, outputs) -> {
        each.accept(outputs);
        context.progress().advance(1);
      }).run(done -> requests > 1
          && (System.nanoTime() - begun) / done * (samples.count() - done) > WORTH_NANOS && core.seen());
    }
  }

  /** All cores but one, which is left to whoever decodes the samples and compiles the kernels, unless the user says how many. */
  private void runInOrder(Samples samples, Map<String, Tensor> initial, Consumer<Map<String, Tensor>> each,
      Consumer<Map<String, Tensor>> last) {
    int threads = context.threads() > 0 ? context.threads() : Math.max(1, cores() - 1);
    try (Executable executable = compile(threads);
        Bound bound = executable.bind();
        Stream<Sample> stream = samples.stream()) {
      initial.forEach(bound::set);
      SampleFeed feed = new SampleFeed(bound, model.graph(), carried);
      stream.forEachOrdered(sample -> {
        feed.run(sample);
        each.accept(bound.outputs());
        context.progress().advance(1);
      });
      last.accept(bound.outputs());
    }
  }

  private Executable compile(int threads) {
    return context.backend().compile(model.graph(), CompileOptions.DEFAULT.withThreads(threads));
  }

  private int cores() {
    return context.threads() > 0 ? context.threads() : Runtime.getRuntime().availableProcessors();
  }
}
