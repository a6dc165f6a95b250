/** Numbers with a shape: element types, shapes, tensors, and the errors that name what was found. */
package dev.dwindle.tensor;
