import { createSocket } from "node:dgram";
import { Resolver } from "node:dns/promises";
import { once } from "node:events";
import { isIPv4 } from "node:net";

/** Addresses, or a refusal by its code (RFC 1035, 4.1.1), or nothing at all. */
export type DnsAnswer = readonly string[] | "SERVFAIL" | "NXDOMAIN" | "silence";

/** A DNS server on the loopback interface. Keeps the questions, such as `A provider.test`, once each if they are repeated. */
export async function startDnsServer(answer: (question: string) => DnsAnswer) {
  const questions: string[] = [];
  const ids = new Set<string>();
  const socket = createSocket("udp4");
  socket.on("message", (query, from) => {
    const { name, type, end } = readQuestion(query);
    const question = `${type} ${name}`;
    const id = `${query.readUInt16BE(0)} ${question}`;
    if (!ids.has(id)) questions.push(question);
    ids.add(id);
    const given = answer(question);
    if (given !== "silence") socket.send(reply(query.subarray(0, end), given), from.port, from.address);
  });
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  const address = `127.0.0.1:${socket.address().port}`;
  return {
    questions,
    /** Asks this server only, and waits for it however long it takes. */
    createResolver: () => resolverFor(address),
    close: async () => {
      socket.close();
      await once(socket, "close");
    },
  };
}

export function resolverFor(address: string): Resolver {
  const resolver = new Resolver({ timeout: 60_000, tries: 1 });
  resolver.setServers([address]);
  return resolver;
}

function readQuestion(query: Buffer) {
  const labels: string[] = [];
  let at = 12;
  for (let length = query.readUInt8(at); length > 0; length = query.readUInt8(at)) {
    labels.push(query.toString("latin1", at + 1, at + 1 + length));
    at += 1 + length;
  }
  const type = query.readUInt16BE(at + 1) === 28 ? "AAAA" : "A";
  return { name: labels.join(".").toLowerCase(), type, end: at + 5 };
}

/** The question again, and a record for each address; IPv6 addresses in full, as eight groups. */
function reply(question: Buffer, given: Exclude<DnsAnswer, "silence">): Buffer {
  const addresses = typeof given === "string" ? [] : given;
  const head = Buffer.from(question);
  const code = { NXDOMAIN: 3, SERVFAIL: 2 }[String(given)] ?? 0;
  head.writeUInt16BE(0x8180 | code, 2);
  head.writeUInt16BE(addresses.length, 6);
  head.fill(0, 8, 12);
  const records = addresses.map((address) => {
    const data = isIPv4(address)
      ? Buffer.from(address.split(".").map(Number))
      : Buffer.from(address.replaceAll(":", ""), "hex");
    const record = Buffer.alloc(12);
    record.writeUInt16BE(0xc00c, 0);
    record.writeUInt16BE(isIPv4(address) ? 1 : 28, 2);
    record.writeUInt16BE(1, 4);
    record.writeUInt32BE(60, 6);
    record.writeUInt16BE(data.length, 10);
    return Buffer.concat([record, data]);
  });
  return Buffer.concat([head, ...records]);
}
