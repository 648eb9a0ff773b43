// IDX files: what MNIST and its kin are kept in.

/** A header with the sizes, then the bytes. */
export function idxBytes(sizes: readonly number[], data: Uint8Array): Uint8Array {
  const header = new DataView(new ArrayBuffer(4 + 4 * sizes.length));
  header.setUint32(0, 0x0800 + sizes.length);
  sizes.forEach((size, i) => header.setUint32(4 + 4 * i, size));
  return Uint8Array.from([...new Uint8Array(header.buffer), ...data]);
}
