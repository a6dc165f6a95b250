package dev.dwindle.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.MutuallyExclusiveArgsException;

class OptionsTest {
  /** A command with an argument of each kind but {@code parameters}. */
  private static final class Sample implements Callable<Integer> {
    static Sample last;

    final Argument<Path> from;
    final Argument<Path> to;
    final Argument<Boolean> loud;
    final Argument<Integer> count;
    final Argument<Long> limit;
    final Argument<List<Path>> reports;
    final Argument<Map<String, String>> keys;
    final Argument<Boolean> left;

    Sample(Options options) {
      from = options.parameter("FROM", Path.class, "The first.");
      to = options.required("-t, --to", "TO", Path.class, "The target.");
      loud = options.flag("--loud", "Says more.");
      count = options.option("--count", "N", int.class, "7", "Default ${DEFAULT-VALUE}.");
      limit = options.option("--limit", "N", Long.class, "None by default.");
      reports = options.list("--report", "FILE", Path.class, "Any number.");
      keys = options.map("--key", "K=V", "Any number.");
      left = options.oneOf(one -> {
        one.flag("--right", "The one.");
        return one.flag("--left", "The other.");
      });
      last = this;
    }

    @Override
    public Integer call() {
      return 42;
    }
  }

  private static Sample parsed(String... args) {
    Options.line("sample", Sample::new).parseArgs(args);
    return Sample.last;
  }

  @Test
  void argumentsHoldWhatWasGiven() {
    Sample sample = parsed("a", "-t", "d", "--loud", "--count=3", "--limit", "9", "--report", "x",
        "--report", "y", "--key", "k=v", "--key", "l=w", "--left");
    assertEquals(Path.of("a"), sample.from.get());
    assertEquals(Path.of("d"), sample.to.get());
    assertTrue(sample.loud.get());
    assertEquals(3, sample.count.get());
    assertEquals(9L, sample.limit.get());
    assertEquals(List.of(Path.of("x"), Path.of("y")), sample.reports.get());
    assertEquals(Map.of("k", "v", "l", "w"), sample.keys.get());
    assertTrue(sample.left.get());
  }

  @Test
  void whatWasNotGivenHasItsDefault() {
    Sample sample = parsed("a", "--to", "d", "--right");
    assertEquals(false, sample.loud.get());
    assertEquals(7, sample.count.get());
    assertNull(sample.limit.get());
    assertEquals(List.of(), sample.reports.get());
    assertEquals(Map.of(), sample.keys.get());
    assertEquals(false, sample.left.get());
  }

  @Test
  void aParameterMayBeGivenMoreThanOnce() {
    List<Argument<List<Path>>> made = new ArrayList<>();
    Options.line("sample", options -> {
      made.add(options.parameters("FILES", Path.class, "Any number but none."));
      return () -> 0;
    }).parseArgs("a", "b", "c");
    assertEquals(List.of(Path.of("a"), Path.of("b"), Path.of("c")), made.getFirst().get());
  }

  @Test
  void exactlyOneOfAChoiceMustBeGiven() {
    assertThrows(MissingParameterException.class, () -> parsed("a", "-t", "d"));
    assertThrows(MutuallyExclusiveArgsException.class, () -> parsed("a", "-t", "d", "--left", "--right"));
  }

  @Test
  void theCommandRunsAndGivesTheExitCode() {
    assertEquals(42, Options.line("sample", Sample::new).execute("a", "-t", "d", "--left"));
  }
}
