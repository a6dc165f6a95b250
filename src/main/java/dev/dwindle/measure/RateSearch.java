package dev.dwindle.measure;

/** The search for the highest rate that holds: by halves between one that held and one that did not, up to what the servers can do at all. */
final class RateSearch {
  private static final int STEPS = 7;

  private final double capacity;
  private double held;
  private double failed;
  private int steps;

  /** @param capacity requests a second that would keep all servers busy without a pause, above which no rate can hold */
  RateSearch(double capacity) {
    this.capacity = capacity;
  }

  /** The rate to try next. */
  double next() {
    return (held + (failed == 0 ? capacity : failed)) / 2;
  }

  /** Takes in how the rate to try went. */
  void tell(boolean holds) {
    double rate = next();
    if (holds) held = rate;
    else
      failed = rate;
    steps++;
  }

  boolean isDone() { return steps == STEPS; }

  /** The highest rate that held; 0 where none did. */
  double held() {
    return held;
  }

  /** The lowest rate that did not hold, or the capacity where all did. */
  double failed() {
    return failed == 0 ? capacity : failed;
  }
}
