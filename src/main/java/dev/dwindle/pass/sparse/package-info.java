/** Sparse tensors in the place of constants that are mostly zero. */
package dev.dwindle.pass.sparse;
