import { statfs } from "node:fs/promises";

/** Types of file systems that may lie beyond a network. Source: statfs(2), Linux manual pages 6.9, and linux/magic.h. */
const networkTypes: ReadonlyMap<number, string> = new Map([
  [0x6969, "NFS"],
  [0x517b, "SMB"],
  [0xff534d42, "SMB"],
  [0xfe534d42, "SMB"],
  [0x65735546, "FUSE"],
]);

/** Name of a network file system by its type number; null for a local one. */
export function networkFileSystemOf(type: number): string | null {
  // Some systems give the 32-bit number with a sign.
  return networkTypes.get(type >>> 0) ?? null;
}

/** Name of the network file system that a folder is on; null for a local one, or where types have other numbers than on Linux. */
export async function networkFileSystem(folder: string): Promise<string | null> {
  if (process.platform !== "linux") return null;
  return networkFileSystemOf((await statfs(folder)).type);
}
