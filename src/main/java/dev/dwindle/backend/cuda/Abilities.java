package dev.dwindle.backend.cuda;

import dev.dwindle.backend.CompileOptions.Precision;
import java.util.Set;
import java.util.function.ToLongFunction;

/**
 * What a GPU can do that others cannot.
 *
 * @param precisions that its processors know
 * @param workspace the bytes that cuBLASLt needs there for a product; -1 for those that it does not take, which are all where it is not installed
 */
record Abilities(Set<Precision> precisions, ToLongFunction<BlasProduct> workspace) {}
