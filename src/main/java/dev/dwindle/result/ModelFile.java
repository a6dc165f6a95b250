package dev.dwindle.result;

/**
 * A model file.
 *
 * @param path as the user gave it
 * @param bytes of the file and of its external data
 * @param weightBytes of its constants
 * @param sha256 of the file, in hexadecimal; null where it was not asked for
 * @param packed the same file, packed; null where it was not
 */
public record ModelFile(String path, long bytes, long weightBytes, String sha256, long irVersion, int opset,
    PackedModel packed) {
  /** A file that was not packed. */
  public ModelFile(String path, long bytes, long weightBytes, String sha256, long irVersion, int opset) {
    this(path, bytes, weightBytes, sha256, irVersion, opset, null);
  }

  public ModelFile withPacked(PackedModel other) {
    return new ModelFile(path, bytes, weightBytes, sha256, irVersion, opset, other);
  }
}
