import type DataLoader from "dataloader";
import type { OrderKey } from "../../domain/cancellation.ts";
import type { Cancellation, Order } from "../types.ts";

/** An order as `_entities` answers it. */
export interface EntityOrder extends Order {
  __typename: "Order";
}

/** Reads many orders at once, with their cancellations. If that fails, the loader has the error for each of them. */
export function orderReader(
  read: (keys: readonly OrderKey[]) => Promise<(Cancellation | null)[]>,
  records: DataLoader<OrderKey, Cancellation | null, string>,
): (keys: readonly OrderKey[]) => Promise<EntityOrder[]> {
  let failure: Error | undefined;
  return async (keys) => {
    if (!failure) {
      const found = await read(keys).catch(asError);
      if (!(found instanceof Error)) return keys.map((key, index) => toEntity(key, found[index]));
      failure = found;
    }
    for (const key of keys) records.prime(key, failure);
    return keys.map((key) => toEntity(key, undefined));
  };
}

/** A failure is kept, as results are: what is run again for the words of an error does not ask again. */
export function keepFailures<Key, Value>(read: (keys: readonly Key[]) => Promise<Value[]>) {
  return (keys: readonly Key[]): Promise<(Value | Error)[]> =>
    read(keys).catch((error) => keys.map(() => asError(error)));
}

function toEntity({ provider, orderId }: OrderKey, known: Cancellation | null | undefined): EntityOrder {
  return { __typename: "Order", provider, id: orderId, known };
}

function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown), { cause: thrown });
}
