package dev.dwindle.result;

import java.util.List;

/**
 * How a figure went from epoch to epoch of a training.
 *
 * @param name what it is, such as {@code loss}
 * @param unit such as {@code %}; empty where it has none
 * @param first the epoch of the first value, from 1 on: more where training was resumed
 * @param values one for each epoch
 * @param goal what the same figure is of the model that is learned from; null where there is none
 */
public record Curve(String name, String unit, long first, List<Double> values, Double goal) {
  public Curve {
    // JSON has no NaN: it is null there.
    values = values.stream().map(value -> value == null ? Double.valueOf(Double.NaN) : value).toList();
    goal = goal != null && goal.isNaN() ? null : goal;
  }
}
