import { parse } from "graphql";
import { expect, it } from "vitest";
import { createDocumentStore } from "../../src/http/document-store.ts";

/** A document whose text has so many characters, most of them in a comment. */
const documentOf = (length: number) => parse("{ a } #".padEnd(length, "x"));

it("more characters than are kept: the documents go that were not used for longest", async () => {
  const store = createDocumentStore(300, 100);
  const documents = ["a", "b", "c"].map((key) => [key, documentOf(100)] as const);
  for (const [key, document] of documents) await store.set(key, document);
  expect(await store.get("a")).toBe(documents[0]?.[1]);
  await store.set("d", documentOf(50));
  expect(await kept(["a", "b", "c", "d"])).toEqual([true, false, true, true]);
  await store.set("e", documentOf(50));
  expect(await kept(["a", "b", "c", "d", "e"])).toEqual([true, false, true, true, true]);

  function kept(keys: string[]) {
    return Promise.all(keys.map(async (key) => (await store.get(key)) !== undefined));
  }
});

it("a document with a longer text than may be kept pushes no other out", async () => {
  const store = createDocumentStore(300, 100);
  await store.set("a", documentOf(100));
  await store.set("long", documentOf(101));
  expect([await store.get("long"), (await store.get("a"))?.kind]).toEqual([undefined, "Document"]);
});

it("a document that is set again, or deleted, counts once, or no more", async () => {
  const store = createDocumentStore(300, 100);
  for (let count = 0; count < 5; count += 1) await store.set("a", documentOf(100));
  await store.set("b", documentOf(100));
  await store.delete("b");
  await store.set("c", documentOf(100));
  await store.set("d", documentOf(100));
  expect((await Promise.all(["a", "c", "d"].map((key) => store.get(key)))).map((found) => found?.kind)).toEqual(
    Array(3).fill("Document"),
  );
});
