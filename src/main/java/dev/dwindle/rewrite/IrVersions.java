package dev.dwindle.rewrite;

/** Which version of the file format (IR) goes with which version of ONNX's operator set. */
public final class IrVersions {
  /** The first IR version in which an initializer need not be listed among the inputs. */
  public static final long FIRST_WITH_FREE_INITIALIZERS = 4;

  /** The first IR version that has sparse initializers. */
  public static final long FIRST_WITH_SPARSE_INITIALIZERS = 6;

  /** The first operator set of each IR version from 4 on (ONNX, "Versioning", released versions). */
  private static final int[] FIRST_OPSET = {9, 10, 11, 12, 15, 19, 21, 23, 24, 25, 28};

  private IrVersions() {}

  /** The lowest IR version with which the ONNX project released this operator set version. */
  public static long lowest(int opset) {
    long version = 3;
    for (int first : FIRST_OPSET) {
      version += opset >= first ? 1 : 0;
    }
    return version;
  }
}
