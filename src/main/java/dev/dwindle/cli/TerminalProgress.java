package dev.dwindle.cli;

import dev.dwindle.pass.Progress;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** Progress with the time left on the error stream, for stages that last longer than two seconds. */
final class TerminalProgress implements Progress, AutoCloseable {
  private static final long PATIENCE_NANOS = 2_000_000_000L;

  private String stage;
  private long total;
  private long done;
  private long began;
  private ProgressBar bar;

  private TerminalProgress() {}

  /** A bar where someone watches a terminal, else a line a minute. */
  static Progress create() {
    boolean watched = System.console() != null && System.console().isTerminal();
    return watched ? new TerminalProgress()
        : new LineProgress(new PrintWriter(System.err, true, StandardCharsets.UTF_8), System::nanoTime);
  }

  @Override
  public void begin(String name, long steps) {
    end();
    stage = name;
    total = steps;
    done = 0;
    began = System.nanoTime();
  }

  @Override
  public void advance(long steps) {
    done += steps;
    if (bar != null) {
      bar.stepBy(steps);
    } else if (System.nanoTime() - began > PATIENCE_NANOS) {
      bar = new ProgressBarBuilder().setTaskName(stage).setInitialMax(total > 0 ? total : -1)
          .setStyle(ProgressBarStyle.ASCII)
          .startsFrom(done, Duration.ofNanos(System.nanoTime() - began)).setUpdateIntervalMillis(200)
          .clearDisplayOnFinish().build();
    }
  }

  @Override
  public void note(String text) {
    if (bar != null) bar.setExtraMessage(" " + text);
  }

  @Override
  public void end() {
    if (bar != null) {
      bar.close();
      bar = null;
    }
  }

  @Override
  public void close() {
    end();
  }
}
