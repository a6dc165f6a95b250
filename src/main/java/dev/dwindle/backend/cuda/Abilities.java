package dev.dwindle.backend.cuda;

import dev.dwindle.backend.CompileOptions.Precision;
import java.util.Set;
import java.util.function.Predicate;

/**
 * What a GPU can do that others cannot.
 *
 * @param precisions that its processors know
 * @param products those that cuBLASLt takes there; none where it is not installed
 */
record Abilities(Set<Precision> precisions, Predicate<BlasProduct> products) {}
