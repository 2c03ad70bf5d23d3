import { readFileSync } from "node:fs";

const ours: { name: string; version: string } = JSON.parse(
  readFileSync(new URL("../../package.json", import.meta.url), "utf8"),
);

/**
 * Sent with every request of this service. Firewalls stop clients without a name (Cloudflare's Browser Integrity Check).
 * Without Accept-Encoding an answer may come in any coding (RFC 9110, 12.5.3).
 */
export const clientHeaders = {
  "user-agent": `${ours.name}/${ours.version}`,
  "accept-encoding": "identity",
} as const;
