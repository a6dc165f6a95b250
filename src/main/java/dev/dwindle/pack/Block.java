package dev.dwindle.pack;

/**
 * A coded block as the directory tells of it.
 *
 * @param packed its bytes in the packed file
 * @param crc CRC32C of the bytes that come out of it
 */
record Block(int packed, int crc) {}
