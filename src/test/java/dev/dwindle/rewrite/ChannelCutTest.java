package dev.dwindle.rewrite;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dwindle.graph.Constant;
import dev.dwindle.graph.Graph;
import dev.dwindle.graph.GraphText;
import dev.dwindle.graph.GraphVerifier;
import dev.dwindle.graph.Model;
import dev.dwindle.op.Interpreter;
import dev.dwindle.quant.Elements;
import dev.dwindle.rewrite.ChannelGroups.Group;
import dev.dwindle.rewrite.ChannelGroups.Member;
import dev.dwindle.tensor.InvalidInputException;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ChannelCutTest {
  private static final int SEEDS = 60;

  static int[] all(Group group) {
    return IntStream.range(0, group.size()).toArray();
  }

  @Test
  void keepingAllChangesNothing() {
    for (int seed = 0; seed < SEEDS; seed++) {
      Model model = RandomNet.of(seed);
      String before = GraphText.print(model.graph());
      ChannelCut.apply(ChannelGroups.of(model.graph()), ChannelCutTest::all);
      assertEquals(before, GraphText.print(model.graph()), "seed " + seed);
    }
  }

  /** What is 0 in every constant adds nothing to any sum: without it the sums are the same. */
  @Test
  void channelsThatAreZeroDoNotMatter() {
    int cuts = 0;
    for (int seed = 0; seed < SEEDS; seed++) {
      Model model = RandomNet.of(seed);
      Random random = new Random(seed);
      ChannelGroups groups = ChannelGroups.of(model.graph());
      Map<Group, int[]> kept = new HashMap<>();
      for (Group group : groups.groups()) {
        int least = random.nextInt(group.size());
        int[] chosen = IntStream.range(0, group.size()).filter(c -> c == least || random.nextBoolean()).toArray();
        kept.put(group, chosen);
        boolean[] stays = new boolean[group.size()];
        for (int c : chosen) stays[c] = true;
        group.members().forEach(member -> clear(member, stays));
        cuts += group.size() - chosen.length;
      }
      Map<String, Tensor> samples = Samples.of(model.graph(), 2);
      List<Tensor> expected = Interpreter.run(model.graph(), samples);
      long parameters = Cost.parameters(model);
      long multiplyAdds = Cost.multiplyAdds(model);
      ChannelCut.apply(groups, kept::get);
      GraphVerifier.verify(model.graph());
      assertClose("seed " + seed, expected, Interpreter.run(model.graph(), samples));
      assertTrue(Cost.parameters(model) <= parameters && Cost.multiplyAdds(model) <= multiplyAdds);
    }
    assertTrue(cuts > SEEDS, "only " + cuts + " channels went");
  }

  static void clear(Member member, boolean[] stays) {
    Tensor tensor = member.constant().tensor();
    Shape shape = tensor.shape();
    double[] values = Elements.doubles(tensor);
    long inner = shape.product(member.axis() + 1, shape.rank());
    boolean[] gone = new boolean[shape.intDim(member.axis())];
    for (int c = 0; c < stays.length; c++) {
      for (int place : member.places()[c]) gone[place] = !stays[c];
    }
    for (int i = 0; i < values.length; i++) {
      if (gone[(int) (i / inner % gone.length)]) values[i] = 0;
    }
    member.constant().graph().setConstant(member.constant(),
        Constant.of(Elements.ofDoubles(tensor.dtype(), shape, values)));
  }

  private static void assertClose(String what, List<Tensor> expected, List<Tensor> actual) {
    for (int i = 0; i < expected.size(); i++) {
      double[] wanted = Elements.doubles(expected.get(i));
      double most = 1;
      for (double v : wanted) most = Math.max(most, Math.abs(v));
      assertEquals(expected.get(i).shape(), actual.get(i).shape(), what);
      assertArrayEquals(wanted, Elements.doubles(actual.get(i)), 1e-5 * most, what);
    }
  }

  private static final String HEAD = "<ir_version: 8, opset_import: [\"\": 13]>\ng (float[N,2,4,4] x) => (y)\n";

  /** Cuts to the channels of these numbers in every group that has them, and prints the result. */
  private static String cut(String text, int... kept) {
    Model model = GraphText.parse(HEAD + text);
    ChannelCut.apply(ChannelGroups.of(model.graph()),
        group -> IntStream.of(kept).filter(c -> c < group.size()).toArray());
    ShapeInference.of(model.graph()).store();
    GraphVerifier.verify(model.graph());
    Interpreter.run(model.graph(), Samples.of(model.graph(), 2));
    return GraphText.print(model.graph());
  }

  private static void assertHas(String text, String... lines) {
    for (String line : lines) assertTrue(text.contains(line), () -> "'" + line + "' is not in\n" + text);
  }

  @Test
  void constantsAreSliced() {
    assertHas(cut("""
        < float[4,2,1,1] w = {1, 2, 3, 4, 5, 6, 7, 8}, float[4] b = {1, 2, 3, 4}, float[1,4,1,1] v = {5, 6, 7, 8} >
        { h = Conv(x, w, b) y = Conv(h, v) }""", 1, 3),
        "float[2,2,1,1] w = {3, 4, 7, 8}", "float[2] b = {2, 4}", "float[1,2,1,1] v = {6, 8}");
  }

  @Test
  void depthwiseConvolutionsHaveFewerGroups() {
    assertHas(cut("""
        < float[4,2,1,1] w = random(1), float[8,1,1,1] d = {1, 2, 3, 4, 5, 6, 7, 8}, float[1,8,1,1] v = random(2) >
        { h = Conv(x, w) i = Conv <group = 4> (h, d) y = Conv(i, v) }""", 0, 2, 3),
        "<group = 3>", "float[6,1,1,1] d = {1, 2, 5, 6, 7, 8}");
  }

  @Test
  void padsCountTheChannelsThatStay() {
    assertHas(cut("""
        < float[2,2,1,1] w = random(1), float[6,2,1,1] v = random(2), float[1,6,1,1] u = {1, 2, 3, 4, 5, 6},
          int64[8] pads = {0, 3, 0, 0, 0, 1, 0, 0} >
        { h = Conv(x, w) i = Conv(h, v) j = Pad(h, pads) k = Add(i, j) y = Conv(k, u) }""", 0, 1),
        "pads = {0, 2, 0, 0, 0, 0, 0, 0}", "float[1,4,1,1] u = {1, 2, 4, 5}");
  }

  @Test
  void shapesAndSizesFollow() {
    assertHas(
        cut("""
            < float[4,2,1,1] w = random(1), float[2,4,1,1] v = random(2), int64[2] shape = {-1, 64}, int64[2] sizes = {2, 2},
              float[64,3] p = random(3) >
            { h = Conv(x, w) a, b = Split <axis = 1> (h, sizes) c = Relu(a) d = Concat <axis = 1> (c, b)
              f = Reshape(d, shape) y = MatMul(f, p) }""",
            0),
        "shape = {-1, 32}", "sizes = {1, 1}", "float[32,3] p");
    assertHas(cut("""
        < float[6,2,1,1] w = random(1), float[1,3,1,1] v = random(2), float[1,6,1,1] u = random(3), int64[1] from = {2},
          int64[1] to = {5}, int64[1] axis = {1} >
        { h = Conv(x, w) a = Slice(h, from, to, axis) b = Conv(a, v) c = Conv(h, u) y = Add(b, c) }""", 1, 2),
        "from = {1}", "to = {3}");
  }

  @Test
  void aValueMustKeepAChannel() {
    Model model = GraphText.parse("""
        g (float[N,3] x) => (y) < float[3,4] w = random(1), float[4,2] v = random(2) >
        { h = MatMul(x, w) y = MatMul(h, v) }""");
    ChannelGroups groups = ChannelGroups.of(model.graph());
    String none = assertThrows(InvalidInputException.class, () -> ChannelCut.apply(groups, g -> new int[0]))
        .getMessage();
    assertEquals("value 'w': none of its 4 channels along axis 1 is kept, expected one or more", none);
    String twice = assertThrows(InvalidInputException.class, () -> ChannelCut.apply(groups, g -> new int[] {1, 1}))
        .getMessage();
    assertEquals("group 0: found channels [1, 1] to keep, expected ascending ones below 4", twice);
    assertEquals("float[3,4]", model.graph().value("w").tensor().toString());
  }
}
