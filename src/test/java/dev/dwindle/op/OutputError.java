package dev.dwindle.op;

import dev.dwindle.graph.Model;
import dev.dwindle.quant.Elements;
import dev.dwindle.tensor.Tensor;
import java.util.Map;

/** How far a changed model is from the original. */
public final class OutputError {
  private OutputError() {}

  /** The sum of squared differences of the first output, over values of the input {@code x}. */
  public static double of(Model original, Model changed, Iterable<Tensor> samples) {
    double sum = 0;
    for (Tensor sample : samples) {
      double[] a = Elements.doubles(Interpreter.run(original.graph(), Map.of("x", sample)).getFirst());
      double[] b = Elements.doubles(Interpreter.run(changed.graph(), Map.of("x", sample)).getFirst());
      for (int i = 0; i < a.length; i++) sum += (a[i] - b[i]) * (a[i] - b[i]);
    }
    return sum;
  }
}
