import { tmpdir } from "node:os";
import { describe, expect, it } from "vitest";
import { networkFileSystem, networkFileSystemOf } from "./network-file-system.ts";

describe("a file system", () => {
  it.each([
    [0x6969, "NFS"],
    [0x517b, "SMB"],
    [0xff534d42, "SMB"],
    [0xff534d42 | 0, "SMB"],
    [0xfe534d42, "SMB"],
    [0x65735546, "FUSE"],
  ])("of type %i is beyond a network: %s", (type, name) => {
    expect(networkFileSystemOf(type)).toBe(name);
  });

  it.each([0xef53, 0x01021994, 0x58465342, 0x9123683e])("of type %i (ext, tmpfs, XFS, Btrfs) is local", (type) => {
    expect(networkFileSystemOf(type)).toBeNull();
  });

  it("of the temporary folder is local", async () => {
    expect(await networkFileSystem(tmpdir())).toBeNull();
  });
});
