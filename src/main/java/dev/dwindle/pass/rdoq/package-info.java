/** Rate-distortion optimized quantization: weights that a packer codes in few bits. */
package dev.dwindle.pass.rdoq;
