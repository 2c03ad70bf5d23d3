import { afterEach, beforeAll, expect, it } from "vitest";
import { type Line, openLine } from "../../support/line.ts";
import type { Databases } from "../../support/postgres.ts";
import { type Service, startService } from "../../support/service.ts";
import { sharedPostgres } from "../../support/shared-postgres.ts";
import { type Subscribed, subscribe } from "../../support/subscribe.ts";

let postgres: Databases;
let made = 0;
const closing: (() => unknown)[] = [];
beforeAll(async () => {
  postgres = await sharedPostgres();
});
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

const id = "5a4db0c50000000000000001";

it("a client of one instance is told what another one does", async () => {
  const url = await postgres.createSchema(`told_${made++}`);
  const [one, two] = [await start(url), await start(url)];
  const stream = watch(one);
  expect(statusOf(await stream.next())).toBeUndefined();
  await two.cancel("TRONSAVE", [id]);
  expect(await stream.ended).toBeUndefined();
  expect(stream.events.map(statusOf)).toEqual([undefined, ...stream.events.slice(2).map(() => "PENDING"), "CANCELLED"]);
  // The change came by a notification: the look from time to time finds several states at once.
  expect(stream.events.length).toBeGreaterThan(2);
});

it("streams go on with the true state after the database was away, and show no error meanwhile", async () => {
  const url = await postgres.createSchema(`cut_${made++}`);
  const line = await opened(url);
  const [cutOff, other] = [await start(line.url), await start(url)];
  const stream = watch(cutOff);
  await stream.next();
  const asked = watch(cutOff, "{ cancellation { status history { kind } } }");
  await asked.next();
  line.cut();
  await other.cancel("TRONSAVE", [id]);
  line.restore();
  for (const each of [stream, asked]) {
    expect(await each.ended).toBeUndefined();
    expect(statusOf(each.events.at(-1))).toBe("CANCELLED");
    expect(each.events.filter(({ errors }) => errors)).toEqual([]);
  }
});

it("a subscription that begins while the database is away gets its first state when it is back", async () => {
  const line = await opened(await postgres.createSchema(`away_${made++}`));
  const service = await start(line.url);
  line.cut();
  const stream = watch(service);
  await expect.poll(() => service.lines.filter((each) => each.includes("watch-failed")).length).toBeGreaterThan(0);
  line.restore();
  expect(statusOf(await stream.next())).toBeUndefined();
  stream.stop();
});

function watch(service: Service, selection = "{ cancellation { status } }"): Subscribed {
  const query = `subscription ($ids: [ID!]!) { orderCancellations(provider: TRONSAVE, ids: $ids) ${selection} }`;
  return subscribe("WebSocket", service.url, { ids: [id] }, { query });
}

async function start(url: string): Promise<Service> {
  const service = await startService({ DATABASE_URL: url });
  closing.push(service.stop);
  return service;
}

async function opened(url: string): Promise<Line> {
  const line = await openLine(url);
  closing.push(line.close);
  return line;
}

function statusOf({
  data,
}: {
  data: { orderCancellations: { cancellation?: { status: string } } };
}): string | undefined {
  return data.orderCancellations.cancellation?.status;
}
