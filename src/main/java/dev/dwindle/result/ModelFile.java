package dev.dwindle.result;

/**
 * A model file.
 *
 * @param path as the user gave it
 * @param bytes of the file and of its external data
 * @param weightBytes of its constants
 * @param sha256 of the file, in hexadecimal; null where it was not asked for
 */
public record ModelFile(String path, long bytes, long weightBytes, String sha256, long irVersion, int opset) {}
