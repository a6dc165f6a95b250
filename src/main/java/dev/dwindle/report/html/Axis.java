package dev.dwindle.report.html;

import java.util.ArrayList;
import java.util.List;

/** A linear axis: numbers from {@code low} to {@code high} on pixels from {@code from} to {@code to}. */
record Axis(double low, double high, double from, double to) {
  /** The pixel of a number, kept on the axis. */
  double at(double value) {
    double share = high > low ? (value - low) / (high - low) : 0.5;
    return from + Math.clamp(share, 0, 1) * (to - from);
  }

  /** Round numbers on the axis, about so many: multiples of 1, 2 or 5 times a power of ten. */
  List<Double> ticks(int about) {
    double step = step(about);
    List<Double> ticks = new ArrayList<>();
    for (long i = (long) Math.ceil(low / step - 1e-9); i * step <= high + step * 1e-9 && ticks.size() < 100; i++) {
      ticks.add(i * step);
    }
    return ticks;
  }

  /** The decimals that tell ticks apart. */
  int decimals(int about) {
    return Math.clamp((long) Math.ceil(-Math.log10(step(about)) - 1e-9), 0, 9);
  }

  private double step(int about) {
    double rough = Math.max((high - low) / about, Double.MIN_NORMAL);
    double power = Math.pow(10, Math.floor(Math.log10(rough)));
    double first = rough / power;
    return power * (first <= 1 ? 1 : first <= 2 ? 2 : first <= 5 ? 5 : 10);
  }
}
