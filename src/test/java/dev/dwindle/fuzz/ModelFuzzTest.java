package dev.dwindle.fuzz;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The first mutants of the long run ({@code benchmarks/fuzz-models}), from the seeds that the repository has itself. */
class ModelFuzzTest {
  @TempDir
  Path folder;

  @Test
  void damagedModelsAreRefusedInOneLineOrTaken() throws Exception {
    assertEquals(Map.of(), new ModelFuzzer(Seeds.own(folder), folder, 0, 4000).run(1).flaws());
  }
}
