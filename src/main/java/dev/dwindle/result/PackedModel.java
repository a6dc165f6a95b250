package dev.dwindle.result;

/**
 * A model file, packed.
 *
 * @param path beside the model's
 * @param preset that it was packed by
 * @param bytes of the file
 */
public record PackedModel(String path, String preset, long bytes) {}
