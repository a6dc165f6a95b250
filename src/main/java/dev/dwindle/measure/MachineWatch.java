package dev.dwindle.measure;

import dev.dwindle.result.MachineState;
import dev.dwindle.result.MachineUse;
import dev.dwindle.result.Reading;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Watches over the machine during a measurement: its state before and after, and who else computed. */
public final class MachineWatch {
  /** Shares of a core that disturb: others' beyond what an idle system takes, and any that the host takes. */
  private static final double OTHERS = 0.1;
  private static final double STOLEN = 0.02;
  private static final double LEAST_SLOWER = 0.1;

  /** What was seen. */
  public record Seen(MachineState before, MachineState after, MachineUse use) {
    /** What a reader of the figures should know of the machine. */
    public List<String> warnings() {
      List<String> warnings = new ArrayList<>();
      if (exceeds(use.others(), OTHERS)) {
        warnings.add(String.format(Locale.ROOT,
            "other processes were computing: %.2f cores on average during the measurement", use.others().value()));
      }
      if (exceeds(use.stolen(), STOLEN)) {
        warnings.add(String.format(Locale.ROOT,
            "the host took %.2f cores from this virtual machine during the measurement", use.stolen().value()));
      }
      if (increase(before.throttles(), after.throttles()) > 0) {
        warnings.add(String.format(Locale.ROOT, "the processor was slowed down for its heat, %.0f times",
            increase(before.throttles(), after.throttles())));
      }
      double slower = -increase(before.frequency(), after.frequency());
      if (slower > LEAST_SLOWER * (before.frequency().isThere() ? before.frequency().value() : 0)) {
        warnings.add(String.format(Locale.ROOT, "the clock fell: %.0f MHz before, %.0f MHz after",
            before.frequency().value(), after.frequency().value()));
      }
      return List.copyOf(warnings);
    }
  }

  private final SystemFiles files;
  private final Clock clock;
  private final MachineState before;
  private final ProcessorTime began;

  private MachineWatch(SystemFiles files, Clock clock) {
    this.files = files;
    this.clock = clock;
    before = new MachineSensors(files).read();
    began = ProcessorTime.now(files, clock);
  }

  /**
   * Begins to watch.
   *
   * @param root below which {@code proc} and {@code sys} are
   */
  public static MachineWatch begin(Path root) {
    return begin(new SystemFiles(root), Clock.SYSTEM);
  }

  static MachineWatch begin(SystemFiles files, Clock clock) {
    return new MachineWatch(files, clock);
  }

  /** Ends the watch. */
  public Seen end() {
    MachineUse use = began.until(ProcessorTime.now(files, clock));
    return new Seen(before, new MachineSensors(files).read(), use);
  }

  private static boolean exceeds(Reading reading, double most) {
    return reading.isThere() && reading.value() > most;
  }

  private static double increase(Reading before, Reading after) {
    return before.isThere() && after.isThere() ? after.value() - before.value() : 0;
  }
}
