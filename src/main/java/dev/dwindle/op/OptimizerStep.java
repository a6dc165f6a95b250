package dev.dwindle.op;

import dev.dwindle.graph.ValueType;
import dev.dwindle.quant.Elements;
import dev.dwindle.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * Adagrad, Adam and Momentum of the preview training domain: one update of tensors from their gradients.
 *
 * @param states accumulated tensors for each optimized one
 */
record OptimizerStep(String name, int states) implements Operator {
  /** The numbers of one tensor: itself, its gradient, its states; updated in place. */
  private record Update(double rate, double count, double[] x, double[] gradient, double[][] states) {}

  @Override
  public String domain() {
    return "ai.onnx.preview.training";
  }

  private int tensors(Call call) {
    int inputs = call.inputCount() - 2;
    if (inputs <= 0 || inputs % (2 + states) != 0) {
      throw call.invalid("found " + inputs + " tensors, expected " + (2 + states) + " for each optimized one");
    }
    return inputs / (2 + states);
  }

  @Override
  public List<ValueType> infer(Inference call) {
    int tensors = tensors(call);
    List<ValueType> types = new ArrayList<>();
    for (int group = 0; group <= states; group++) {
      for (int i = 0; i < tensors; i++) {
        types.add(call.tensor(2 + i));
      }
    }
    return types;
  }

  @Override
  public List<Tensor> evaluate(Evaluation call) {
    int tensors = tensors(call);
    Tensor[] outputs = new Tensor[tensors * (1 + states)];
    for (int i = 0; i < tensors; i++) {
      double[][] accumulated = new double[states][];
      for (int s = 0; s < states; s++) {
        accumulated[s] = call.doubles(2 + (2 + s) * tensors + i);
      }
      Update update = new Update(call.scalarDouble(0), call.scalarLong(1), call.doubles(2 + i),
          call.doubles(2 + tensors + i), accumulated);
      apply(call, update);
      Tensor x = call.required(2 + i);
      outputs[i] = Elements.ofDoubles(x.dtype(), x.shape(), update.x);
      for (int s = 0; s < states; s++) {
        outputs[(1 + s) * tensors + i] = Elements.ofDoubles(x.dtype(), x.shape(), accumulated[s]);
      }
    }
    return List.of(outputs);
  }

  private void apply(Call call, Update update) {
    for (double[] numbers : update.states) {
      if (numbers.length != update.x.length || update.gradient.length != update.x.length) {
        throw call.invalid("a tensor of " + update.x.length + " elements has " + update.gradient.length
            + " gradients and a state of " + numbers.length + ", expected as many");
      }
    }
    double decay = call.real("norm_coefficient", 0);
    for (int i = 0; i < update.x.length; i++) {
      update.gradient[i] += decay * update.x[i];
    }
    switch (name) {
      case "Adagrad" -> adagrad(call, update);
      case "Adam" -> adam(call, update);
      default -> momentum(call, update);
    }
  }

  private static void adagrad(Call call, Update u) {
    double rate = u.rate / (1 + u.count * call.real("decay_factor", 0));
    double epsilon = call.real("epsilon", 1e-6f);
    double[] squares = u.states[0];
    for (int i = 0; i < u.x.length; i++) {
      double g = u.gradient[i];
      squares[i] += g * g;
      u.x[i] -= rate * g / (Math.sqrt(squares[i]) + epsilon);
    }
  }

  private static void adam(Call call, Update u) {
    double alpha = call.real("alpha", 0.9f);
    double beta = call.real("beta", 0.999f);
    double epsilon = call.real("epsilon", 1e-6f);
    double after = 1 - call.real("norm_coefficient_post", 0);
    double rate = u.count > 0 ? u.rate * Math.sqrt(1 - Math.pow(beta, u.count)) / (1 - Math.pow(alpha, u.count))
        : u.rate;
    double[] mean = u.states[0];
    double[] squares = u.states[1];
    for (int i = 0; i < u.x.length; i++) {
      double g = u.gradient[i];
      mean[i] = alpha * mean[i] + (1 - alpha) * g;
      squares[i] = beta * squares[i] + (1 - beta) * g * g;
      u.x[i] = after * (u.x[i] - rate * mean[i] / (Math.sqrt(squares[i]) + epsilon));
    }
  }

  private static void momentum(Call call, Update u) {
    double alpha = call.real("alpha", 0);
    double beta = u.count > 0 ? call.real("beta", 1) : 1;
    boolean nesterov = nesterov(call);
    double[] velocity = u.states[0];
    for (int i = 0; i < u.x.length; i++) {
      double g = u.gradient[i];
      velocity[i] = alpha * velocity[i] + beta * g;
      u.x[i] -= u.rate * (nesterov ? g + alpha * velocity[i] : velocity[i]);
    }
  }

  private static boolean nesterov(Call call) {
    String mode = call.text("mode", "");
    if (!mode.equals("nesterov") && !mode.equals("standard")) {
      throw call.invalid(
          "mode is '" + mode + "', expected standard or nesterov");
    }
    return mode.equals("nesterov");
  }
}
