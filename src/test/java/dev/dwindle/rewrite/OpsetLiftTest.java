package dev.dwindle.rewrite;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.dwindle.graph.GraphText;
import dev.dwindle.graph.GraphVerifier;
import dev.dwindle.graph.Model;
import dev.dwindle.op.Interpreter;
import dev.dwindle.tensor.InvalidInputException;
import dev.dwindle.tensor.Tensor;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Old forms of each operator that changed give the same in ONNX Runtime, and by the plain meanings, when lifted. */
class OpsetLiftTest {
  @TempDir
  Path folder;

  private static Model model(int opset, String text) {
    return GraphText.parse("<ir_version: 8, opset_import: [\"\": " + opset + "]>\n" + text);
  }

  @ParameterizedTest(name = "{0}: {1} => {2}")
  @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
      # opset, and the newest in which ONNX Runtime has the operator | declarations | nodes
      7  | float[4,6,5] x | y = Slice <starts = [1, -3], ends = [3, 1000], axes = [0, 2]> (x)
      7  | float[4,6,5] x | y = Slice <starts = [1, 2], ends = [-1, 4]> (x)
      7  | float[3,6] x | y, i = TopK <k = 2, axis = 1> (x)
      7  | float[3,6] x | y = Clip <min = -0.5, max = 0.25> (x)
      7  | float[3,6] x | y = Clip <max = 0.25> (x)
      7  | float[3,6] x | y = Clip (x)
      7  | float[3,6] x | y = Pad <pads = [1, 0, 0, 2], value = 1.5> (x)
      7  | float[3,6] x | y = Pad <pads = [1, 0, 0, 2], mode = "reflect"> (x)
      7  | float[3,6] x | y = Dropout <ratio = 0.25> (x)
      10 | float[3,6] x | y = Dropout (x)
      8  | float[2,3] s, float[2,4,3] x | final, y = Scan <num_scan_inputs = 1, directions = [1], \
      body = b (float[3] h, float[3] e) => (k, f) { k = Add(h, e) f = Identity(k) }> ("", s, x)
      7  | float[1,2,3,4] x | y = Upsample <scales = [1.0, 1.0, 2.0, 3.0]> (x)
      7  | float[1,2,3,4] x | y = Upsample <scales = [1.0, 1.0, 2.0, 2.0], mode = "linear"> (x)
      9  | float[1,2,3,4] x < float[4] s = {1, 1, 2, 3} > | y = Upsample (x, s)
      9  | float[1,2,3,4] x, float[1] f < float[4] c = {1, 1, 2, 3} > | o = Div(f, f) s = Mul(c, o) y = Upsample (x, s)
      10 | float[1,2,5,7] x < float[4] s = {1, 1, 0.6, 0.7} > | y = Resize (x, s)
      10 | float[1,2,5,7] x < float[4] s = {1, 1, 0.6, 2.5} > | y = Resize (x, s)
      10 | float[1,2,5,7] x < float[4] s = {1, 1, 1.5, 2.5} > | y = Resize <mode = "linear"> (x, s)
      11 | float[1,2,5,7] x < float[0] e = {}, int64[4] n = {1, 2, 7, 3} > | y = Resize (x, e, e, n)
      11 | float[1,2,5,7] x < float[0] e = {}, float[4] s = {1, 1, 2, 3} > \
      | y = Resize <coordinate_transformation_mode = "tf_half_pixel_for_nn", nearest_mode = "floor"> (x, e, s)
      9  | float[3,4] x, float[1,4] u < int64[1,4] i = {2, 0, 1, 2} > | y = Scatter <axis = 0> (x, i, u)
      11 | float[1,3,1] x | y = Squeeze <axes = [-1]> (x)
      11 | float[1,3,1] x | y = Squeeze (x)
      11 | float[2,3] x | y = Unsqueeze <axes = [0, 3]> (x)
      11 | float[2,3,4] x | y = ReduceSum <axes = [0, 2], keepdims = 0> (x)
      11 | float[2,3,4] x | y = ReduceSum (x)
      11 | float[2,3,4] x | y = ReduceMean <axes = [-1]> (x)
      13 | float[2,3,4] x | y = ReduceL1 <axes = [1]> (x)
      13 | float[2,3,4] x | y = ReduceL2 <axes = [1], keepdims = 0> (x)
      13 | float[2,3,4] x | a = Abs(x) y = ReduceLogSum <axes = [1]> (a)
      13 | float[2,3,4] x | y = ReduceLogSumExp <axes = [0, 1]> (x)
      13 | float[2,3,4] x | y = ReduceMax <axes = [1]> (x)
      13 | float[2,3,4] x | y = ReduceMin (x)
      13 | float[2,3,4] x | y = ReduceProd <axes = [2]> (x)
      13 | float[2,3,4] x | y = ReduceSumSquare <axes = [2]> (x)
      11 | float[2,6] x | y, z = Split <axis = 1, split = [2, 4]> (x)
      11 | float[2,6] x | y, z, w = Split <axis = -1> (x)
      13 | float[2,6] x < int64[2] s = {5, 1} > | y, z = Split <axis = 1> (x, s)
      7  | float[2,3,4] x | y = Softmax (x)
      11 | float[2,3,4] x | y = Softmax <axis = 0> (x)
      11 | float[2,3,4] x | y = Softmax <axis = -1> (x)
      11 | float[2,3,1,1] x | y = Softmax (x)
      11 | float[?] x | y = Softmax (x)
      11 | float[2,3,4] x | y = LogSoftmax <axis = -2> (x)
      11 | float[2,3,4] x | y = Hardmax (x)
      7  | float[2,3,4] x < float[3] s = random(1), float[3] b = random(2), float[3] m = random(3), float[3] v = {2} > \
      | y = BatchNormalization <spatial = 1> (x, s, b, m, v)
      10-21 | float[1,2,6,6] x < float[2,4] r = {0, 0, 3, 3, 1, 1, 5, 4}, int64[2] b = {0, 0} > \
      | y = RoiAlign <output_height = 2, output_width = 2, sampling_ratio = 2> (x, r, b)
      16 | float[1,2,6,6] x, float[1,3,3,2] g | y = GridSample (x, g)
      16 | float[1,2,6,6] x, float[1,3,3,2] g | y = GridSample <mode = "bicubic", align_corners = 1> (x, g)
      17 | float[1,8,3,1] x | y = DFT (x)
      17 | float[1,8,3,1] x | y = DFT <axis = 2> (x)
      18 | float[2,6,4] x < float[3] s = random(1), float[3] b = random(2) > \
      | y = GroupNormalization <num_groups = 3> (x, s, b)
      11 | float[] c, float[2,3,4] x | k = Cast <to = 9> (c) y = If <then_branch = t () => (a) { h = Softmax(x) a = Squeeze(h) }, \
      else_branch = e () => (b) { b = Unsqueeze <axes = [0]> (x) }> (k)
      """)
  void outputsStayTheSame(String opsets, String declaration, String nodes) throws Exception {
    String[] range = opsets.split("-");
    int opset = Integer.parseInt(range[0]);
    int newest = range.length > 1 ? Integer.parseInt(range[1]) : 26;
    int constants = declaration.indexOf('<');
    String inputs = constants < 0 ? declaration : declaration.substring(0, constants);
    Model original = model(opset, "g (" + inputs + ") => (y) " + (constants < 0 ? "" : declaration.substring(constants))
        + " { " + nodes + " }");
    Map<String, Tensor> samples = Samples.of(original.graph(), 2);
    Map<String, Tensor> expected = Distance.outputs(original, folder.resolve("old.onnx"), samples);
    for (int target : new int[] {opset + 1, Math.max(13, opset), Math.max(18, opset), newest}) {
      Model lifted = original.copy();
      OpsetLift.lift(lifted, target);
      GraphVerifier.verify(lifted.graph());
      Distance.assertClose("opset " + target, 1e-6, expected,
          Distance.outputs(lifted, folder.resolve("new.onnx"), samples));
      Tensor plain = Interpreter.run(lifted.graph(), samples).getFirst();
      Distance.assertClose("plain meaning at opset " + target, 1e-5, expected, Map.of("y", plain));
    }
  }

  private static void assertRefused(String expected, Model model, int opset) {
    assertEquals(expected,
        assertThrows(InvalidInputException.class, () -> OpsetLift.lift(model, opset)).getMessage());
  }

  @Test
  void whatCannotBeExpressedIsSaidWithTheNode() {
    assertRefused(
        "Scan 's': cannot be lifted to opset 9: Scan of opset 8 with sequence lengths, which later ones do not "
            + "have",
        model(8, """
            g (float[1,2,3] x, int64[1] n) => (y) { [s] y = Scan <num_scan_inputs = 1, \
            body = b (float[3] e) => (f) { f = Relu(e) }> (n, x) }"""), 12);
    assertRefused("Clip 'y': cannot be lifted to opset 11: the element type of input 0 is not known",
        model(7, "g (?[?] x) => (y) { y = Clip <min = 0.0> (x) }"), 11);
    assertRefused("GroupNormalization 'y': cannot be lifted to opset 21: the number of channels is not known",
        model(18, "g (float[?] x) => (y) <float[2] s = {1}> { y = GroupNormalization <num_groups = 2> (x, s, s) }"),
        21);
    assertRefused("graph 'g': opset is 6, expected at least 7 to be raised to 13",
        model(6, "g (float[2] x) => (y) { y = Relu(x) }"), 13);
    assertRefused("opset 99: is newer than the newest known, 28",
        model(13, "g (float[2] x) => (y) { y = Relu(x) }"), 99);
  }

  @Test
  void statisticsForEachElementBecomeArithmetic() {
    Model model = model(7, """
        g (float[2,3,2] x) => (y)
        < float[3,2] s = random(1), float[3,2] b = random(2), float[3,2] m = random(3), float[3,2] v = {2} >
        { y = BatchNormalization <spatial = 0> (x, s, b, m, v) }""");
    OpsetLift.lift(model, 9);
    assertEquals(List.of("Add", "Sqrt", "Sub", "Div", "Mul", "Add"),
        model.graph().nodes().stream().map(n -> n.operator()).toList());
    assertEquals("y", model.graph().outputs().getFirst().name());
  }

  @Test
  void aMaskThatIsReadIsCastBack() {
    Model model = model(7, "g (float[2] x) => (z) { y, m = Dropout(x) z = Add(y, m) }");
    OpsetLift.lift(model, 10);
    assertEquals("""
        g (float[2] x) => (z)
        {
          y, m_1 = Dropout(x)
          m = Cast <to = 1> (m_1)
          z = Add(y, m)
        }
        """, GraphText.print(model.graph()));
  }

  @Test
  void unreadTrainingOutputsOfBatchNormalizationGo() {
    Model model = model(9, """
        g (float[2,3] x) => (z) < float[3] s = {1} >
        { [bn] y, a, b, c, d = BatchNormalization <epsilon = 0.01> (x, s, s, s, s) z = Relu(y) }""");
    OpsetLift.lift(model, 14);
    assertEquals("""
        g (float[2,3] x) => (z)
        <
          float[3] s = {1, 1, 1}
        >
        {
          [bn] y = BatchNormalization <epsilon = 0.01> (x, s, s, s, s)
          z = Relu(y)
        }
        """, GraphText.print(model.graph()));
  }

  @Test
  void namesStayAndOnlyWhatIsAskedForIsRaised() {
    Model model = model(11,
        "g (float[1,3] x) => (y) { [s] h = Squeeze <axes = [0]> (x) y = com.example.Foo <k = 1> (h) }");
    OpsetLift.lift(model, 13);
    assertEquals(13, model.graph().opset(""));
    assertEquals(8, model.irVersion());
    assertEquals("""
        g (float[1,3] x) => (y)
        <
          int64[1] h_axes = {0}
        >
        {
          [s] h = Squeeze(x, h_axes)
          y = com.example.Foo <k = 1> (h)
        }
        """, GraphText.print(model.graph()));
    OpsetLift.lift(model, 12);
    assertEquals(13, model.graph().opset(""), "nothing is lowered");
    OpsetLift.lift(model, 25);
    assertEquals(13, model.irVersion());
  }

  @Test
  void functionsAreLiftedWithReferencesToTheirAttributes() {
    Model model = GraphText.parse("""
        <ir_version: 8, opset_import: ["": 12, "local": 1]>
        g (float[3] x) => (y) { y = local.Widen <at = [0]> (x) }
        <domain: "local", opset_import: ["": 12]>
        Widen <at> (v) => (w) { w = Unsqueeze <axes = @at> (v) }""");
    OpsetLift.lift(model, 13);
    assertEquals("""
        graph (v) => (w)
        {
          w_axes = Constant <value_ints = @at> ()
          w = Unsqueeze(v, w_axes)
        }
        """, GraphText.print(model.functions().getFirst().body()));
  }

  @Test
  void irVersionsFollowTheReleases() {
    int[][] pairs = {{7, 3}, {8, 3}, {9, 4}, {10, 5}, {11, 6}, {12, 7}, {14, 7}, {15, 8}, {18, 8}, {19, 9}, {20, 9},
        {21, 10}, {22, 10}, {23, 11}, {24, 12}, {25, 13}, {27, 13}, {28, 14}};
    for (int[] pair : pairs) {
      assertEquals(pair[1], IrVersions.lowest(pair[0]), "opset " + pair[0]);
    }
  }
}
