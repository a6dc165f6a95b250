package dev.dwindle.pass;

import dev.dwindle.graph.GraphVerifier;
import dev.dwindle.graph.Model;
import dev.dwindle.result.PassResult;
import dev.dwindle.tensor.DwindleException;
import dev.dwindle.tensor.PassFailedException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;

/** Passes in order on one copy of a model, verified after each. */
public final class Pipeline {
  /** A pass with its settings. */
  public record Step(Pass pass, Settings settings) {}

  /** The changed copy, and what each pass did. */
  public record Outcome(Model model, List<PassResult> results) {}

  private final List<Step> steps;
  private final int first;

  public Pipeline(List<Step> steps) {
    this(steps, 1);
  }

  /** A part of a recipe, whose first step has this number there. */
  public Pipeline(List<Step> steps, int first) {
    this.steps = List.copyOf(steps);
    this.first = first;
  }

  /**
   * Runs all steps on a copy of the model.
   *
   * @throws PassFailedException where one fails, naming it and those that had run
   */
  public Outcome run(Model model, PassContext context) {
    Model copy = model.copy();
    List<PassResult> results = new ArrayList<>();
    for (int i = 0; i < steps.size(); i++) {
      Step step = steps.get(i);
      try {
        PassResult result = step.pass().apply(copy.graph(),
            context.withSettings(step.settings()).withTraining(context.training().at(first + i, model)));
        GraphVerifier.verify(copy.graph());
        results.add(result);
      } catch (CancellationException e) {
        throw e; // the program is ending, which is no failure of the pass
      } catch (DwindleException | IllegalStateException e) {
        throw new PassFailedException(
            "pass " + (i + 1) + " of " + steps.size() + ", '" + step.pass().name() + "', failed" + after(results) + ": "
                + e.getMessage(),
            e);
      }
    }
    return new Outcome(copy, results);
  }

  private static String after(List<PassResult> results) {
    return results.isEmpty() ? "" : " after " + results.stream().map(PassResult::pass).toList();
  }
}
