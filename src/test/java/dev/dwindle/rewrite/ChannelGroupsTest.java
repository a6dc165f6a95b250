package dev.dwindle.rewrite;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.dwindle.graph.GraphText;
import org.junit.jupiter.api.Test;

class ChannelGroupsTest {
  private static final String CONSTANTS = """
      float[4,3,3,3] w = random(1), float[4] b = random(2), float[5,4,3,3] v = random(3), float[4,4,3,3] u = random(4),
      float[4,1,3,3] depth = random(5), float[8,1,3,3] twice = random(6), float[4,2,3,3] pairs = random(7),
      float[5,8,3,3] v8 = random(8), float[100,5] p = random(9), float[5] c = random(10), float[5,6] q = random(11),
      float[6,5] r = random(12), float[4,1,1] column = random(13), float[4,4,3,3] t = random(14),
      float[4,2,2,2] back = random(15), float[5,2,3,3] v2 = random(16), float[5,6,3,3] v6 = random(17),
      float[6,4] s = random(18), float[4] z = {1}, int64[8] wide = {0, 1, 0, 0, 0, 1, 0, 0}, float[6,4,3,3] w64 = random(19),
      int64[2] flat = {-1, 100}, int64[5] parts = {-1, 2, 2, 5, 5}, int64[4] whole = {-1, 4, 5, 5}, int64[2] halves = {2, 2},
      int64[1] zero = {0}, int64[1] two = {2}, int64[1] one = {1}, float[3,3] m = random(20)
      """;

  private static void assertGroups(String expected, String inputs, String nodes) {
    String text = "g (" + inputs + ") => (y) <" + CONSTANTS + "> {" + nodes + "}";
    assertEquals(expected.strip(), ChannelGroups.of(GraphText.parse(text).graph()).toString());
  }

  private static void assertGroups(String expected, String nodes) {
    assertGroups(expected, "float[N,3,5,5] x", nodes);
  }

  private static final String SAME = "<pads = [1, 1, 1, 1]>";

  @Test
  void featuresOfOneConvolutionAreChannelsOfTheNext() {
    assertGroups("4 channels in w/0, b/0, v/1, z/0",
        "h = Conv(x, w, b) n = BatchNormalization(h, z, z, z, z) i = Relu(n) y = Conv(i, v)");
  }

  @Test
  void biasesAndScalesGoWithTheirChannels() {
    assertGroups("4 channels in w/0, v/1, column/0", "h = Conv(x, w) i = Mul(h, column) y = Conv(i, v)");
  }

  @Test
  void whatIsAddedGoesTogether() {
    assertGroups("4 channels in w/0, v/1, u/0, u/1",
        "h = Conv " + SAME + " (x, w) i = Conv " + SAME + " (h, u) j = Add(h, i) y = Conv(j, v)");
  }

  @Test
  void inputsAndOutputsStay() {
    assertGroups("", "y = Conv(x, w, b)");
    assertGroups("", "h = Conv(x, w) i = Abs(h) y = Relu(i)");
  }

  @Test
  void whatIsNotUnderstoodStays() {
    assertGroups("", "h = Conv(x, w) i = com.example.Gate(h) y = Conv(i, v)");
    assertGroups("", "h = Conv(x, w) i = Softmax <axis = 1> (h) y = Conv(i, v)");
    assertGroups("", "h = Conv(x, w) i = ReduceMean(h, one) y = Mul(i, i)");
  }

  @Test
  void depthwiseConvolutionsLoseGroups() {
    assertGroups("4 channels in w/0, v/1, depth/0", "h = Conv(x, w) i = Conv <group = 4> (h, depth) y = Conv "
        + SAME + " (i, v)");
    assertGroups("4 channels in w/0, twice/0*2, v8/1*2", "h = Conv(x, w) i = Conv <group = 4> (h, twice) y = Conv "
        + SAME + " (i, v8)");
  }

  @Test
  void groupsOfConvolutionsLoseTheSameChannels() {
    assertGroups("2 channels in w/0*2, pairs/1\n2 channels in v/1*2, pairs/0*2",
        "h = Conv(x, w) i = Conv <group = 2> (h, pairs) y = Conv " + SAME + " (i, v)");
  }

  @Test
  void transposedConvolutions() {
    assertGroups("4 channels in w/0, back/0\n2 channels in back/1, v2/1",
        "h = Conv(x, w) i = ConvTranspose(h, back) y = Conv(i, v2)");
  }

  @Test
  void flattenedChannelsAreRuns() {
    assertGroups("4 channels in w/0, p/0*25\n5 channels in p/1, c/0, q/0",
        "h = Conv " + SAME + " (x, w) f = Flatten(h) i = Gemm(f, p, c) j = Relu(i) y = Gemm(j, q)");
    assertGroups("4 channels in w/0, p/0*25\n5 channels in p/1, c/0, r/1",
        "h = Conv " + SAME + " (x, w) f = Reshape(h, flat) m1 = MatMul(f, p) i = Add(m1, c) "
            + "y = Gemm <transB = 1> (i, r)");
  }

  @Test
  void poolingLeavesChannels() {
    assertGroups("4 channels in w/0, s/1", "h = Conv(x, w) i = MaxPool <kernel_shape = [2, 2]> (h) "
        + "j = GlobalAveragePool(i) k = Flatten(j) y = Gemm <transB = 1> (k, s)");
  }

  @Test
  void joinedChannelsKeepTheirGroups() {
    assertGroups("4 channels in w/0, v8/1, t/1\n4 channels in v8/1, t/0",
        "h = Conv(x, w) i = Conv(x, w) k = Conv " + SAME + " (h, t) j = Concat <axis = 1> (i, k) y = Conv(j, v8)");
  }

  @Test
  void partsAreChannelsOfTheWhole() {
    assertGroups("2 channels in w/0*2, v2/1",
        "h = Conv(x, w) i, j = Split <axis = 1> (h, halves) k = Add(i, j) y = Conv(k, v2)");
    assertGroups("2 channels in w/0, v2/1\n2 channels in w/0",
        "h = Conv(x, w) i = Slice(h, zero, two, one) y = Conv(i, v2)");
  }

  @Test
  void aPaddedShortcutIsTheMiddleOfWhatItIsAddedTo() {
    assertGroups("4 channels in w/0, v6/1, w64/0, w64/1\n2 channels in v6/1, w64/0",
        "h = Conv " + SAME + " (x, w) i = Conv " + SAME + " (h, w64) k = Pad(h, wide) j = Add(i, k) y = Conv(j, v6)");
  }

  @Test
  void shuffledChannelsGoInEveryGroup() {
    assertGroups("2 channels in w/0*2, v/1*2",
        "h = Conv " + SAME + " (x, w) i = Reshape(h, parts) j = Transpose <perm = [0, 2, 1, 3, 4]> (i) "
            + "k = Reshape(j, whole) y = Conv(k, v)");
  }

  @Test
  void productsOfActivationsShareTheirInnerChannels() {
    assertGroups("6 channels in q/1, r/0", "float[N,5] x",
        "h = MatMul(x, q) y = MatMul(h, r)");
  }

  @Test
  void whatASubgraphReadsStays() {
    assertGroups("", "float[N,3,5,5] x, bool[] k", """
        h = Conv(x, w)
        i = Conv(h, v)
        y = If <then_branch = yes () => (a) { a = Relu(h) }, else_branch = no () => (b) { b = Abs(h) }> (k)""");
  }
}
