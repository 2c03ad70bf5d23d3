import { once } from "node:events";
import { mkdtempSync, writeFileSync } from "node:fs";
import { type AddressInfo, connect, createServer as createTcpServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createServer as createTlsServer } from "node:tls";
import { afterEach, expect, it } from "vitest";
import { CancellationHistoryDocument } from "../../schema/generated/graphql.ts";
import { firstLook, startSimulators } from "../../src/simulators/simulators.ts";
import { type Certificate, makeCertificate, makeSignedCertificate, trust } from "../support/certificate.ts";
import { post } from "../support/post.ts";
import { startServerProcess } from "../support/process.ts";
import { cancelOrders, type Service, simulatorOf, startService } from "../support/service.ts";

/** A provider behind TLS that is broken at first: every request is kept back, and is sent when the TLS is in order. */
const { cancellable } = firstLook.ONRAMP;

const opened: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close();
});

it("a certificate in order that a trusted authority has signed: sent at once", async () => {
  const { service, mend } = await broken(async () => {});
  mend();
  await expect.poll(() => service.read("ONRAMP", cancellable)).toMatchObject({ status: "CANCELLED" });
  expect((await endsOf(service)).at(-1)).toMatchObject({ failure: null, httpStatus: 200 });
});

it("an authority that NODE_EXTRA_CA_CERTS names is trusted", async () => {
  const certificate = await makeSignedCertificate();
  const file = join(mkdtempSync(join(tmpdir(), "tls-")), "ca.pem");
  writeFileSync(file, certificate.ca);
  const simulators = await startSimulators();
  opened.push(simulators.close);
  const { baseUrl } = simulatorOf(simulators, "ONRAMP");
  const ONRAMP_BASE_URL = await listen((socket) => terminate(socket, certificate, new URL(baseUrl)));
  const settings = { ...simulators.settings, ONRAMP_BASE_URL, SANDBOX: "false", NODE_EXTRA_CA_CERTS: file };
  const server = await startServerProcess(settings);
  opened.push(server.kill);
  const variables = { provider: "ONRAMP", ids: [cancellable] };
  const { data } = await post(server.url, { query: cancelOrders, variables });
  expect(data.cancelOrders.orders[0].cancellation.status).toBe("CANCELLED");
});

const day = 24 * 60 * 60 * 1000;
const yesterday = new Date(Date.now() - day);
const tomorrow = new Date(Date.now() + day);

it.each<[string, string, () => Promise<Certificate>]>([
  ["a self-signed certificate", "DEPTH_ZERO_SELF_SIGNED_CERT", () => makeCertificate()],
  ["a certificate of an authority that nobody trusts", "SELF_SIGNED_CERT_IN_CHAIN", () => makeSignedCertificate()],
  [
    "an expired certificate",
    "CERT_HAS_EXPIRED",
    () => signed({ notBefore: new Date(Date.now() - 2 * day), notAfter: yesterday }),
  ],
  [
    "a certificate that is not valid yet",
    "CERT_NOT_YET_VALID",
    () => signed({ notBefore: tomorrow, notAfter: new Date(Date.now() + 2 * day) }),
  ],
  ["a certificate for another name", "ERR_TLS_CERT_ALTNAME_INVALID", () => signed({ names: ["other.test"] })],
])("%s: not sent, told as TLS with %s, and sent when it is in order", async (_, code, make) => {
  const certificate = await make();
  const { service, mend } = await broken(async (socket, serve) => serve(socket, certificate));
  await keptBack(service, "TLS");
  const warning = service.lines.find((line) => line.includes('"event":"connection-failed"')) ?? "{}";
  expect(JSON.parse(warning)).toMatchObject({
    level: 40,
    host: expect.stringMatching(/^127.0.0.1:\d+$/),
    error: { code },
  });
  mend();
  await expect.poll(() => service.read("ONRAMP", cancellable)).toMatchObject({ status: "CANCELLED" });
});

it.each<[string, string, (socket: Socket) => unknown]>([
  ["a handshake that never ends", "CONNECT_TIMEOUT", () => {}],
  ["a handshake that is reset", "RESET", (socket) => socket.once("data", () => socket.resetAndDestroy())],
  ["a handshake that is closed", "RESET", (socket) => socket.once("data", () => socket.end())],
  ["a server that speaks no TLS", "TLS", (socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n")],
])("%s: not sent, told as %s, and sent when it is in order", async (_, failure, answer) => {
  const { service, mend } = await broken(async (socket) => answer(socket));
  await keptBack(service, failure);
  mend();
  await expect.poll(() => service.read("ONRAMP", cancellable)).toMatchObject({ status: "CANCELLED" });
});

/** Tried more than once, and still certain that nothing was sent. */
async function keptBack(service: Service, failure: string): Promise<void> {
  await expect.poll(async () => (await endsOf(service)).length).toBeGreaterThan(1);
  for (const ended of await endsOf(service)) {
    expect(ended).toMatchObject({ failure, problemCode: "PROVIDER_UNAVAILABLE", httpStatus: null });
  }
  expect(service.simulator("ONRAMP").received).toEqual([]);
  expect(await service.read("ONRAMP", cancellable)).toMatchObject({ status: "PENDING" });
}

async function endsOf(service: Service) {
  const { data } = await service.ask(CancellationHistoryDocument, { provider: "ONRAMP", orderId: cancellable });
  return data?.cancellation?.history.filter(({ kind }) => kind === "ATTEMPT_ENDED") ?? [];
}

type Answer = (socket: Socket, serve: (socket: Socket, certificate: Certificate) => void) => Promise<unknown>;

/** A service that has been asked to cancel. Its provider's TLS does this, until it is mended. */
async function broken(answer: Answer): Promise<{ service: Service; mend(): void }> {
  const good = await signed({});
  const state = { answer };
  const adapt = async ({ ONRAMP_BASE_URL = "" }) => {
    const serve = (socket: Socket, certificate: Certificate) =>
      terminate(socket, certificate, new URL(ONRAMP_BASE_URL));
    const url = await listen((socket) => void state.answer(socket, serve));
    return { ONRAMP_BASE_URL: url };
  };
  const settings = { CANCEL_WAIT_MS: "0", PROVIDER_TIMEOUT_MS: "2000", LEASE_MS: "12000", RETRY_DELAYS_MS: "300" };
  const service = await startService(settings, { adapt });
  opened.push(service.stop);
  await service.cancel("ONRAMP", [cancellable]);
  const mend = () => {
    state.answer = async (socket, serve) => serve(socket, good);
  };
  return { service, mend };
}

/** Speaks TLS with this certificate on the socket, and passes on what it hears. */
function terminate(socket: Socket, certificate: Certificate, { hostname, port }: URL): void {
  const server = createTlsServer(certificate, (near) => {
    const far = connect(Number(port), hostname);
    near.on("error", () => far.destroy()).pipe(far);
    far.on("error", () => near.destroy()).pipe(near);
  });
  server.on("tlsClientError", () => {});
  server.emit("connection", socket);
}

async function listen(onConnection: (socket: Socket) => void): Promise<string> {
  const sockets = new Set<Socket>();
  const server = createTcpServer((socket) => {
    sockets.add(socket.on("error", () => {}));
    onConnection(socket);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  opened.push(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** By an authority that is trusted until the end of the test. */
async function signed(options: Parameters<typeof makeSignedCertificate>[0]): Promise<Certificate> {
  const certificate = await makeSignedCertificate(options);
  trust(certificate.ca, opened);
  return certificate;
}
