package dev.dwindle.pass.pack;

import dev.dwindle.graph.Graph;
import dev.dwindle.pass.Pass;
import dev.dwindle.pass.PassContext;
import dev.dwindle.pass.Settings;
import dev.dwindle.pass.Settings.Choice;
import dev.dwindle.pass.Settings.Setting;
import dev.dwindle.result.PassResult;
import java.util.List;

/**
 * Asks that the file be packed, once it is written, beside itself. The graph stays what it is, so that other passes do not see
 * it; a recipe has it at its end.
 */
public final class Pack implements Pass {
  private static final String PRESET = "preset";

  private static final Settings.Schema SETTINGS = Settings.Schema.of(new Setting(PRESET,
      new Choice(List.of("small", "fast")), "small",
      "small: the fewest bytes; fast: nearly as few, many times faster"));

  @Override
  public String name() {
    return "pack";
  }

  @Override
  public Settings.Schema settings() {
    return SETTINGS;
  }

  @Override
  public String packing(Settings given) {
    return given.word(PRESET);
  }

  @Override
  public PassResult apply(Graph graph, PassContext context) {
    return PassResult.of(name(), "the file is packed beside itself, preset " + packing(context.settings()));
  }
}
