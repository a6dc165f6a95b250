package dev.dwindle.catalog;

import dev.dwindle.pass.Pass;
import dev.dwindle.pass.distil.Distil;
import dev.dwindle.pass.finetune.Finetune;
import dev.dwindle.pass.fold.Fold;
import dev.dwindle.pass.half.Half;
import dev.dwindle.pass.pack.Pack;
import dev.dwindle.pass.prune.Narrow;
import dev.dwindle.pass.prune.Prune;
import dev.dwindle.pass.quantize.Quantize;
import dev.dwindle.pass.rdoq.RateDistortion;
import dev.dwindle.pass.share.Share;
import dev.dwindle.pass.sparse.Sparse;
import dev.dwindle.pass.weights.Weights;
import java.util.List;
import java.util.Optional;

/** All passes, in the order in which the help shows them. */
public final class Passes {
  private static final List<Pass> ALL = List.of(
      new Fold(),
      new Distil(),
      new Prune(),
      new Narrow(),
      new Quantize(),
      new Weights(),
      new Half(),
      new Share(),
      new RateDistortion(),
      new Sparse(),
      new Finetune(),
      new Pack());

  private Passes() {}

  public static List<Pass> all() {
    return ALL;
  }

  /** The pass of this name. */
  public static Optional<Pass> find(String name) {
    return ALL.stream().filter(p -> p.name().equals(name)).findFirst();
  }

  public static List<String> names() {
    return ALL.stream().map(Pass::name).toList();
  }
}
