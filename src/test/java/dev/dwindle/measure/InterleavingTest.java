package dev.dwindle.measure;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dwindle.pass.Progress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.Test;

class InterleavingTest {
  private final FakeClock clock = new FakeClock();
  private final List<String> events = new ArrayList<>();

  /** A source whose loads take so long to run, and which takes so long to compile anew. */
  private Source source(String name, LongSupplier nanos, long renewal) {
    return new Source() {
      @Override
      public Load open() {
        events.add("open " + name);
        return Load.of(clock.bound(() -> {
          events.add(name);
          return nanos.getAsLong();
        }));
      }

      @Override
      public void renew() {
        events.add("renew " + name);
        clock.pass(renewal);
      }

      @Override
      public void close() {
        events.add("close " + name);
      }
    };
  }

  private Runs measure(Length length, Source... sources) {
    return new Interleaving(clock, length).measure(sources.length, i -> sources[i], Progress.SILENT);
  }

  @Test
  void loadsTakeTurnsInBlocksWithNewBuffersAndWeights() {
    Runs runs = measure(new Length(40, 0, 20), source("a", () -> 2_000_000, 1_000),
        source("b", () -> 1_000_000, 1_000));
    assertEquals(40, runs.times()[0].length);
    assertTrue(Arrays.stream(runs.times()[0]).allMatch(millis -> millis == 2));
    assertEquals(2, runs.speedup(0, 1).value(), 1e-12);
    int counted = events.subList(2, events.size()).indexOf("open a") + 2;
    assertEquals(
        List.of("open a", "open b", "a", "a", "a", "b", "b", "b", "a", "b", "b", "a", "renew b", "renew a", "open b",
            "open a"),
        events.subList(counted, counted + 16));
    assertEquals(19, events.stream().filter("renew a"::equals).count());
    assertEquals(List.of("close a", "close b"), events.subList(events.size() - 2, events.size()));
  }

  @Test
  void whatIsDearToCompileIsCompiledAnewLessOften() {
    measure(new Length(200, 0, 20), source("a", () -> 10_000_000, 300_000_000));
    assertEquals(4, events.stream().filter("renew a"::equals).count());
    assertEquals(21, events.stream().filter("open a"::equals).count());
  }

  @Test
  void whatIsTooDearIsNeverCompiledAnew() {
    Source source = source("a", () -> 10_000_000, 3_000_000_000L);
    new Interleaving(clock, new Length(200, 0, 20)).measure(1, i -> {
      source.renew();
      return source;
    }, Progress.SILENT);
    assertEquals(1, events.stream().filter("renew a"::equals).count());
  }

  @Test
  void theRunsThatFitAreCountedAndAtLeastTen() {
    assertEquals(100, measure(new Length(500, 0, 2), source("a", () -> 20_000_000, 0)).times()[0].length);
    assertEquals(10, measure(new Length(500, 0, 1), source("a", () -> 1_000_000_000, 0)).times()[0].length);
    assertEquals(5, measure(new Length(5, 0, 1), source("a", () -> 1_000_000_000, 0)).times()[0].length);
    assertEquals(2_000, measure(new Length(500, 2, 20), source("a", () -> 1_000_000, 0)).times()[0].length);
  }

  @Test
  void warmingUpEndsWhereTheMediansAgree() {
    long[] run = {0};
    Runs runs = measure(new Length(100, 0, 20), source("a", () -> 1_000_000 + 5_000_000L / ++run[0], 0));
    assertTrue(runs.warmUp().steady());
    assertTrue(runs.warmUp().runs() >= 300 && runs.warmUp().seconds() < 1, runs.warmUp().toString());
  }

  @Test
  void warmingUpGivesUpOnWhatNeverSettles() {
    long[] nanos = {1_000_000};
    WarmUp.Outcome outcome = measure(new Length(100, 0, 20), source("a", () -> nanos[0] += 5_000, 0)).warmUp();
    assertFalse(outcome.steady());
    assertEquals(5, outcome.seconds(), 0.1);
  }

  @Test
  void warmingUpManyHasABoundForAllTogether() {
    long[] nanos = {1_000_000};
    LongSupplier never = () -> nanos[0] += 5_000;
    Source[] sources = {source("a", never, 0), source("b", never, 0), source("c", never, 0), source("d", never, 0)};
    WarmUp.Outcome outcome = measure(new Length(20, 0, 20, 5), sources).warmUp();
    assertFalse(outcome.steady());
    assertEquals(5, outcome.seconds(), 0.1);
  }

  /** Loads that are alike, and take a tenth less where they have just run. */
  @Test
  void noLoadRunsTwiceInARowMoreOftenThanOthers() {
    String[] last = {""};
    Source[] sources = new Source[5];
    for (int i = 0; i < sources.length; i++) {
      String name = "load " + i;
      sources[i] = source(name, () -> {
        boolean warm = last[0].equals(name);
        last[0] = name;
        return warm ? 900_000 : 1_000_000;
      }, 0);
    }
    Runs runs = measure(new Length(300, 0, 20), sources);
    double[] means = Arrays.stream(runs.times()).mapToDouble(of -> Arrays.stream(of).average().orElseThrow()).toArray();
    for (double mean : means) assertEquals(means[0], mean, 0.005);
    for (int i = 1; i < sources.length; i++) assertEquals(1, runs.speedup(i, 0).value(), 0.001);
  }
}
