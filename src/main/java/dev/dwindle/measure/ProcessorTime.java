package dev.dwindle.measure;

import dev.dwindle.result.MachineUse;
import dev.dwindle.result.Reading;
import java.util.List;

/**
 * The time that cores have spent computing up to a moment, as Linux counts it (proc(5)): in hundredths of a second.
 *
 * @param known whether the system tells
 * @param all of every process
 * @param stolen by the host of a virtual machine
 * @param own of this process
 */
record ProcessorTime(long nanos, boolean known, double all, double stolen, double own) {
  private static final double TICKS = 100;
  private static final String UNIT = "cores";
  private static final String STAT = "/proc/stat";

  static ProcessorTime now(SystemFiles files, Clock clock) {
    List<String> system = files.lines("proc/stat");
    List<String> process = files.lines("proc/self/stat");
    if (system.isEmpty() || process.isEmpty()) return new ProcessorTime(clock.nanos(), false, 0, 0, 0);
    String[] of = system.getFirst().strip().split(" +");
    // The name of the program stands in brackets, and may hold blanks.
    String[] own = process.getFirst().substring(process.getFirst().lastIndexOf(')') + 2).split(" ");
    double all = number(of, 1) + number(of, 2) + number(of, 3) + number(of, 6) + number(of, 7);
    return new ProcessorTime(clock.nanos(), true, all, number(of, 8), number(own, 11) + number(own, 12));
  }

  private static double number(String[] fields, int index) {
    return index < fields.length ? Double.parseDouble(fields[index]) : 0;
  }

  /** Who used the cores between this moment and a later one. */
  MachineUse until(ProcessorTime later) {
    double seconds = (later.nanos - nanos) / 1e9;
    if (!known || !later.known || seconds <= 0) {
      Reading missing = Reading.missing(UNIT, "no " + STAT);
      return new MachineUse(seconds, missing, missing, missing);
    }
    double mine = (later.own - own) / TICKS / seconds;
    double others = Math.max(0, (later.all - all) / TICKS / seconds - mine);
    return new MachineUse(seconds, new Reading(mine, UNIT, "/proc/self/stat"), new Reading(others, UNIT, STAT),
        new Reading((later.stolen - stolen) / TICKS / seconds, UNIT, STAT));
  }
}
