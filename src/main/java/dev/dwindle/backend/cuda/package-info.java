/** NVIDIA GPUs: plans of kernels from {@code native/cuda}, run over the memory of a {@link dev.dwindle.backend.cuda.Device}. */
package dev.dwindle.backend.cuda;
