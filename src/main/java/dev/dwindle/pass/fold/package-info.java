/** The pass that folds constants and BatchNormalization and removes what computes nothing. */
package dev.dwindle.pass.fold;
