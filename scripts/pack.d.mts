/** Packs a folder, which must be built, into a tarball in `destination`. */
export function pack(destination: string, folder?: string): { path: string; files: string[] };
