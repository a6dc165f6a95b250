package dev.dwindle.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

class LineProgressTest {
  private static final long SECOND = 1_000_000_000L;

  private long now;

  @Test
  void aLineAMinuteOfWhatLastsLonger() {
    StringWriter text = new StringWriter();
    LineProgress progress = new LineProgress(new PrintWriter(text), () -> now);
    progress.begin("calibration", 10);
    now += 59 * SECOND;
    progress.advance(10);
    assertEquals("", text.toString());
    progress.begin("training", 400);
    for (int i = 0; i < 100; i++) {
      now += SECOND;
      if (i == 20) progress.note("loss 0.5");
      progress.advance(1);
    }
    assertEquals("dwindle: training: 60 of 400, loss 0.5, about 6 min left" + System.lineSeparator(), text.toString());
  }
}
