import { randomUUID } from "node:crypto";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { generate } from "selfsigned";

/** A certificate of a server, and the key for it. */
export interface Certificate {
  key: string;
  cert: string;
}

export interface SignedCertificate extends Certificate {
  /** The authority's own. */
  ca: string;
}

export interface CertificateOptions {
  /** DNS names for which it stands; otherwise it stands for 127.0.0.1. */
  names?: readonly string[];
  notBefore?: Date;
  notAfter?: Date;
}

const authority = { keyType: "ec", algorithm: "sha256" } as const;

/** A self-signed certificate for 127.0.0.1, or for these names, made on the spot. */
export async function makeCertificate(names: readonly string[] = []): Promise<Certificate> {
  const { private: key, cert } = await generate([{ name: "commonName", value: "self" }], {
    ...authority,
    extensions: [{ name: "basicConstraints", cA: true, critical: true }, standsFor(names)],
  });
  return { key, cert };
}

/** A certificate for a server, signed by a certificate authority made on the spot. It stands for a day before and after now. */
export async function makeSignedCertificate(options: CertificateOptions = {}): Promise<SignedCertificate> {
  const { names = [], notBefore = new Date(Date.now() - day), notAfter = new Date(Date.now() + day) } = options;
  // Its issuer is found by its name: no two may have the same.
  const ca = await generate([{ name: "commonName", value: `Authority ${randomUUID()}` }], {
    ...authority,
    notBeforeDate: new Date(Date.now() - 10 * day),
    notAfterDate: new Date(Date.now() + 10 * day),
    extensions: [
      { name: "basicConstraints", cA: true, critical: true },
      { name: "keyUsage", keyCertSign: true, cRLSign: true, critical: true },
    ],
  });
  const { private: key, cert } = await generate([{ name: "commonName", value: "server" }], {
    ...authority,
    ca: { key: ca.private, cert: ca.cert },
    notBeforeDate: notBefore,
    notAfterDate: notAfter,
    extensions: [{ name: "basicConstraints", cA: false, critical: true }, standsFor(names)],
  });
  return { key, cert, ca: ca.cert };
}

/** Trusts it until `closing` is closed. */
export function trust(certificate: string, closing: (() => unknown)[]): void {
  const before = getCACertificates("default");
  setDefaultCACertificates([...before, certificate]);
  closing.push(() => setDefaultCACertificates(before));
}

const day = 24 * 60 * 60 * 1000;

function standsFor(names: readonly string[]) {
  const altNames = names.map((value) => ({ type: 2 as const, value }));
  return {
    name: "subjectAltName" as const,
    altNames: altNames.length > 0 ? altNames : [{ type: 7 as const, ip: "127.0.0.1" }],
  };
}
