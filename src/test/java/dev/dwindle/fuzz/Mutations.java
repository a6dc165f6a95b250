package dev.dwindle.fuzz;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;

/** All mutations, by the names under which results count them: of bytes, of the encoding, of messages. */
final class Mutations {
  private Mutations() {}

  /** What any file may suffer. */
  static final Map<String, Mutation> OF_BYTES = ordered(Map.of(
      "bits flipped", Bytes::flip,
      "bytes overwritten", Bytes::overwrite,
      "truncated", Bytes::truncate,
      "bytes inserted", Bytes::insert,
      "bytes deleted", Bytes::delete,
      "spliced with another file", Bytes::splice));

  /** Those, and what only a protobuf message may suffer. */
  static final Map<String, Mutation> OF_MODELS = with(OF_BYTES, ordered(Map.of(
      "length changed", Encoding::length,
      "number of too many bytes", Encoding::longNumber,
      "tag changed", Encoding::tag,
      "fields swapped", Encoding::swap,
      "field repeated", Encoding::repeat,
      "field taken from another file", Encoding::transplant,
      "groups and messages nested", Encoding::nest,
      "field set to nonsense", Messages::nonsense,
      "name exchanged", Messages::name,
      "graphs and types nested", Messages::nest)));

  /** A file damaged by one to three of these mutations, the name of the last. */
  static Mutant mutant(Map<String, Mutation> mutations, Seed seed, Seed other, Random random) {
    Object[] names = mutations.keySet().toArray();
    String name = (String) names[random.nextInt(names.length)];
    byte[] bytes = mutations.get(name).apply(seed, other, random);
    for (int more = random.nextInt(6) - 3; more > 0 && bytes.length > 0; more--) {
      bytes = mutations.get((String) names[random.nextInt(names.length)]).apply(new Seed(seed.name(), bytes), other,
          random);
    }
    return new Mutant(name, seed.name(), bytes);
  }

  /** A damaged file. */
  record Mutant(String mutation, String seed, byte[] bytes) {}

  private static Map<String, Mutation> ordered(Map<String, Mutation> mutations) {
    return new java.util.TreeMap<>(mutations);
  }

  private static Map<String, Mutation> with(Map<String, Mutation> some, Map<String, Mutation> more) {
    Map<String, Mutation> all = new LinkedHashMap<>(some);
    all.putAll(more);
    return all;
  }
}
