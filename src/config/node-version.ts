/** `engines` in package.json says the same. Older ones have no node:sqlite, or one with a fault. */
const least = { major: 24, minor: 15 };

/** Why this version of Node cannot run the service; undefined if it can. */
export function whyNotThisNode(version: string): string | undefined {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  if (major > least.major || (major === least.major && minor >= least.minor)) return undefined;
  return `needs Node ${least.major}.${least.minor} or newer, and this is ${version}`;
}
