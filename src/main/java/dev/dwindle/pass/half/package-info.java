/** Constants in FP16 or BF16. */
package dev.dwindle.pass.half;
