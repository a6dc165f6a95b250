package dev.dwindle.train;

import dev.dwindle.graph.Graph;
import dev.dwindle.graph.Value;
import java.util.List;

/**
 * How parameters follow from their gradients: a few operators for each parameter, with states of the parameter's shape that begin at zero. Weight decay is for parameters
 * of two axes or more, not counting those of size 1: vectors, such as biases, scales of normalizations and slopes, are left as they are, also where they are shaped to
 * be broadcast.
 */
public sealed interface Optimizer {
  /** How many states each parameter has. */
  int states();

  /**
   * Appends the update of one parameter.
   *
   * @param rate the learning rate, a scalar
   * @param step which update this is, from 1 on, a FLOAT scalar
   * @param states as they are
   * @return the new parameter, then the new states
   */
  List<Value> update(Graph graph, Value parameter, Value gradient, Value rate, Value step, List<Value> states);

  private static boolean isVector(Value parameter) {
    return parameter.tensorType().dims().stream().filter(dim -> !dim.is(1)).count() < 2;
  }

  /**
   * Stochastic gradient descent with momentum (Polyak, 1964), as frameworks have it: {@code v = momentum v + g + decay p}, {@code p = p - rate v}.
   *
   * @param decay of the weights, added to the gradient
   */
  record Sgd(double momentum, double decay) implements Optimizer {
    @Override
    public int states() {
      return 1;
    }

    @Override
    public List<Value> update(Graph graph, Value parameter, Value gradient, Value rate, Value step,
        List<Value> states) {
      Arithmetic a = new Arithmetic(graph, parameter.tensorType().dtype());
      Value force = decay == 0 || isVector(parameter) ? gradient
          : a.add(gradient, a.times(parameter, decay));
      Value velocity = a.add(a.times(states.getFirst(), momentum), force);
      return List.of(a.subtract(parameter, a.multiply(rate, velocity)), velocity);
    }
  }

  /**
   * Adam with decoupled weight decay (Loshchilov and Hutter, 2019).
   *
   * @param beta1 what remains of the mean gradient from step to step
   * @param beta2 of its square
   * @param epsilon added to the root of the latter
   * @param decay of the weights, as a part of the learning rate
   */
  record AdamW(double beta1, double beta2, double epsilon, double decay) implements Optimizer {
    @Override
    public int states() {
      return 2;
    }

    @Override
    public List<Value> update(Graph graph, Value parameter, Value gradient, Value rate, Value step,
        List<Value> states) {
      Arithmetic a = new Arithmetic(graph, parameter.tensorType().dtype());
      Value mean = a.add(a.times(states.get(0), beta1), a.times(gradient, 1 - beta1));
      Value square = a.add(a.times(states.get(1), beta2), a.times(a.multiply(gradient, gradient), 1 - beta2));
      Value unbiasedMean = a.divide(mean, a.subtract(a.number(1), a.power(beta1, step)));
      Value unbiasedSquare = a.divide(square, a.subtract(a.number(1), a.power(beta2, step)));
      Value move = a.divide(unbiasedMean, a.add(a.root(unbiasedSquare), a.number(epsilon)));
      Value kept = decay == 0 || isVector(parameter) ? parameter
          : a.multiply(parameter, a.subtract(a.number(1), a.times(rate, decay)));
      return List.of(a.subtract(kept, a.multiply(rate, move)), mean, square);
    }
  }
}
