package dev.dwindle.calibrate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class ChannelHalvesTest {
  private static final ChannelRanges SEEN = new ChannelRanges(new float[] {-1, 0, -8}, new float[] {2, 4, 0});

  @Test
  void theMedianOverChannelsOfTheLargerReachOverTheSmaller() {
    ChannelRanges others = new ChannelRanges(new float[] {-4, 0, 0}, new float[] {1, 5, 1});
    ChannelHalves halves = new ChannelHalves(SEEN, others);
    assertEquals(2, halves.disagreement(), "of 2, 1.25 and 8");
    assertEquals(2, new ChannelHalves(others, SEEN).disagreement());
    assertEquals(1, new ChannelHalves(SEEN, SEEN).disagreement());
    assertArrayEquals(new float[] {-4, 0, -8}, halves.all().min());
    assertArrayEquals(new float[] {2, 5, 1}, halves.all().max());
  }

  @Test
  void aSingleSampleAgreesWithNothing() {
    ChannelHalves halves = new ChannelHalves(SEEN, ChannelRanges.empty(3));
    assertEquals(Double.POSITIVE_INFINITY, halves.disagreement());
    assertArrayEquals(SEEN.min(), halves.all().min());
    assertArrayEquals(SEEN.max(), halves.all().max());
  }
}
