package dev.dwindle.rewrite;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dwindle.backend.cpu.ZooModel;
import dev.dwindle.graph.Graph;
import dev.dwindle.graph.GraphVerifier;
import dev.dwindle.graph.Model;
import dev.dwindle.onnx.OnnxReader;
import dev.dwindle.rewrite.ChannelGroups.Group;
import dev.dwindle.tensor.Tensor;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@Tag("zoo")
class ZooChannelCutTest {
  @TempDir
  Path folder;

  private static Model simple(ZooModel zoo) {
    Model model = OnnxReader.read(zoo.path());
    Inlining.inline(model);
    Simplification.simplify(model.graph());
    model.setIrVersion(Math.max(model.irVersion(), IrVersions.FIRST_WITH_FREE_INITIALIZERS));
    return model;
  }

  /** Every other channel of every group, made zero in all constants, goes without a trace. */
  @ParameterizedTest
  @MethodSource("dev.dwindle.backend.cpu.ZooModel#chosen")
  void channelsThatAreZeroDoNotMatter(ZooModel zoo) throws Exception {
    Model model = simple(zoo);
    ChannelGroups groups = ChannelGroups.of(model.graph());
    for (Group group : groups.groups()) {
      boolean[] stays = new boolean[group.size()];
      for (int channel : even(group)) stays[channel] = true;
      group.members().forEach(member -> ChannelCutTest.clear(member, stays));
    }
    Map<String, Tensor> inputs = zoo.samples();
    Map<String, Tensor> expected = Distance.outputs(model, folder.resolve("zeroed.onnx"), inputs);
    long before = Cost.parameters(model);
    ChannelCut.apply(groups, ZooChannelCutTest::even);
    GraphVerifier.verify(model.graph());
    assertTrue(groups.groups().isEmpty() || Cost.parameters(model) < before);
    Distance.assertClose(zoo.fileName(), 1e-5, expected, Distance.outputs(model, folder.resolve("cut.onnx"), inputs));
  }

  private static int[] even(Group group) {
    return IntStream.range(0, group.size()).filter(c -> c % 2 == 0).toArray();
  }

  @Test
  void shortcutsOfResNetTieNarrowChannelsIntoWideOnes() {
    Graph graph = simple(ZooModel.RESNET20).graph();
    assertEquals("16 16 16 16 16 32 32 32 32 64 64 64",
        String.join(" ",
            ChannelGroups.of(graph).groups().stream().map(g -> g.size()).sorted().map(String::valueOf).toList()));
  }
}
