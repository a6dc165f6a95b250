/** Activation statistics: the model with more outputs, run over calibration samples. */
package dev.dwindle.calibrate;
