package dev.dwindle.measure;

import dev.dwindle.pass.Progress;
import dev.dwindle.result.Energy;
import dev.dwindle.result.Estimate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntFunction;

/** Energy of loads in stretches, in turn; counters move so seldom that single runs cannot be told apart. */
final class EnergyComparison {
  private static final int STRETCHES = 8;

  private final Clock clock;
  private final EnergyMeter meter;

  EnergyComparison(Clock clock, EnergyMeter meter) {
    this.clock = clock;
    this.meter = meter;
  }

  /** Measures so many loads, which are warm by then, each from a source of its own. */
  Energy measure(int count, IntFunction<Source> maker, Progress progress) {
    if (meter.missing() != null) return new Energy(List.of(), meter.missing(), "");
    progress.begin("energy", (long) count * STRETCHES);
    double[][] joules = new double[count][STRETCHES];
    for (int stretch = 0; stretch < STRETCHES; stretch++) {
      for (int i = 0; i < count; i++) {
        int which = stretch % 2 == 0 ? i : count - 1 - i;
        try (Source source = maker.apply(which); Load load = source.open()) {
          load.run();
          joules[which][stretch] = stretch(load);
        }
        progress.advance(1);
      }
    }
    progress.end();
    if (Arrays.stream(joules).flatMapToDouble(Arrays::stream).anyMatch(Double::isNaN)) {
      return new Energy(List.of(), "a counter of energy was lost or began anew while it was read", "");
    }
    List<Estimate> estimates = new ArrayList<>();
    Arrays.stream(joules).forEach(of -> estimates.add(SignedRank.middle(of)));
    return new Energy(estimates, "", meter.of());
  }

  /** Joules of one run. */
  private double stretch(Load load) {
    double[] before = meter.read();
    long end = clock.nanos() + (long) (meter.stretchMillis() * 1e6);
    int runs = 0;
    do {
      load.run();
      runs++;
    } while (clock.nanos() < end);
    return meter.joulesSince(before) / runs;
  }
}
