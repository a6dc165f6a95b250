package dev.dwindle.backend.cpu.kernel;

import jdk.incubator.vector.FloatVector;

/**
 * The vector unit as this JVM uses it: what the register tiles are chosen by.
 *
 * @param vectorBits width of one vector register; honours {@code -XX:MaxVectorSize} and {@code
 *     -XX:UseAVX}
 * @param registers number of vector registers that compiled code may use
 * @param doubt one sentence on why kernels may be slow here; empty where there is no doubt
 */
public record Machine(int vectorBits, int registers, String doubt) {
  private static final Machine CURRENT = of(FloatVector.SPECIES_PREFERRED.vectorBitSize(),
      System.getProperty("os.arch", ""));

  /** The machine that this JVM runs on, found once. */
  public static Machine current() {
    return CURRENT;
  }

  /**
   * Judges a machine from its vector width and the JVM's name of its architecture. AArch64 always has
   * 32 registers; x86-64 has 32 only with AVX-512, which a 512-bit width proves. A narrower width may
   * be a choice on a machine with AVX-512; 16 registers are then right, only not the best.
   */
  static Machine of(int vectorBits, String architecture) {
    boolean arm = architecture.equals("aarch64");
    boolean x86 = architecture.equals("amd64") || architecture.equals("x86_64");
    int registers = arm || vectorBits >= 512 ? 32 : 16;
    String doubt = "";
    if (vectorBits < 128) {
      doubt = "this JVM offers vectors of only " + vectorBits + " bits, so kernels run slowly";
    } else if (!arm && !x86) {
      doubt = "nothing is known of the architecture '" + architecture + "', so 16 registers are assumed";
    }
    return new Machine(vectorBits, registers, doubt);
  }

  @Override
  public String toString() {
    return vectorBits + "-bit vectors, " + registers + " registers" + (doubt.isEmpty() ? "" : "; " + doubt);
  }
}
