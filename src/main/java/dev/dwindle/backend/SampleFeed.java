package dev.dwindle.backend;

import dev.dwindle.data.Sample;
import dev.dwindle.graph.Graph;
import dev.dwindle.graph.Value;
import dev.dwindle.tensor.InvalidInputException;
import dev.dwindle.tensor.Tensor;
import java.util.List;
import java.util.Map;

/** Gives samples to a bound graph, one a run; carried inputs come from the run before, except where a sequence begins. */
public final class SampleFeed {
  private final Bound bound;
  private final List<String> inputs;
  private final Map<String, String> carried;

  /**
   * Begins to feed.
   *
   * @param carried input name by output name: what one run makes, the next reads
   */
  public SampleFeed(Bound bound, Graph graph, Map<String, String> carried) {
    this.bound = bound;
    this.inputs = graph.requiredInputs().stream().map(Value::name).toList();
    this.carried = Map.copyOf(carried);
    this.carried.forEach(bound::carry);
  }

  /** Sets the inputs and runs. */
  public void run(Sample sample) {
    Heap.settle();
    for (String input : inputs) {
      Tensor value = sample.inputs().get(input);
      boolean isCarried = carried.containsValue(input);
      if (value == null && !isCarried) {
        throw new InvalidInputException(
            "data: a sample has inputs " + sample.inputs().keySet() + ", expected '" + input + "' too");
      }
      if (value != null && (!isCarried || sample.first())) {
        bound.set(input, value);
      }
    }
    bound.run();
  }
}
