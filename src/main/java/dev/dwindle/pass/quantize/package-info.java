/** Static post-training quantization to INT8 in QDQ form. */
package dev.dwindle.pass.quantize;
