package dev.dwindle.pass;

/** Where long work tells how far it is. The default tells nobody. */
public interface Progress {
  Progress SILENT = new Progress() {};

  /** A stage begins; {@code total} steps, or 0 where that is not known. */
  default void begin(String stage, long total) {}

  /** So many more steps are done. */
  default void advance(long steps) {}

  /** What is to be seen beside how far the stage is, such as a loss. */
  default void note(String text) {}

  /** The stage is over. */
  default void end() {}

  /** The same, told where each stage is. */
  default Progress at(String place) {
    Progress to = this;
    return new Progress() {
      @Override
      public void begin(String stage, long total) {
        to.begin(place + ": " + stage, total);
      }

      @Override
      public void advance(long steps) {
        to.advance(steps);
      }

      @Override
      public void note(String text) {
        to.note(text);
      }

      @Override
      public void end() {
        to.end();
      }
    };
  }
}
