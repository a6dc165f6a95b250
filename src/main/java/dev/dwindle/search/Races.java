package dev.dwindle.search;

import dev.dwindle.graph.Model;
import dev.dwindle.search.Race.Result;
import dev.dwindle.search.Race.Results;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** The same models timed on each device that is to gain speed, each race kept in the journal: what is claimed must hold on all of them. */
final class Races {
  private final SequencedMap<String, Race> devices;
  private final Journal journal;

  /** @param devices the races by the names of their devices, in the order in which they are run */
  Races(SequencedMap<String, Race> devices, Journal journal) {
    this.devices = devices;
    this.journal = journal;
  }

  /**
   * How a model did beside the first.
   *
   * @param devices its result on each device
   */
  record Timed(SequencedMap<String, Result> devices) {
    /** Whether it is shown to be faster than the first model on any device. */
    boolean isFasterSomewhere() {
      return devices.values().stream().anyMatch(result -> result.time().high() < 1);
    }

    /** As {@link Result#noSlower}, for being slower on any device: the largest of their probabilities, as all must be shown. */
    double noSlower() {
      return most(Result::noSlower);
    }

    double firstNoSlower() {
      return most(Result::firstNoSlower);
    }

    private double most(ToDoubleFunction<Result> figure) {
      return devices.values().stream().mapToDouble(figure).max().orElseThrow();
    }

    /** Such as {@code 0.62 times the time [0.60, 0.64]}, with the devices where there are several. */
    String text() {
      return devices.entrySet().stream()
          .map(each -> each.getValue().text() + (devices.size() == 1 ? "" : " on " + each.getKey()))
          .collect(Collectors.joining(" and "));
    }
  }

  /**
   * Times the first model beside the others; a result for each of the others.
   *
   * @param key of the race in the journal
   */
  List<Timed> run(String key, Supplier<Model> first, List<Supplier<Model>> others) {
    SequencedMap<String, Results> all = new LinkedHashMap<>();
    devices.forEach((device, race) -> all.put(device,
        journal.once(key + " on " + device, Results.class, () -> race.run(first.get(), others))));
    return IntStream.range(0, others.size()).mapToObj(i -> timed(all, i)).toList();
  }

  private static Timed timed(Map<String, Results> all, int other) {
    SequencedMap<String, Result> results = new LinkedHashMap<>();
    all.forEach((device, race) -> results.put(device, race.results().get(other)));
    return new Timed(results);
  }
}
